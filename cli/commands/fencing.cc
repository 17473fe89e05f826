#include "cli/commands/fencing.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/wait_until.h"

namespace skep {

namespace {

using Way = Fencing::Way;

/// The record of a manager's machine, if its provider can turn it on and off.
std::optional<Record> machine_record(const Member& member, const Operation& operation) {
  for (const auto& [id, record] : operation.stored.records) {
    const auto& node = record.resource.node.empty() ? id.name : record.resource.node;
    if (id.kind != machine_kind || node != member.node || id.generation != member.generation) continue;
    const Driver* driver = operation.cluster->catalog->find(record.resource.driver);
    if (driver == nullptr) return std::nullopt;
    const auto& inputs = driver->schema().inputs;
    const bool has_power = std::ranges::find(inputs, std::string("power"), &Field::name) != inputs.end();
    return has_power ? std::optional(record) : std::nullopt;
  }
  return std::nullopt;
}

/// "on", "off", or "gone", as its provider says now.
Result<std::string> power_of(const Record& machine, const Operation& operation, Outside& outside) {
  const Plan look =
      plan_of_steps(operation, {{.action = StepAction::read, .resource = machine.resource, .object = machine.object}});
  const Summary summary =
      TRY(carry_out(operation, look, outside).doing("look whether " + machine.resource.id.name + " is on"));
  const auto seen = summary.read.find(machine.resource.id);
  if (seen == summary.read.end() || !seen->second) return std::string("gone");
  return json_string_or(seen->second->attributes, "power", "on");
}

Result<void> turn(const Record& machine, const std::string& power, const Operation& operation, Outside& outside) {
  Step step = {.action = StepAction::update, .resource = machine.resource, .object = machine.object};
  step.resource.inputs["power"] = power;
  TRY(carry_out(operation, plan_of_steps(operation, {step}), outside)
          .doing("turn " + machine.resource.id.name + " " + power));
  return {};
}

Error cannot_be_fenced(const Member& member, const std::string& why) {
  return {ErrorCode::refused,
          fmt::format("{} cannot be reached ({}), and nobody can turn it off: it may still act", member.label(), why),
          fmt::format("bring it back; or make sure that it is off for good, and say so: --off {}", member.node)};
}

Result<Fencing> fencing_of(const RaftLook& look, const Operation& operation, const std::vector<std::string>& off,
                           Outside& outside) {
  Fencing fencing = {.member = look.host.member};
  fencing.machine = machine_record(look.host.member, operation);
  if (look.host.facts) {
    const Facts& facts = *look.host.facts;
    const bool is_in_none = facts.engine_answers ? facts.swarm.state == "inactive"
                                                 : facts.engine_package().empty() && !facts.has_swarm_state;
    fencing.way = is_in_none ? Way::none : Way::stop;
    return fencing;
  }
  if (std::ranges::find(off, look.host.member.node) != off.end()) return fencing;
  if (!fencing.machine) return cannot_be_fenced(look.host.member, look.host.why);
  const std::string power = TRY(power_of(*fencing.machine, operation, outside));
  fencing.way = power == "gone" ? Way::none : power == "off" ? Way::is_off : Way::power_off;
  return fencing;
}

}  // namespace

Result<std::vector<Fencing>> plan_fences(const Operation& operation, std::span<const RaftLook> others,
                                         const std::vector<std::string>& off, Outside& outside) {
  std::vector<Fencing> fencings;
  for (const auto& look : others) fencings.push_back(TRY(fencing_of(look, operation, off, outside)));
  return fencings;
}

Result<void> put_up(const Fencing& fencing, const Operation& operation, const Fleet& fleet, const Context& context,
                    Outside& outside) {
  if (fencing.way == Way::stop) return fence(fleet.tools(), fencing.member, context);
  if (fencing.way == Way::power_off) return turn(*fencing.machine, "off", operation, outside);
  return {};
}

Result<void> take_down(const Fencing& fencing, const Operation& operation, const Fleet& fleet, const Context& context,
                       Outside& outside) {
  const auto& tools = fleet.tools();
  if (fencing.way == Way::none) return {};
  if (fencing.way == Way::stop) return forget_swarm(tools, fencing.member, context);
  TRY(turn(*fencing.machine, "on", operation, outside));
  auto forgotten =
      wait_until<bool>(tools.clock, {.what = fencing.member.label() + " to answer", .at_most = std::chrono::minutes(3)},
                       context, [&](const Context& limited) -> Result<Looked<bool>> {
                         TRY(forget_swarm(tools, fencing.member, limited));
                         return Looked<bool>{.value = true};
                       });
  if (forgotten.ok()) return {};
  TRY(turn(*fencing.machine, "off", operation, outside));
  return std::move(forgotten).error();
}

}  // namespace skep
