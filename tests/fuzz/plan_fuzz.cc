// A saved plan: what is accepted can be shown, written and read again, and is then the same.
#include "cli/render/graph.h"
#include "cli/render/plan_text.h"
#include "fuzz_kit.h"
#include "planner/model/plan_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = skep::parse_json({reinterpret_cast<const char*>(data), size}, "the saved plan");
  if (!json.ok()) return 0;
  const auto plan = skep::plan_from_json(json.value());
  if (!plan.ok()) return 0;
  (void)skep::plan_text(plan.value(), {}, {});
  const auto written = skep::dump_json(skep::plan_json(plan.value()));
  const auto again = skep::plan_from_json(skep::parse_json(written, "").value());
  skep::fuzz::require(again.ok(), "what was written can be read");
  skep::fuzz::require(skep::dump_json(skep::plan_json(again.value())) == written, "it is the same");
  return 0;
}
