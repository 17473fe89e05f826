// Several files of a spec, merged: a file merged with itself says what it says alone.
#include "fuzz_kit.h"
#include "planner/model/load_spec.h"
#include "spec_use.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<skep::Document> files;
  for (auto& part : skep::fuzz::parts_of(data, size)) {
    files.push_back({"file" + std::to_string(files.size()) + ".yaml", std::move(part)});
  }
  skep::fuzz::use_spec(files);
  const auto& first = files.front();
  const std::vector<skep::Document> alone = {first};
  const std::vector<skep::Document> twice = {first, first};
  const auto once = skep::load_spec(alone, skep::fuzz::variables());
  if (once.spec) skep::fuzz::require(skep::load_spec(twice, skep::fuzz::variables()).spec.has_value(), "f + f as f");
  return 0;
}
