#include "planner/engine/observe.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "planner/engine/known.h"
#include "planner/engine/perform.h"

namespace skep {

namespace {

class NoJournal final : public Journal {
 public:
  Result<void> record(std::span<const Entry>) override {
    return Error{.code = ErrorCode::internal, .message = "reading wanted to write to the journal"};
  }
};

// One observation: first the lists and the machines, then all that is found on or through machines that are there.
class Observation {
 public:
  Observation(State state, Executor& executor, const Catalog& catalog, const std::string& cluster, std::stop_token stop,
              NodeTest is_let_be)
      : state_(std::move(state)),
        executor_(executor),
        catalog_(catalog),
        cluster_(cluster),
        stop_(std::move(stop)),
        is_let_be_(std::move(is_let_be)) {}

  Result<void> read_machines(std::span<const std::string> drivers);
  Result<void> read_missing();
  Result<void> read_the_rest();
  State result() && { return std::move(state_); }

 private:
  std::string node_of(const ResourceId& id) const;
  bool lets_others_in(const Failure& failure, const Summary& summary) const;
  bool is_let_be(const Failure& failure, const Summary& summary) const;
  bool is_fatal(const Failure& failure, const Summary& summary) const;
  bool is_listed(const std::string& driver) const;
  Objects reachable_objects(const Plan& plan) const;
  Result<Summary> run(Plan plan);
  Result<void> take_finds(const Summary& summary);
  void take_list(const std::string& driver, std::vector<std::pair<ResourceId, Object>> listed);
  void drop_what_vanished();
  bool is_gone(const ResourceId& id) const;
  void note_gone(std::map<ResourceId, Record>::iterator record);
  std::string out_of_reach(const Resource& resource) const;
  bool depends_on_unread(const Resource& resource) const;
  void add_find(Plan& plan, const Resource& resource, std::optional<Object> object) const;

  State state_;
  Executor& executor_;
  const Catalog& catalog_;
  const std::string& cluster_;
  std::stop_token stop_;
  const NodeTest is_let_be_;
  std::vector<ResourceId> missing_;  // recorded, and in no list
};

void add_read(Plan& plan, Resource resource, std::optional<Object> object) {
  resource.pool.clear();
  plan.steps.push_back({.id = static_cast<StepId>(plan.steps.size()),
                        .action = StepAction::read,
                        .resource = std::move(resource),
                        .object = std::move(object)});
}

ResourceId machine_of(const Resource& resource) {
  return {.kind = machine_kind, .name = resource.node, .generation = resource.id.generation};
}

std::string Observation::node_of(const ResourceId& id) const {
  if (const auto record = state_.records.find(id); record != state_.records.end()) return record->second.resource.node;
  const auto intent = std::ranges::find(state_.open, id, [](const Intent& one) { return one.resource.id; });
  return intent == state_.open.end() ? std::string() : intent->resource.node;
}

// A login that works on other hosts is the right one: something is wrong with this host alone.
bool Observation::lets_others_in(const Failure& failure, const Summary& summary) const {
  const std::string node = node_of(failure.id);
  if (node.empty() || failure.id.kind == machine_kind) return false;
  return std::ranges::any_of(summary.read, [&](const auto& read) {
    const std::string other = node_of(read.first);
    return !other.empty() && other != node && read.first.kind != machine_kind;
  });
}

// What belongs to no node is read through hosts, and refused by those whose own things are.
bool Observation::is_let_be(const Failure& failure, const Summary& summary) const {
  if (!is_let_be_) return false;
  const auto is_node_let_be = [&](const Failure& one) { return is_let_be_(node_of(one.id)); };
  if (is_node_let_be(failure)) return true;
  return node_of(failure.id).empty() && std::ranges::any_of(summary.failures, [&](const Failure& one) {
           return one.error.code == ErrorCode::refused && is_node_let_be(one);
         });
}

// Without these nothing else would work either, or something is wrong that a person must look at.
bool Observation::is_fatal(const Failure& failure, const Summary& summary) const {
  const ErrorCode code = failure.error.code;
  if (code == ErrorCode::refused) return !is_let_be(failure, summary);
  if (code == ErrorCode::denied) return !lets_others_in(failure, summary);
  return code == ErrorCode::cancelled || code == ErrorCode::invalid_input;
}

bool Observation::is_listed(const std::string& driver) const {
  const auto schema = catalog_.schemas().find(driver);
  return schema != catalog_.schemas().end() && schema->second->listed;
}

Result<Summary> Observation::run(Plan plan) {
  plan.cluster = cluster_;
  NoJournal journal;
  Summary summary = TRY(executor_.run(plan, journal, stop_));
  for (const auto& failure : summary.failures) {
    if (is_fatal(failure, summary)) return Error(failure.error).doing("read " + to_text(failure.id));
  }
  if (summary.stopped) return Error{.code = ErrorCode::cancelled, .message = "stopped while reading what exists"};
  return summary;
}

void Observation::take_list(const std::string& driver, std::vector<std::pair<ResourceId, Object>> listed) {
  std::set<ResourceId> begun;
  for (const auto& intent : state_.open) begun.insert(intent.resource.id);
  std::multimap<ResourceId, Object*> found;
  for (auto& [id, object] : listed) found.emplace(id, &object);
  for (auto at = state_.records.begin(); at != state_.records.end();) {
    auto& [id, record] = *at;
    const auto [first, last] = found.equal_range(id);
    if (record.resource.driver != driver) {
      ++at;
    } else if (first == last) {
      missing_.push_back(id);
      ++at;
    } else {
      const auto same = std::find_if(
          first, last, [&](const auto& entry) { return entry.second->remote_id == record.object.remote_id; });
      record.object = std::move(*(same == last ? first : same)->second);
      found.erase(first, last);
      ++at;
    }
  }
  for (const auto& [id, object] : found) {
    if (state_.records.contains(id) || !state_.unrecorded.emplace(id, std::move(*object)).second) continue;
    if (begun.contains(id)) continue;
    // Nobody remembers how it began: as good as an intent whose end is unknown.
    Resource resource = {.id = id, .driver = driver};
    if (id.kind == machine_kind) resource.node = id.name;
    state_.open.push_back({.action = StepAction::create, .resource = std::move(resource)});
  }
}

Result<void> Observation::read_machines(std::span<const std::string> drivers) {
  std::set<std::string> listed;
  for (const auto& driver : drivers) listed.insert(driver);
  for (const auto& [id, record] : state_.records) listed.insert(record.resource.driver);
  for (const auto& intent : state_.open) listed.insert(intent.resource.driver);
  std::erase_if(listed, [&](const std::string& driver) { return !is_listed(driver); });

  Plan plan;
  for (const auto& driver : listed)
    add_read(plan, {.id = {.kind = list_kind, .name = driver}, .driver = driver}, std::nullopt);
  for (const auto& [id, record] : state_.records) {
    if (id.kind == machine_kind && !listed.contains(record.resource.driver))
      add_find(plan, record.resource, record.object);
  }
  plan.known = reachable_objects(plan);
  Summary summary = TRY(run(std::move(plan)));
  for (auto& [id, objects] : summary.listed) take_list(id.name, std::move(objects));
  for (const auto& failure : summary.failures) {
    if (failure.id.kind != list_kind) continue;
    for (const auto& [id, record] : state_.records)
      if (record.resource.driver == failure.id.name) state_.unread.emplace(id, failure.error.message);
  }
  TRY(take_finds(summary));
  return read_missing();
}

// Lists of some clouds lag behind: what was made a moment ago is asked for by its own id before it counts as gone. Of
// what was being destroyed the list is enough where the id cannot be asked for: nothing new may lean on it.
Result<void> Observation::read_missing() {
  Plan plan;
  for (const auto& id : missing_) {
    const Record& record = state_.records.at(id);
    add_find(plan, record.resource, record.object);
  }
  if (plan.steps.empty()) return {};
  plan.known = reachable_objects(plan);
  Summary summary = TRY(run(std::move(plan)));
  std::erase_if(summary.failures, [&](const Failure& failure) {
    const bool was_going = std::ranges::any_of(state_.open, [&](const Intent& intent) {
      return intent.resource.id == failure.id && intent.action == StepAction::destroy;
    });
    if (was_going) note_gone(state_.records.find(failure.id));
    return was_going;
  });
  return take_finds(summary);
}

Result<void> Observation::read_the_rest() {
  drop_what_vanished();
  Plan plan;
  for (const auto& [id, record] : state_.records) {
    if (is_listed(record.resource.driver) || id.kind == machine_kind) continue;
    if (auto why = out_of_reach(record.resource); !why.empty())
      state_.unread.emplace(id, std::move(why));
    else
      add_find(plan, record.resource, record.object);
  }
  for (const auto& intent : state_.open) {
    const ResourceId& id = intent.resource.id;
    if (is_listed(intent.resource.driver) || state_.records.contains(id) || state_.unrecorded.contains(id)) continue;
    if (out_of_reach(intent.resource).empty()) add_find(plan, intent.resource, std::nullopt);
  }
  plan.known = reachable_objects(plan);
  TRY(take_finds(TRY(run(std::move(plan)))));
  return {};
}

// A driver that this skep does not have cannot be asked; make_plan() says so if the record matters.
void Observation::add_find(Plan& plan, const Resource& resource, std::optional<Object> object) const {
  if (catalog_.find(resource.driver)) add_read(plan, resource, std::move(object));
}

Result<void> Observation::take_finds(const Summary& summary) {
  for (const auto& [id, object] : summary.read) {
    const auto record = state_.records.find(id);
    if (record == state_.records.end()) {
      if (object) state_.unrecorded.emplace(id, *object);
    } else if (object) {
      record->second.object = *object;
    } else if (depends_on_unread(record->second.resource)) {
      state_.unread.emplace(id, "not every host that would know it can be asked");
    } else {
      note_gone(record);
    }
  }
  for (const auto& failure : summary.failures)
    if (failure.id.kind != list_kind) state_.unread.emplace(failure.id, failure.error.message);
  return {};
}

// A thing of no single node, such as the swarm, is not gone because those who know it are out of reach.
bool Observation::depends_on_unread(const Resource& resource) const {
  if (!resource.node.empty()) return false;
  for (const auto& kind : kinds_of_all(resource.inputs)) {
    const auto first = state_.unread.lower_bound({.kind = kind, .name = ""});
    if (first != state_.unread.end() && first->first.kind == kind) return true;
  }
  return false;
}

// What a driver may dial while it looks: nothing that is known to be out of reach.
Objects Observation::reachable_objects(const Plan& plan) const {
  return known_to(plan.steps, state_, [&](const ResourceId& id) { return !state_.unread.contains(id); });
}

bool Observation::is_gone(const ResourceId& id) const {
  return !state_.records.contains(id) && !state_.unrecorded.contains(id);
}

// What vanishes with its machine is gone when that is gone.
void Observation::drop_what_vanished() {
  for (auto at = state_.records.begin(); at != state_.records.end();) {
    const auto record = at++;
    const Resource& resource = record->second.resource;
    if (resource.node.empty() || is_listed(resource.driver)) continue;
    const ResourceId machine = machine_of(resource);
    const auto& hosts = resource.vanishes_with;
    if (is_gone(machine) && std::ranges::find(hosts, machine) != hosts.end()) note_gone(record);
  }
}

void Observation::note_gone(std::map<ResourceId, Record>::iterator record) {
  state_.gone.insert(state_.records.extract(record));
}

// Why the machine under a resource cannot be asked; empty: it can, or there is none.
std::string Observation::out_of_reach(const Resource& resource) const {
  if (resource.node.empty()) return {};
  const ResourceId machine = machine_of(resource);
  if (const auto why = state_.unread.find(machine); why != state_.unread.end())
    return "its machine cannot be read: " + why->second;
  const auto record = state_.records.find(machine);
  if (record == state_.records.end()) return "its machine is gone";
  if (json_string_or(record->second.object.attributes, "power") == "off") return "its machine is off";
  return {};
}

}  // namespace

Result<State> observe(State state, Executor& executor, const Catalog& catalog, const std::string& cluster,
                      std::span<const std::string> drivers, std::stop_token stop, NodeTest is_let_be) {
  state.unread.clear();
  state.unrecorded.clear();
  state.gone.clear();
  Observation observation(std::move(state), executor, catalog, cluster, std::move(stop), std::move(is_let_be));
  TRY(observation.read_machines(drivers));
  TRY(observation.read_the_rest());
  return std::move(observation).result();
}

}  // namespace skep
