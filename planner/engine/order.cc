#include "planner/engine/order.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>
#include <unordered_set>

#include "planner/engine/node_work.h"
#include "planner/model/refs.h"

namespace skep {

namespace {

using Ids = std::unordered_set<ResourceId, IdHash>;

// Everything a resource stands on: what it says it needs, and what it refers to.
std::vector<ResourceId> uses(const Resource& resource) {
  std::vector<ResourceId> ids = resource.needs;
  for (auto& id : referenced(resource.inputs)) ids.push_back(std::move(id));
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  return ids;
}

// How much is lost if an edge gives way because needs go in a circle: the one that costs least does.
enum class Weight {
  loose,     // one manager is promoted before every other one has joined
  wave,      // a rollout is a little less gentle
  report,    // what exists names what goes, or a record is forgotten early
  standing,  // what exists is changed before what it stands on, which exists as well
  former,    // what was used goes a little before the change that lets it go
  host,      // what stands on a host is taken down after it was taken from it
  hard,      // it cannot be done
};

class Ordering {
 public:
  Ordering(Draft& draft, std::span<const Edge> waves);

  Result<std::vector<Step>> steps();

 private:
  bool is_destroyed(std::size_t i) const { return draft_.items[i].action == Action::destroy; }
  const std::size_t* find(const ResourceId& id) const;
  void decide_forgotten();
  bool stands_on_what_goes_first(const Resource& resource, const Ids& hosts) const;
  bool leaves(std::size_t moved, const Ids& hosts) const;
  bool is_off(const ResourceId& machine) const;
  bool reaches(std::size_t from, const Ids& targets) const;
  bool is_loose(const Item& item, const ResourceId& need) const;
  void add_edges();
  void add_made(std::size_t i);
  void add_begun(std::size_t i);
  void add_reported(std::size_t i, const Json& attributes);
  void add_destroyed(std::size_t i);
  void add_forgotten(std::size_t i);
  void before_hosts_of(std::size_t i, std::size_t forgotten);
  void edge(std::size_t before, std::size_t after, Weight weight = Weight::hard);
  bool number();
  std::optional<std::size_t> break_circle();

  Draft& draft_;
  std::span<const Edge> waves_;
  std::unordered_map<ResourceId, std::size_t, IdHash> index_;  // of all items
  std::unordered_map<std::string, std::size_t> going_;         // what is destroyed, by remote id
  std::vector<bool> is_forgotten_;
  struct Later {
    std::size_t item = 0;
    Weight weight = Weight::hard;
  };
  std::vector<std::vector<Later>> later_;  // of each item, those that wait for it
  std::vector<std::size_t> waits_;         // of each item, for how many
  std::vector<bool> is_numbered_;
  std::vector<std::size_t> numbered_;  // items in the order of their steps
};

Ordering::Ordering(Draft& draft, std::span<const Edge> waves)
    : draft_(draft),
      waves_(waves),
      index_(draft.index()),
      is_forgotten_(draft.items.size(), false),
      later_(draft.items.size()),
      waits_(draft.items.size(), 0),
      is_numbered_(draft.items.size(), false) {
  for (std::size_t i = 0; i < draft.items.size(); ++i) {
    const Object* object = draft.items[i].object;
    if (is_destroyed(i) && object && !object->remote_id.empty()) going_.emplace(object->remote_id, i);
  }
}

// The item of this id that has something to do.
const std::size_t* Ordering::find(const ResourceId& id) const {
  const auto found = index_.find(id);
  return found == index_.end() || draft_.items[found->second].action == Action::none ? nullptr : &found->second;
}

void Ordering::edge(std::size_t before, std::size_t after, Weight weight) {
  if (before == after) return;
  later_[before].push_back({after, weight});
  ++waits_[after];
}

// A thing vanishes with its hosts when all of them go, and nothing under it is destroyed by hand or moved before them:
// a volume that is detached while its machine still runs must be unmounted first. Needs are decided before what needs
// them.
void Ordering::decide_forgotten() {
  std::vector<std::size_t> waits(draft_.items.size(), 0);
  std::vector<std::vector<std::size_t>> users(draft_.items.size());
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    if (!is_destroyed(i)) continue;
    for (const auto& id : uses(draft_.items[i].resource)) {
      if (const auto* need = find(id); need && is_destroyed(*need) && *need != i) {
        users[*need].push_back(i);
        ++waits[i];
      }
    }
    if (waits[i] == 0) free.push_back(i);
  }
  for (std::size_t next = 0; next < free.size(); ++next) {
    const Resource& resource = draft_.items[free[next]].resource;
    const Ids hosts(resource.vanishes_with.begin(), resource.vanishes_with.end());
    const bool all_go = std::ranges::all_of(hosts, [&](const ResourceId& host) {  // or went long ago
      const auto at = index_.find(host);
      return at == index_.end() || is_destroyed(at->second);
    });
    const bool is_running = !std::ranges::any_of(hosts, [&](const ResourceId& host) { return is_off(host); });
    const bool vanishes = !hosts.empty() && all_go && !(is_running && stands_on_what_goes_first(resource, hosts));
    is_forgotten_[free[next]] = draft_.items[free[next]].is_gone || vanishes;
    for (const auto user : users[free[next]])
      if (--waits[user] == 0) free.push_back(user);
  }
}

bool Ordering::stands_on_what_goes_first(const Resource& resource, const Ids& hosts) const {
  return std::ranges::any_of(uses(resource), [&](const ResourceId& id) {
    const auto* need = find(id);
    if (!need || hosts.contains(id)) return false;
    if (!is_destroyed(*need)) return leaves(*need, hosts);
    return !is_forgotten_[*need] && reaches(*need, hosts);
  });
}

// Whether what changes in place stops using one of these, which are destroyed: a volume that moves to another machine.
bool Ordering::leaves(std::size_t moved, const Ids& hosts) const {
  const Item& item = draft_.items[moved];
  if (item.action != Action::update || !item.record) return false;
  return std::ranges::any_of(uses(item.record->resource), [&](const ResourceId& id) {
    const auto* host = find(id);
    return hosts.contains(id) && host && is_destroyed(*host);
  });
}

// Whether a destroyed item needs, in the end, one of the targets.
bool Ordering::reaches(std::size_t from, const Ids& targets) const {
  std::vector<std::size_t> look = {from};
  std::unordered_set<std::size_t> seen = {from};
  while (!look.empty()) {
    const std::size_t at = look.back();
    look.pop_back();
    for (const auto& id : uses(draft_.items[at].resource)) {
      if (targets.contains(id)) return true;
      if (const auto* next = find(id); next && is_destroyed(*next) && seen.insert(*next).second) look.push_back(*next);
    }
  }
  return false;
}

// A need on another node that no reference names: that it stands, not which one it is.
bool Ordering::is_loose(const Item& item, const ResourceId& need) const {
  const Item& other = draft_.items[index_.at(need)];
  if (item.node.empty() || other.node.empty() || item.node == other.node) return false;
  const auto named = referenced(item.resource.inputs);
  return std::ranges::find(named, need) == named.end();
}

void Ordering::add_made(std::size_t i) {
  const Item& item = draft_.items[i];
  for (const auto& id : item.resource.needs) {
    const auto* need = find(id);
    if (!need || is_destroyed(*need)) continue;
    // Until it is replaced, the older generation of what another node offers serves as well: waves stay apart.
    if (draft_.items[*need].is_replacement && is_loose(item, id)) continue;
    const bool both_stand = item.action == Action::update && draft_.items[*need].action == Action::update;
    edge(*need, i, is_loose(item, id) ? Weight::loose : both_stand ? Weight::standing : Weight::hard);
  }
  if (item.object && !going_.empty()) add_reported(i, item.object->attributes);
  if (item.id.kind == swarm_kind && item.intent && !item.record) return add_begun(i);
  const bool was_recorded = item.action == Action::update && item.record;
  for (const Resource* former : {was_recorded ? &item.record->resource : nullptr,  // as it was, or may have become
                                 item.intent ? &item.intent->resource : nullptr}) {
    if (!former) continue;
    for (const auto& id : uses(*former))  // it stops using them
      if (const auto* need = find(id); need && is_destroyed(*need)) edge(i, *need, Weight::former);
  }
}

// A swarm that may have begun and that nobody was told of: it goes with what it began on, where that goes, and is
// looked for afterwards. Found before, it would be used and then destroyed.
void Ordering::add_begun(std::size_t i) {
  for (const auto& id : draft_.items[i].intent->resource.needs) {
    const auto* need = find(id);
    if (!need || !is_destroyed(*need)) continue;
    if (!is_forgotten_[*need]) edge(*need, i, Weight::host);
    for (const auto& host : draft_.items[*need].resource.vanishes_with)
      if (const auto* machine = find(host); machine && is_destroyed(*machine)) edge(*machine, i, Weight::host);
  }
}

// What exists names in its own report what it uses: nobody may remember it, nor how it came to that.
void Ordering::add_reported(std::size_t i, const Json& attributes) {
  if (attributes.is_structured()) {
    for (const auto& part : attributes) add_reported(i, part);
  } else if (attributes.is_string()) {
    const auto used = going_.find(attributes.get_ref<const std::string&>());
    if (used != going_.end()) edge(i, used->second, Weight::report);
  }
}

void Ordering::add_destroyed(std::size_t i) {
  std::vector<ResourceId> used = uses(draft_.items[i].resource);
  if (draft_.items[i].intent)  // a change that was begun may have given it more
    for (auto& id : uses(draft_.items[i].intent->resource)) used.push_back(std::move(id));
  if (draft_.items[i].object) add_reported(i, draft_.items[i].object->attributes);
  const Ids own(used.begin(), used.end());
  for (const auto& id : used) {
    const auto* need = find(id);
    if (need && !is_destroyed(*need) && leaves(*need, own)) {
      // What is on a machine that is off is out of use, and out of reach until the machine is on again.
      if (is_off(id))
        edge(*need, i, Weight::host);
      else
        edge(i, *need, Weight::host);
    }
    if (!need || !is_destroyed(*need) || is_loose(draft_.items[i], id)) continue;
    edge(i, *need);
    if (is_forgotten_[*need]) before_hosts_of(i, *need);
  }
}

bool Ordering::is_off(const ResourceId& machine) const {
  const auto at = index_.find(machine);
  if (at == index_.end()) return false;
  const Item& item = draft_.items[at->second];
  return item.is_fenced || (item.object && json_string_or(item.object->attributes, "power") == "off");
}

// What a destroyed thing needs really goes with the hosts, and so it must go before them.
void Ordering::before_hosts_of(std::size_t i, std::size_t forgotten) {
  for (const auto& id : draft_.items[forgotten].resource.vanishes_with) {
    const auto* host = find(id);
    if (!host || *host == i) continue;
    if (is_forgotten_[*host])
      before_hosts_of(i, *host);
    else
      edge(i, *host);
  }
}

void Ordering::add_forgotten(std::size_t i) {
  if (draft_.items[i].is_gone) return;  // it need not wait for its hosts to go as well
  const Resource& resource = draft_.items[i].resource;
  bool is_on_machines = true;  // not on something that is itself forgotten after its own hosts
  for (const auto& id : resource.vanishes_with) {
    const auto* host = find(id);
    if (!host) continue;
    edge(*host, i);
    is_on_machines = is_on_machines && !is_forgotten_[*host];
  }
  if (!is_on_machines) return;
  const Ids hosts(resource.vanishes_with.begin(), resource.vanishes_with.end());
  for (const auto& id : uses(resource)) {
    const auto* need = find(id);
    if (need && is_destroyed(*need) && !is_forgotten_[*need] && !hosts.contains(id)) edge(i, *need, Weight::report);
  }
}

void Ordering::add_edges() {
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    if (draft_.items[i].action == Action::none) continue;
    if (is_forgotten_[i])
      add_forgotten(i);
    else if (is_destroyed(i))
      add_destroyed(i);
    else
      add_made(i);
  }
  for (const auto& wave : waves_) edge(wave.before, wave.after, Weight::wave);
}

// Takes what waits for nothing, again and again. When nothing is left to take, something goes in a circle, and the
// edge that costs least gives way, one at a time. Returns whether every item got its number.
bool Ordering::number() {
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  const auto enter = [&](std::size_t i) {
    if (waits_[i] == 0) ready.push(i);
  };
  std::size_t active_count = 0;
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    if (draft_.items[i].action == Action::none) continue;
    ++active_count;
    enter(i);
  }
  while (numbered_.size() < active_count) {
    if (ready.empty()) {
      const auto freed = break_circle();
      if (!freed) return false;
      enter(*freed);
      continue;
    }
    const std::size_t i = ready.top();
    ready.pop();
    draft_.items[i].step = static_cast<StepId>(numbered_.size());
    is_numbered_[i] = true;
    numbered_.push_back(i);
    for (const auto& next : later_[i]) --waits_[next.item], enter(next.item);
  }
  return true;
}

// Goes back from something that waits to what it waits for until it comes round, and takes out the edge of that circle
// that costs least. Returns the item that waits for one thing less; nothing when none of them may give way.
std::optional<std::size_t> Ordering::break_circle() {
  struct Wait {
    std::size_t before = 0;
    Weight weight = Weight::loose;
  };
  std::vector<std::optional<Wait>> waits(draft_.items.size());  // the heaviest thing that each one waits for
  std::size_t at = draft_.items.size();
  for (std::size_t i = 0; i < draft_.items.size(); ++i) {
    if (is_numbered_[i] || draft_.items[i].action == Action::none) continue;
    if (at == draft_.items.size()) at = i;
    for (const auto& next : later_[i])
      if (!waits[next.item] || waits[next.item]->weight <= next.weight) waits[next.item] = Wait{i, next.weight};
  }
  std::vector<bool> is_seen(draft_.items.size(), false);
  for (; !is_seen[at]; at = waits[at]->before) is_seen[at] = true;
  std::size_t lightest = at;
  for (std::size_t other = waits[at]->before; other != at; other = waits[other]->before)
    if (waits[other]->weight < waits[lightest]->weight) lightest = other;
  const auto [before, weight] = *waits[lightest];
  if (weight == Weight::hard) return std::nullopt;
  auto& later = later_[before];
  later.erase(
      std::ranges::find_if(later, [&](const Later& one) { return one.item == lightest && one.weight == weight; }));
  --waits_[lightest];
  return lightest;
}

Result<std::vector<Step>> Ordering::steps() {
  decide_forgotten();
  add_edges();
  if (!number()) {
    return Error{.code = ErrorCode::internal,
                 .message = "what is to be done waits for itself in the end",
                 .hint = "this is a bug in skep: please report it with the spec and the state"};
  }
  std::vector<Step> steps(numbered_.size());
  for (const std::size_t i : numbered_) {
    Item& item = draft_.items[i];
    Step& step = steps[item.step];
    step.id = item.step;
    step.action = item.action == Action::create   ? StepAction::create
                  : item.action == Action::update ? StepAction::update
                  : is_forgotten_[i]              ? StepAction::forget
                                                  : StepAction::destroy;
    step.resource = std::move(item.resource);
    if (item.object) step.object = *item.object;
    for (const auto& next : later_[i]) steps[draft_.items[next.item].step].after.push_back(item.step);
  }
  for (auto& step : steps) {
    std::ranges::sort(step.after);
    const auto repeated = std::ranges::unique(step.after);
    step.after.erase(repeated.begin(), repeated.end());
  }
  return steps;
}

}  // namespace

Result<std::vector<Step>> order(Draft& draft, std::span<const Edge> waves) { return Ordering(draft, waves).steps(); }

}  // namespace skep
