// One file of a spec, on its whole way to a plan.
#include "fuzz_kit.h"
#include "planner/model/load_spec.h"
#include "spec_use.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<skep::Document> files = {{"cluster.yaml", std::string(reinterpret_cast<const char*>(data), size)}};
  skep::fuzz::use_spec(files);
  return 0;
}
