#include "planner/engine/rollout.h"

#include <algorithm>
#include <set>

#include "planner/base/text.h"
#include "planner/engine/node_work.h"

namespace skep {

namespace {

constexpr std::string_view rolling_prefix = "rolling:";

// How one node is replaced: the new one stands before the old one goes, or the other way round. What moves from the old
// machine to the new one needs both: the new machine first, then the old one is taken out of service, then all the
// rest.
enum class Succession { new_first, old_first, hand_over };

class Rollout {
 public:
  Rollout(Draft& draft, const State& state, const PlanOptions& options)
      : draft_(draft), state_(state), options_(options), nodes_(work_on_nodes(draft, state)) {
    for (const auto& [node, pool] : options.node_pools) ++pool_size_[pool];
  }

  Waves plan();

 private:
  void replace_nodes(std::span<NodeWork* const> nodes, bool is_surge, std::size_t window);
  void disturb_nodes(std::span<NodeWork* const> nodes, std::size_t window);
  void phase_managers(std::span<NodeWork* const> nodes);
  void set_pools();
  void mark_emptied();
  void mark_heirs(const Positions& items);
  void all_before(const Positions& first, const Positions& then);
  void one_by_one(const Positions& items);
  Positions first_of(const Positions& items) const;
  Positions last_of(const Positions& items) const;
  Positions begin_of(const NodeWork& work, bool is_surge) const;
  Positions end_of(const NodeWork& work, bool is_surge) const;
  Positions repairs() const;
  Positions managers_that(bool are_created) const;

  Draft& draft_;
  const State& state_;
  const PlanOptions& options_;
  std::map<std::string, std::size_t> pool_size_ = {};
  std::map<std::string, NodeWork> nodes_;
  Waves waves_ = {};
};

Succession succession_of(const NodeWork& work, bool is_surge) {
  const bool is_new_first = is_surge && !work.is_old_first();
  if (is_new_first) return Succession::new_first;
  return work.moved.empty() ? Succession::old_first : Succession::hand_over;
}

// The node that the n-th one waits for: the first node of a pool goes alone, whatever the others may do at once.
std::size_t before_nth(std::size_t n, std::size_t window) { return n > window ? n - window : 0; }

void Rollout::all_before(const Positions& first, const Positions& then) {
  for (const auto left : first)
    for (const auto right : then)
      if (left != right) waves_.edges.push_back({left, right});
}

// The ones that need none of the others: made first, and destroyed last.
Positions Rollout::first_of(const Positions& items) const {
  std::set<ResourceId> ids;
  for (const auto i : items) ids.insert(draft_.items[i].id);
  Positions first;
  std::ranges::copy_if(items, std::back_inserter(first), [&](std::size_t i) {
    return std::ranges::none_of(draft_.items[i].resource.needs, [&](const auto& need) { return ids.contains(need); });
  });
  return first;
}

// The ones that none of the others needs: made last, and destroyed first.
Positions Rollout::last_of(const Positions& items) const {
  std::set<ResourceId> needed;
  for (const auto i : items)
    needed.insert(draft_.items[i].resource.needs.begin(), draft_.items[i].resource.needs.end());
  Positions last;
  std::ranges::copy_if(items, std::back_inserter(last),
                       [&](std::size_t i) { return !needed.contains(draft_.items[i].id); });
  return last;
}

Positions Rollout::begin_of(const NodeWork& work, bool is_surge) const {
  return succession_of(work, is_surge) == Succession::old_first ? last_of(work.gone) : first_of(work.made);
}

Positions Rollout::end_of(const NodeWork& work, bool is_surge) const {
  const Succession succession = succession_of(work, is_surge);
  Positions end = succession == Succession::old_first ? Positions{} : first_of(work.gone);
  // Where it left the swarm already, the old machine goes at once, and not only when the new one stands.
  const bool leaves = std::ranges::any_of(
      work.gone, [&](std::size_t i) { return draft_.items[i].id.kind == member_kind && !draft_.items[i].is_gone; });
  if (succession == Succession::new_first && leaves) return end;
  const Positions made = last_of(work.made);
  end.insert(end.end(), made.begin(), made.end());
  return end;
}

void Rollout::replace_nodes(std::span<NodeWork* const> nodes, bool is_surge, std::size_t window) {
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const NodeWork& work = *nodes[n];
    all_before(first_of(work.surplus), first_of(work.made));
    all_before(work.leaving, last_of(work.gone));
    all_before(last_of(work.made), work.arriving);
    switch (succession_of(work, is_surge)) {
      case Succession::new_first:
        mark_heirs(work.gone);
        all_before(last_of(work.made), last_of(work.gone));
        all_before(last_of(work.made), work.moved);
        all_before(work.moved, last_of(work.gone));
        break;
      case Succession::old_first:
        all_before(first_of(work.gone), first_of(work.made));
        break;
      case Succession::hand_over:
        all_before(first_of(work.made), last_of(work.gone));
        all_before(last_of(work.gone), work.moved);
        all_before(last_of(work.gone), last_of(work.made));
        break;
    }
    if (n > 0) all_before(end_of(*nodes[before_nth(n, window)], is_surge), begin_of(work, is_surge));
  }
}

void Rollout::disturb_nodes(std::span<NodeWork* const> nodes, std::size_t window) {
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const NodeWork& work = *nodes[n];
    all_before(work.leaving, work.disturbed);
    all_before(work.disturbed, work.arriving);
    if (n > 0) all_before(nodes[before_nth(n, window)]->disturbed, work.disturbed);
  }
}

// Dead managers that go, managers that are made again, and machines of managers that are switched on.
Positions Rollout::repairs() const {
  Positions found;
  for (const auto& [name, work] : nodes_) {
    if (!work.is_manager) continue;
    for (const auto i : work.managers) {
      const Item& item = draft_.items[i];
      const bool is_made_again = item.action == Action::create && item.record;
      const bool is_dead_one_going =
          item.action == Action::destroy && item.record && !is_manager_up(*item.record, state_);
      if (is_made_again || is_dead_one_going) found.push_back(i);
    }
    for (const auto i : work.made) {
      const Item& item = draft_.items[i];
      if (item.id.kind == machine_kind && item.action == Action::update && !item.is_disruptive) found.push_back(i);
    }
  }
  return found;
}

// Managers that come without an older generation, or go without a newer one.
Positions Rollout::managers_that(bool are_created) const {
  Positions found;
  for (const auto& [name, work] : nodes_) {
    if (work.is_replaced()) continue;
    for (const auto i : work.managers) {
      const Item& item = draft_.items[i];
      if (are_created && item.action == Action::create && !item.record) found.push_back(i);
      const bool is_up = item.record ? is_manager_up(*item.record, state_) : item.object != nullptr;
      if (!are_created && item.action == Action::destroy && is_up) found.push_back(i);
    }
  }
  std::ranges::sort(found, [&](std::size_t left, std::size_t right) {
    return natural_less(draft_.items[left].id.name, draft_.items[right].id.name);
  });
  return found;
}

void Rollout::phase_managers(std::span<NodeWork* const> nodes) {
  Positions gate = repairs();
  const auto pass = [&](const Positions& phase) {
    if (phase.empty()) return;
    all_before(gate, phase);
    gate = phase;
  };
  std::vector<NodeWork*> disturbed(nodes.begin(), nodes.end());
  std::erase_if(disturbed, [](const NodeWork* work) { return work->disturbed.empty(); });
  disturb_nodes(disturbed, 1);
  Positions updates;
  for (const auto* work : disturbed) updates.insert(updates.end(), work->disturbed.begin(), work->disturbed.end());
  pass(updates);
  Positions coming = managers_that(true);
  pass(coming);
  Positions replaced;
  for (const auto* work : nodes) {
    if (work->is_replaced() && !work->is_dead_manager)
      replaced.insert(replaced.end(), work->managers.begin(), work->managers.end());
  }
  pass(replaced);
  for (const auto* work : nodes) {
    if (work->is_replaced())
      std::ranges::copy_if(work->managers, std::back_inserter(coming),
                           [&](std::size_t i) { return draft_.items[i].action == Action::create; });
  }
  one_by_one(coming);
  const Positions going = managers_that(false);
  pass(going);
  one_by_one(going);
}

void Rollout::mark_emptied() {
  if (is_swarm_going(draft_)) return;
  for (auto& item : draft_.items) item.is_emptied = item.id.kind == member_kind && item.action == Action::destroy;
  for (const auto& [name, work] : nodes_) mark_heirs(work.removed);
}

void Rollout::mark_heirs(const Positions& items) {
  for (const auto i : items) draft_.items[i].has_heirs = draft_.items[i].is_emptied;
}

// Where one fails the next is not tried: it could be the one that costs the quorum.
void Rollout::one_by_one(const Positions& items) {
  for (std::size_t i = 1; i < items.size(); ++i) waves_.edges.push_back({items[i - 1], items[i]});
}

void Rollout::set_pools() {
  for (auto& item : draft_.items) {
    if (item.action == Action::none || item.resource.pool.empty()) {
      if (!item.is_disruptive || item.action != Action::update) continue;
    }
    std::string& pool = item.resource.pool;
    const auto work = nodes_.find(item.node);
    if (item.is_disruptive && work != nodes_.end() && work->second.is_manager)
      pool = membership_pool;
    else if (!item.is_disruptive && pool.starts_with(rolling_prefix))
      pool.clear();
    if (pool.empty()) continue;
    const bool is_rolling = pool.starts_with(rolling_prefix);
    waves_.pools[pool] =
        is_rolling ? batch_size(options_.rollout.max_unavailable, pool_size_[pool.substr(rolling_prefix.size())]) : 1;
  }
}

Waves Rollout::plan() {
  mark_emptied();
  std::map<std::string, std::vector<NodeWork*>> pools;  // of workers
  std::vector<NodeWork*> managers;
  for (auto& [name, work] : nodes_) {
    const auto pool = options_.node_pools.find(name);
    if (work.is_manager)
      managers.push_back(&work);
    else
      pools[pool == options_.node_pools.end() ? "" : pool->second].push_back(&work);
  }
  const auto replaced_of = [](std::vector<NodeWork*> nodes) {
    std::erase_if(nodes, [](const NodeWork* work) { return !work->is_replaced(); });
    return nodes;
  };
  std::ranges::sort(managers, has_turn_before);
  if (!is_swarm_going(draft_)) {
    replace_nodes(replaced_of(managers), true, 1);
    phase_managers(managers);
  }
  const auto is_calm = [](const NodeWork* work) { return work->disturbed.empty(); };
  const auto last_manager = std::ranges::find_if_not(managers.rbegin(), managers.rend(), is_calm);
  const auto& surge = options_.rollout.max_surge;
  for (auto& [pool, nodes] : pools) {
    std::ranges::sort(nodes, has_turn_before);
    const std::size_t size = pool_size_[pool];
    const std::size_t unavailable = batch_size(options_.rollout.max_unavailable, size);
    replace_nodes(replaced_of(nodes), surge.value > 0, surge.value > 0 ? batch_size(surge, size) : unavailable);
    std::erase_if(nodes, is_calm);
    // An engine of a manager may be newer than a worker's, not the other way round.
    if (last_manager != managers.rend() && !nodes.empty())
      all_before((*last_manager)->disturbed, nodes.front()->disturbed);
    disturb_nodes(nodes, unavailable);
  }
  for (const auto& [name, work] : nodes_) all_before(work.leaving, last_of(work.removed));
  set_pools();
  return std::move(waves_);
}

}  // namespace

std::uint32_t batch_size(const CountOrPercent& limit, std::size_t node_count) {
  const auto value = static_cast<std::size_t>(std::max(limit.value, 0));
  const std::size_t size = limit.percent ? node_count * value / 100 : value;
  return static_cast<std::uint32_t>(std::max<std::size_t>(size, 1));
}

Waves rollout(Draft& draft, const State& state, const PlanOptions& options) {
  return Rollout(draft, state, options).plan();
}

}  // namespace skep
