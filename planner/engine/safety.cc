#include "planner/engine/safety.h"

#include <algorithm>

#include "planner/base/text.h"
#include "planner/engine/node_work.h"
#include "planner/engine/quorum.h"

namespace skep {

namespace {

struct ManagerStep {
  StepId step = 0;
  QuorumEvent event = {};
};

using Reasons = std::vector<std::string>;

ResourceId manager_on(const Item& item) {
  return {.kind = manager_kind, .name = item.node, .generation = item.id.generation};
}

bool is_manager_node(const State& state, const Item& item) {
  return !item.node.empty() && state.records.contains(manager_on(item));
}

bool changes_power(const Item& item) {
  return std::ranges::any_of(item.fields, [](const FieldChange& change) { return change.field == "power"; });
}

// What the item does to the quorum, if anything.
std::optional<QuorumEvent> event_of(const Item& item, const Step& step, const State& state) {
  using Happening = QuorumEvent::Kind;
  const std::string id = to_text(item.id);
  if (item.id.kind == manager_kind && step.action == StepAction::create) {
    if (item.record) return QuorumEvent{.kind = Happening::again, .what = "create " + id + " again"};
    if (item.object) return std::nullopt;  // it is one already
    return QuorumEvent{.kind = Happening::add, .what = "create " + id};
  }
  if (item.id.kind == manager_kind && step.action == StepAction::destroy) {
    if (!item.object) return std::nullopt;  // begun, and not found
    const bool is_up = !item.record || is_manager_up(*item.record, state);
    return QuorumEvent{.kind = is_up ? Happening::drop : Happening::drop_dead, .what = "destroy " + id};
  }
  if (!is_manager_node(state, item) || step.action != StepAction::update) return std::nullopt;
  const bool is_up = is_manager_up(state.records.at(manager_on(item)), state);
  if (item.is_disruptive && is_up) return QuorumEvent{.kind = Happening::outage, .what = "update " + id};
  if (item.id.kind == machine_kind && changes_power(item))
    return QuorumEvent{.kind = Happening::power_on, .what = "start " + id};
  return std::nullopt;
}

Members members_now(const State& state) {
  Members members;
  for (auto at = state.records.lower_bound({.kind = manager_kind, .name = ""});
       at != state.records.end() && at->first.kind == manager_kind; ++at) {
    ++members.count;
    if (is_manager_up(at->second, state)) ++members.up;
  }
  for (const auto& [id, object] : state.unrecorded) {
    if (id.kind != manager_kind) continue;
    ++members.count;
    ++members.up;
  }
  return members;
}

// Which of the events have surely ended before each step starts, as bits.
std::vector<std::uint64_t> ended_before(const Plan& plan, const std::vector<ManagerStep>& events) {
  std::vector<std::uint64_t> own(plan.steps.size(), 0);
  for (std::size_t e = 0; e < events.size(); ++e) own[events[e].step] |= std::uint64_t{1} << e;
  std::vector<std::uint64_t> ended(plan.steps.size(), 0);
  for (const Step& step : plan.steps)
    for (const StepId earlier : step.after) ended[step.id] |= ended[earlier] | own[earlier];
  return ended;
}

// A machine may only go when the manager on it was demoted before.
void check_machines(const Plan& plan, const Draft& draft, const State& state, const std::vector<ManagerStep>& events,
                    const std::vector<std::uint64_t>& ended, Reasons& reasons) {
  for (const Item& item : draft.items) {
    if (item.id.kind != machine_kind || item.action != Action::destroy || !is_manager_node(state, item)) continue;
    const ResourceId manager = manager_on(item);
    bool is_demoted = false;
    for (std::size_t e = 0; e < events.size(); ++e)
      is_demoted = is_demoted || (plan.steps[events[e].step].resource.id == manager && ((ended[item.step] >> e) & 1));
    if (!is_demoted)
      reasons.push_back("destroy " + to_text(item.id) + ": " + to_text(manager) + " on it would not be demoted before");
  }
}

void check_quorum(Plan& plan, const Draft& draft, const State& state, Reasons& reasons) {
  if (is_swarm_going(draft)) return;
  std::vector<ManagerStep> events;
  for (const Item& item : draft.items) {
    if (item.action == Action::none) continue;
    if (auto event = event_of(item, plan.steps[item.step], state)) events.push_back({item.step, std::move(*event)});
  }
  std::ranges::sort(events, {}, &ManagerStep::step);
  if (events.size() > most_quorum_events) events.resize(most_quorum_events + 1);
  std::vector<QuorumEvent> changes;
  if (events.size() <= most_quorum_events) {
    const auto ended = ended_before(plan, events);
    for (auto& event : events) event.event.after = ended[event.step];
    check_machines(plan, draft, state, events, ended, reasons);
  }
  for (auto& event : events) changes.push_back(event.event);
  QuorumProof proof = prove_quorum(members_now(state), changes);
  reasons.insert(reasons.end(), proof.refusals.begin(), proof.refusals.end());
  plan.warnings.insert(plan.warnings.end(), proof.warnings.begin(), proof.warnings.end());
  plan.quorum = std::move(proof.lines);
}

void check_protection(Plan& plan, const Draft& draft, const Schemas& schemas, const PlanOptions& options,
                      Reasons& reasons) {
  for (const Item& item : draft.items) {
    if (item.action != Action::destroy || item.is_gone) continue;
    const std::string id = to_text(item.id);
    const Resource& resource = plan.steps[item.step].resource;
    const auto schema = schemas.find(resource.driver);
    const bool holds_data = schema != schemas.end() && schema->second->holds_data;
    if (resource.protect && !options.allow_protected)
      reasons.push_back("destroy " + id + ": it is protected" + (holds_data ? ", and its data would be lost" : ""));
    else if (holds_data)
      plan.warnings.push_back("the data of " + id + " is lost: it is destroyed");
  }
}

Reasons impossible(const Draft& draft) {
  Reasons reasons;
  for (const Item& item : draft.items) {
    if (item.action == Action::none) continue;
    for (const auto& refusal : item.refusals) reasons.push_back(to_text(item.id) + ": " + refusal);
  }
  return reasons;
}

}  // namespace

Result<void> check_safety(Plan& plan, const Draft& draft, const State& state, const Schemas& schemas,
                          const PlanOptions& options) {
  Reasons unsafe;
  check_quorum(plan, draft, state, unsafe);
  Reasons is_protected;
  check_protection(plan, draft, schemas, options, is_protected);
  const Reasons cannot_be = impossible(draft);
  Reasons all = unsafe;
  all.insert(all.end(), is_protected.begin(), is_protected.end());
  all.insert(all.end(), cannot_be.begin(), cannot_be.end());
  if (all.empty()) return {};
  std::string hint = "put the old value back into the spec: only a new one can have another";
  if (!is_protected.empty())
    hint = "if this is what you want, set `protect: false` and apply that first, or give --allow-protected";
  if (!unsafe.empty()) hint = "bring managers that are down back first, or make the change in smaller steps";
  return Error{.code = ErrorCode::refused,
               .message = (all.size() == 1 ? "" : "the plan is refused:\n  ") + join(all, "\n  "),
               .hint = hint};
}

}  // namespace skep
