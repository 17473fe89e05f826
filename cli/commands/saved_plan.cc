#include "cli/commands/saved_plan.h"

#include <set>

#include "cli/commands/state_keys.h"
#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

constexpr std::size_t plan_limit_bytes = 256u << 20;  // a plan of 10 000 resources takes about 20 MB

}  // namespace

Result<void> write_plan(const Plan& plan, const std::string& path, Outside& outside) {
  KeyRing keys = TRY(state_keys(outside));
  const std::string text =
      TRY(keys.seal({{"type", "sealed_plan"}, {"tool", "skep"}}, dump_json_pretty(plan_json(plan)), outside.random));
  return outside.files.write(path, text, 0600).doing("save the plan");
}

Result<Plan> read_plan(const std::string& path, const Outside& outside) {
  const std::string stored = TRY(outside.files.read(path, plan_limit_bytes).doing("the saved plan"));
  KeyRing keys = TRY(state_keys(outside));
  const std::string text = TRY(keys.open(stored, "the saved plan " + path));
  const auto json = parse_json(text, path);
  if (!json.ok()) {
    return Error{ErrorCode::invalid_input, path + " is no saved plan of skep", "save one with: skep plan -out FILE"};
  }
  return plan_from_json(json.value()).doing(path);
}

Result<void> check_not_stale(const Plan& plan, const std::string& path, const Spec& spec, const State& state) {
  std::vector<std::string> moved;
  if (plan.cluster != spec.name) moved.push_back("it is for the cluster " + plan.cluster + ", not " + spec.name);
  if (plan.cluster == spec.name && plan.spec_digest != spec.digest) moved.emplace_back("the spec has changed since");
  // A state that nothing was ever written to has no identity of its own yet.
  const bool is_new = plan.state_serial == 0 && state.serial == 0;
  if (!is_new && plan.lineage != state.lineage) {
    moved.emplace_back("it was made from another state (lineage " + plan.lineage + ", here " + state.lineage + ")");
  } else if (plan.state_serial != state.serial) {
    moved.push_back("the state has moved on from serial " + std::to_string(plan.state_serial) + " to " +
                    std::to_string(state.serial));
  }
  std::set<ResourceId> planned;
  for (const auto& step : plan.steps) planned.insert(step.resource.id);
  for (const auto& intent : state.open) {  // one that the plan goes on with is no surprise
    if (planned.contains(intent.resource.id)) continue;
    moved.push_back("another apply began with " + to_text(intent.resource.id) + " and broke off");
  }
  if (moved.empty()) return {};
  return Error{ErrorCode::invalid_input, "the saved plan " + path + " is stale: " + join(moved, "; "),
               "make it again: skep plan -out " + path};
}

}  // namespace skep
