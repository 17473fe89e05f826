#include "planner/engine/make_way.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "planner/engine/insert_steps.h"
#include "planner/engine/node_work.h"

namespace skep {

namespace {

constexpr const char* availability = "availability";
constexpr const char* serving = "serving";

using Ids = std::vector<StepId>;

// A change of the thing as it is, not as it is wanted: only the one field differs.
Resource as_it_is_but(const Item& item, const Schema& schema, const char* field, Json value) {
  Resource resource = item.record->resource;
  for (const auto& input : schema.inputs) {
    const auto reported = item.object->attributes.find(input.name);
    if (reported != item.object->attributes.end() && resource.inputs.contains(input.name))
      resource.inputs[input.name] = *reported;
  }
  resource.inputs[field] = std::move(value);
  resource.pool.clear();
  return resource;
}

// Those of them that wait for none of the others directly.
Ids first_of(const Ids& some, const Plan& plan) {
  const std::set<StepId> all(some.begin(), some.end());
  Ids first;
  std::ranges::copy_if(some, std::back_inserter(first), [&](StepId id) {
    return std::ranges::none_of(plan.steps[id].after, [&](StepId before) { return all.contains(before); });
  });
  return first;
}

class WayMaker {
 public:
  WayMaker(Plan& plan, Draft& draft, const State& state, const Schemas& schemas,
           const std::map<std::string, std::string>& pools)
      : plan_(plan), draft_(draft), state_(state), schemas_(schemas), pools_(pools) {}

  void pause_siblings();
  void bring_back();
  void take_out();

 private:
  struct Outage {  // of one generation of a node
    const Item* machine = nullptr;
    Ids disturbed = {};
    std::optional<StepId> gone = {};  // when it leaves the swarm
  };

  enum class Own { none, before, within, after };
  using Group = std::vector<const Item*>;

  const Schema* schema_with(const Item& item, const char* field) const;
  Insertion pause_of(const Item& item, Ids after) const;
  bool is_paused_before(const Item& item) const;
  bool is_behind_balancer(const Item& machine) const;
  std::map<std::pair<std::string, int>, Outage> outages() const;
  Own own_of(const Outage& outage) const;
  Resource machine_that(bool serves, const Outage& outage) const;

  Plan& plan_;
  Draft& draft_;
  const State& state_;
  const Schemas& schemas_;
  const std::map<std::string, std::string>& pools_;
};

const Schema* WayMaker::schema_with(const Item& item, const char* field) const {
  if (!item.record || !item.object || state_.unread.contains(item.id)) return nullptr;
  const auto schema = schemas_.find(item.record->resource.driver);
  return schema != schemas_.end() && schema->second->input(field) ? schema->second : nullptr;
}

bool WayMaker::is_paused_before(const Item& item) const {
  if (!item.has_heirs || !schema_with(item, availability)) return false;
  return plan_.steps[item.step].action == StepAction::destroy && !is_given_up(*item.object) &&
         json_string_or(item.object->attributes, availability) == "active";
}

// The last pause of a group waits for the others, so that those who go need wait for one only.
void WayMaker::pause_siblings() {
  std::map<std::string, Group> groups;
  for (const Item& item : draft_.items) {
    if (item.action != Action::destroy || !is_paused_before(item)) continue;
    const auto pool = pools_.find(item.node);
    groups[pool == pools_.end() ? "" : pool->second].push_back(&item);
  }
  std::erase_if(groups, [](const auto& group) { return group.second.size() < 2; });
  if (groups.empty()) return;
  std::vector<Insertion> pauses;
  for (const auto& [pool, items] : groups) {
    const StepId begin = (*std::ranges::min_element(items, {}, &Item::step))->step;
    for (const Item* item : std::span(items).subspan(1)) pauses.push_back(pause_of(*item, plan_.steps[begin].after));
  }
  insert_steps(plan_, draft_, std::move(pauses));
  std::map<ResourceId, StepId> paused;
  for (const Step& step : plan_.steps)
    if (step.action == StepAction::update && step.resource.id.kind == member_kind) paused[step.resource.id] = step.id;
  pauses.clear();
  for (const auto& [pool, items] : groups) {
    const StepId begin = (*std::ranges::min_element(items, {}, &Item::step))->step;
    Insertion last = pause_of(*items.front(), plan_.steps[begin].after);
    for (const Item* item : std::span(items).subspan(1)) last.after.push_back(paused.at(item->id));
    for (const Item* item : items) last.before.push_back(item->step);
    pauses.push_back(std::move(last));
  }
  insert_steps(plan_, draft_, std::move(pauses));
}

Insertion WayMaker::pause_of(const Item& item, Ids after) const {
  return {.step = {.action = StepAction::update,
                   .resource = as_it_is_but(item, *schema_with(item, availability), availability, "pause"),
                   .object = *item.object},
          .after = std::move(after)};
}

bool WayMaker::is_behind_balancer(const Item& machine) const {
  return schema_with(machine, serving) && !machine.is_fenced && machine.record->resource.inputs.contains(serving) &&
         json_member(machine.object->attributes, serving) == Json(true);
}

std::map<std::pair<std::string, int>, WayMaker::Outage> WayMaker::outages() const {
  std::map<std::pair<std::string, int>, Outage> found;
  for (const Item& item : draft_.items) {
    if (item.id.kind == machine_kind && !item.node.empty() && is_behind_balancer(item))
      found[{item.node, item.id.generation}].machine = &item;
  }
  for (const Item& item : draft_.items) {
    const auto outage = item.node.empty() ? found.end() : found.find({item.node, item.id.generation});
    if (outage == found.end() || item.action == Action::none) continue;
    if (item.is_emptied && plan_.steps[item.step].action == StepAction::destroy) outage->second.gone = item.step;
    if (item.action == Action::update && item.is_disruptive) outage->second.disturbed.push_back(item.step);
  }
  return found;
}

// A change of the machine's own that comes before the outage, within it or after it.
WayMaker::Own WayMaker::own_of(const Outage& outage) const {
  if (outage.machine->action != Action::update || outage.disturbed.empty()) return Own::none;
  const auto [begin, end] = std::ranges::minmax(outage.disturbed);
  const StepId own = outage.machine->step;
  return own < begin ? Own::before : own > end ? Own::after : Own::within;
}

// As it stands when the step is taken: nothing else may change by it.
Resource WayMaker::machine_that(bool serves, const Outage& outage) const {
  const Item& machine = *outage.machine;
  const Own own = own_of(outage);
  const bool is_changed = own == Own::before || (own == Own::within && serves);
  Resource resource = is_changed ? plan_.steps[machine.step].resource
                                 : as_it_is_but(machine, *schema_with(machine, serving), serving, serves);
  resource.inputs[serving] = serves;
  resource.pool.clear();
  return resource;
}

// After the node was disturbed, and before whatever waits for all of that on other nodes.
void WayMaker::bring_back() {
  std::vector<Insertion> returns;
  std::map<StepId, std::size_t> return_of;  // of each disturbing step
  for (const auto& [node, outage] : outages()) {
    if (outage.disturbed.empty() || outage.gone) continue;
    for (const StepId id : outage.disturbed) return_of[id] = returns.size();
    Insertion comes_back = {.after = outage.disturbed};
    comes_back.step = {
        .action = StepAction::update, .resource = machine_that(true, outage), .object = *outage.machine->object};
    if (own_of(outage) == Own::after) comes_back.before.push_back(outage.machine->step);
    returns.push_back(std::move(comes_back));
  }
  if (returns.empty()) return;
  for (const Step& step : plan_.steps) {
    std::map<std::size_t, std::size_t> count;
    for (const StepId before : step.after)
      if (const auto found = return_of.find(before); found != return_of.end()) ++count[found->second];
    for (const auto& [at, number] : count)
      if (number == returns[at].after.size()) returns[at].before.push_back(step.id);
  }
  for (const auto& [node, outage] : outages()) {
    if (own_of(outage) != Own::within) continue;
    auto& after = returns[return_of.at(outage.disturbed.front())].after;
    if (std::ranges::find(after, outage.machine->step) == after.end()) after.push_back(outage.machine->step);
  }
  insert_steps(plan_, draft_, std::move(returns));
}

void WayMaker::take_out() {
  std::vector<Insertion> leaves;
  for (const auto& [node, outage] : outages()) {
    const Item& machine = *outage.machine;
    if (outage.gone && machine.action != Action::destroy) continue;  // it is to serve again
    const Ids first = outage.gone ? Ids{*outage.gone} : first_of(outage.disturbed, plan_);
    if (first.empty()) continue;
    const StepId begin = *std::ranges::min_element(first);
    Insertion leave = {.after = plan_.steps[begin].after, .before = first};
    leave.step = {.action = StepAction::update, .resource = machine_that(false, outage), .object = *machine.object};
    const Own own = own_of(outage);
    Ids& there = own == Own::before ? leave.after : leave.before;
    const bool is_named = std::ranges::find(there, machine.step) != there.end();
    if ((own == Own::before || own == Own::within) && !is_named) there.push_back(machine.step);
    if (own == Own::within) plan_.steps[machine.step].resource.inputs[serving] = false;
    leaves.push_back(std::move(leave));
  }
  insert_steps(plan_, draft_, std::move(leaves));
}

}  // namespace

void make_way(Plan& plan, Draft& draft, const State& state, const Schemas& schemas,
              const std::map<std::string, std::string>& pools) {
  WayMaker way(plan, draft, state, schemas, pools);
  way.pause_siblings();
  way.bring_back();
  way.take_out();
}

}  // namespace skep
