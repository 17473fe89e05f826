#include "planner/engine/ahead.h"

#include <algorithm>

#include "planner/engine/insert_steps.h"
#include "planner/engine/node_work.h"

namespace skep {

namespace {

bool is_given_up_by_the_swarm(const ResourceId& machine, const std::string& node, const State& state) {
  const auto member = state.records.find({.kind = member_kind, .name = node, .generation = machine.generation});
  return member != state.records.end() && !state.unread.contains(member->first) && is_given_up(member->second.object);
}

// Something on this machine, not the machine itself, could not be looked at.
bool is_silent(const ResourceId& machine, const std::string& node, const State& state) {
  return std::ranges::any_of(state.unread, [&](const auto& entry) {
    const auto record = state.records.find(entry.first);
    return record != state.records.end() && record->second.resource.node == node && entry.first != machine &&
           entry.first.generation == machine.generation;
  });
}

std::vector<Insertion> fences(const Plan& plan, const Draft& draft) {
  std::vector<Insertion> ahead;
  for (const Item& item : draft.items) {
    if (!item.is_fenced) continue;
    const Step& goes = plan.steps[item.step];
    Insertion fence = {.step = {.action = StepAction::update, .resource = goes.resource, .object = goes.object}};
    fence.step.resource.inputs["power"] = "off";
    for (const Item& other : draft.items) {
      const bool is_on_it = other.node == item.node && other.id.generation == item.id.generation;
      if (is_on_it && other.action == Action::destroy) fence.before.push_back(other.step);
    }
    ahead.push_back(std::move(fence));
  }
  return ahead;
}

// Of each step, whether it is to be prepared.
std::vector<bool> steps_to_prepare(const Plan& plan, const Draft& draft, const Schemas& schemas) {
  std::vector<bool> found(plan.steps.size(), false);
  for (const Item& item : draft.items) {
    if (item.action != Action::update || !item.is_disruptive) continue;
    const auto schema = schemas.find(plan.steps[item.step].resource.driver);
    if (schema != schemas.end() && schema->second->prepares_update) found[item.step] = true;
  }
  return found;
}

// Those of them that wait for none of the others, directly or not. Steps wait for lower numbers only.
std::vector<StepId> first_among(const std::vector<bool>& some, const Plan& plan) {
  std::vector<bool> waits(plan.steps.size(), false);
  std::vector<StepId> first;
  for (const Step& step : plan.steps) {
    waits[step.id] = std::ranges::any_of(step.after, [&](StepId before) { return some[before] || waits[before]; });
    if (some[step.id] && !waits[step.id]) first.push_back(step.id);
  }
  return first;
}

std::vector<Insertion> preparations(const Plan& plan, const Draft& draft, const Schemas& schemas) {
  const auto prepared = steps_to_prepare(plan, draft, schemas);
  const auto first = first_among(prepared, plan);
  std::vector<Insertion> ahead;
  for (const Step& step : plan.steps) {
    if (!prepared[step.id]) continue;
    ahead.push_back(
        {.step = {.action = StepAction::prepare, .resource = step.resource, .object = step.object}, .before = first});
    ahead.back().step.resource.pool.clear();
  }
  return ahead;
}

}  // namespace

void mark_fenced(Draft& draft, const State& state, const Schemas& schemas) {
  if (state.unread.empty()) return;
  for (Item& item : draft.items) {
    if (item.id.kind != machine_kind || item.action != Action::destroy || item.node.empty() || !item.object) continue;
    const auto schema = schemas.find(item.resource.driver);
    if (schema == schemas.end() || schema->second->input("power") == nullptr) continue;
    if (state.unread.contains(item.id) || json_string_or(item.object->attributes, "power") == "off") continue;
    item.is_fenced = is_silent(item.id, item.node, state) && is_given_up_by_the_swarm(item.id, item.node, state);
    if (item.is_fenced)
      draft.warnings.push_back(item.node + " is silent and may still run containers: it is turned off first");
  }
}

void put_ahead(Plan& plan, Draft& draft, const Schemas& schemas) {
  std::vector<Insertion> ahead = fences(plan, draft);
  std::ranges::move(preparations(plan, draft, schemas), std::back_inserter(ahead));
  insert_steps(plan, draft, std::move(ahead));
}

}  // namespace skep
