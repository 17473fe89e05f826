// A state as text: what is accepted can be written and read again, and is then the same.
#include "fuzz_kit.h"
#include "planner/store/snapshot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = skep::parse_json({reinterpret_cast<const char*>(data), size}, "the snapshot");
  if (!json.ok()) return 0;
  const auto state = skep::state_of_snapshot(json.value(), "the snapshot");
  if (!state.ok()) return 0;
  const auto written = skep::dump_json(skep::snapshot_json(state.value()));
  const auto again = skep::state_of_snapshot(skep::parse_json(written, "").value(), "again");
  skep::fuzz::require(again.ok(), "what was written can be read");
  skep::fuzz::require(skep::dump_json(skep::snapshot_json(again.value())) == written, "it is the same");
  return 0;
}
