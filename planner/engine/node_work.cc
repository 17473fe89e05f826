#include "planner/engine/node_work.h"

#include <algorithm>
#include <tuple>

#include "planner/base/text.h"

namespace skep {

namespace {

bool holds_volume(const Resource& resource) {
  return std::ranges::any_of(resource.needs, [](const ResourceId& id) { return id.kind == "volume"; });
}

class WorkCollector {
 public:
  WorkCollector(const Draft& draft, const State& state) : draft_(draft), state_(state) {}
  std::map<std::string, NodeWork> collect() &&;

 private:
  void collect_items();
  void set_surplus_apart(NodeWork& work) const;
  void note_managers();
  void collect_moved();
  void collect_moving();
  NodeWork* leaver_among(const std::vector<ResourceId>& needs);

  const Draft& draft_;
  const State& state_;
  std::map<std::string, NodeWork> nodes_ = {};
  std::map<ResourceId, std::string> made_ = {};  // to their nodes
};

std::map<std::string, NodeWork> WorkCollector::collect() && {
  collect_items();
  for (auto& [name, work] : nodes_) set_surplus_apart(work);
  note_managers();
  collect_moved();
  collect_moving();
  return std::move(nodes_);
}

void WorkCollector::collect_items() {
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    const Item& item = draft_.items[i];
    if (item.action == Action::none || item.node.empty()) continue;
    NodeWork& work = nodes_.try_emplace(item.node, NodeWork{.node = item.node}).first->second;
    if (item.id.kind == manager_kind) {
      work.is_manager = true;
      work.managers.push_back(i);
      if (item.action == Action::destroy && item.record && !is_manager_up(*item.record, state_))
        work.is_dead_manager = true;
    }
    if (item.action == Action::destroy) (item.is_replacement ? work.gone : work.removed).push_back(i);
    if (item.action == Action::create || item.action == Action::update) work.made.push_back(i);
    if (item.action == Action::create && holds_volume(item.resource)) work.has_volume = true;
    if (item.is_disruptive) work.disturbed.push_back(i);
    work.is_in_flight = work.is_in_flight || item.is_in_flight;
  }
}

void WorkCollector::note_managers() {
  for (auto at = state_.records.lower_bound({.kind = manager_kind, .name = ""});
       at != state_.records.end() && at->first.kind == manager_kind; ++at) {
    const auto work = nodes_.find(at->second.resource.node);
    if (work == nodes_.end()) continue;
    work->second.is_manager = true;
    const auto member = state_.records.find(
        {.kind = member_kind, .name = work->first, .generation = at->second.resource.id.generation});
    if (member == state_.records.end()) continue;
    const auto& attributes = member->second.object.attributes;
    work->second.is_leader = work->second.is_leader || json_member(attributes, "leader") == Json(true);
  }
}

// One older generation is enough to serve until the new one does: the newest that is in the swarm.
void WorkCollector::set_surplus_apart(NodeWork& work) const {
  int serving = 0;
  int newest = 0;
  for (const auto i : work.gone) {
    const Item& item = draft_.items[i];
    newest = std::max(newest, item.id.generation);
    const bool is_member = item.id.kind == (work.is_manager ? manager_kind : member_kind);
    if (is_member && item.object) serving = std::max(serving, item.id.generation);
  }
  if (serving == 0) serving = newest;
  const auto is_serving = [&](std::size_t i) { return draft_.items[i].id.generation == serving; };
  std::ranges::copy_if(work.gone, std::back_inserter(work.surplus), [&](std::size_t i) { return !is_serving(i); });
  std::erase_if(work.gone, [&](std::size_t i) { return !is_serving(i); });
  work.is_in_flight = work.is_in_flight || !work.surplus.empty();
}

// The old machine cannot go before these have left it, and they cannot leave it before the new one stands.
void WorkCollector::collect_moved() {
  std::map<ResourceId, NodeWork*> nodes;  // of every item that is made or goes
  for (auto& [name, work] : nodes_) {
    for (const auto* items : {&work.made, &work.gone})
      for (const auto i : *items) nodes.emplace(draft_.items[i].id, &work);
  }
  const auto node_among = [&](const std::vector<ResourceId>& ids, const Positions NodeWork::*part) -> NodeWork* {
    for (const auto& id : ids) {
      const auto found = nodes.find(id);
      if (found == nodes.end()) continue;
      const Positions& items = found->second->*part;
      if (std::ranges::any_of(items, [&](std::size_t i) { return draft_.items[i].id == id; })) return found->second;
    }
    return nullptr;
  };
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    const Item& item = draft_.items[i];
    const Resource* former = item.intent ? &item.intent->resource : item.record ? &item.record->resource : nullptr;
    if (!former || item.action == Action::destroy || !item.node.empty()) continue;
    NodeWork* from = node_among(former->needs, &NodeWork::gone);
    if (from && from == node_among(item.resource.needs, &NodeWork::made)) from->moved.push_back(i);
  }
}

// The node of a machine that is there, or that is made now, if it is out of service for a while or for good.
NodeWork* WorkCollector::leaver_among(const std::vector<ResourceId>& needs) {
  for (const auto& id : needs) {
    const auto record = state_.records.find(id);
    const auto made = made_.find(id);
    const std::string* node = record != state_.records.end() ? &record->second.resource.node
                              : made != made_.end()          ? &made->second
                                                             : nullptr;
    const auto work = node ? nodes_.find(*node) : nodes_.end();
    if (work != nodes_.end() && work->second.goes_out_of_service()) return &work->second;
  }
  return nullptr;
}

// A floating IP that goes from a node which is taken out of service to another one.
void WorkCollector::collect_moving() {
  for (const auto& [name, work] : nodes_)
    for (const auto i : work.made) made_.emplace(draft_.items[i].id, name);
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    const Item& item = draft_.items[i];
    if (!item.record || item.action != Action::update || !item.node.empty()) continue;
    NodeWork* from = leaver_among(item.record->resource.needs);
    NodeWork* to = leaver_among(item.resource.needs);
    if (!from || from == to || std::ranges::find(from->moved, i) != from->moved.end()) continue;
    from->leaving.push_back(i);
    if (to) to->arriving.push_back(i);
  }
}

}  // namespace

std::map<std::string, NodeWork> work_on_nodes(const Draft& draft, const State& state) {
  return WorkCollector(draft, state).collect();
}

bool has_turn_before(const NodeWork* left, const NodeWork* right) {
  // As their phases go: dead managers first.
  const auto turn = [](const NodeWork& work) {
    return std::tuple(!work.is_dead_manager, !work.is_in_flight, !work.leaving.empty(), work.is_leader);
  };
  if (turn(*left) != turn(*right)) return turn(*left) < turn(*right);
  return natural_less(left->node, right->node);
}

bool is_given_up(const Object& member) {
  return json_string_or(member.attributes, "state") == "down" ||
         json_string_or(member.attributes, "reachability") == "unreachable";
}

bool is_swarm_going(const Draft& draft) {
  return std::ranges::none_of(
      draft.items, [](const Item& item) { return item.id.kind == swarm_kind && item.action != Action::destroy; });
}

bool is_manager_up(const Record& manager, const State& state) {
  const ResourceId& id = manager.resource.id;
  if (state.unread.contains(id)) return false;
  if (is_given_up(manager.object)) return false;
  if (manager.resource.node.empty()) return true;
  const ResourceId machine = {.kind = machine_kind, .name = manager.resource.node, .generation = id.generation};
  if (state.unread.contains(machine)) return false;
  const auto is_on = [](const Object& object) { return json_string_or(object.attributes, "power") != "off"; };
  if (const auto record = state.records.find(machine); record != state.records.end())
    return is_on(record->second.object);
  const auto object = state.unrecorded.find(machine);
  return object != state.unrecorded.end() && is_on(object->second);
}

}  // namespace skep
