#include "provisioners/impact.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/advisories.h"
#include "provisioners/health.h"

namespace skep {
namespace {

class Evaluation {
 public:
  Evaluation(const std::vector<Outage>& outages, const SwarmPicture& picture, const std::vector<std::string>& allowed)
      : outages_(outages), picture_(picture), allowed_(allowed) {
    for (const auto& outage : outages)
      if (outage.kind == Outage::Kind::removed) removed_.insert(outage.node_id);
  }

  Impact evaluate() &&;

 private:
  void look_at(const Outage& outage, const Workload& workload);
  void look_for_room(const Outage& outage, const Workload& workload, std::int64_t moved);
  std::int64_t room_elsewhere(const Outage& outage, const Workload& workload, std::int64_t moved,
                              std::string& objections) const;
  std::int64_t count_on(const std::string& node_id, const std::string& service) const;
  void refuse(const Workload& workload, std::string reason);

  const std::vector<Outage>& outages_;
  const SwarmPicture& picture_;
  const std::vector<std::string>& allowed_;
  std::set<std::string> removed_ = {};
  std::set<std::string> refusals_ = {};
  std::set<std::string> warnings_ = {};
};

std::int64_t Evaluation::count_on(const std::string& node_id, const std::string& service) const {
  return std::ranges::count_if(picture_.tasks,
                               [&](const Placed& task) { return task.service == service && task.node == node_id; });
}

void Evaluation::refuse(const Workload& workload, std::string reason) {
  (matches_any(allowed_, workload.name) ? warnings_ : refusals_).insert(std::move(reason));
}

// Those that go for good take nothing; where a new machine comes first, it takes what the old one had.
std::int64_t Evaluation::room_elsewhere(const Outage& outage, const Workload& workload, std::int64_t moved,
                                        std::string& objections) const {
  std::int64_t room = 0;
  std::map<std::string, std::set<std::string>> why;  // objection -> nodes
  for (const auto& place : picture_.places) {
    if (removed_.contains(place.id) || place.id == outage.node_id) continue;
    std::vector<Placed> there;
    std::ranges::copy_if(picture_.tasks, std::back_inserter(there),
                         [&](const Placed& task) { return task.node == place.id; });
    const auto more = std::min(room_for(workload, place, there, picture_), moved);
    room += more;
    if (more > 0) continue;
    auto objection_here = objection(workload, place);
    why[objection_here.empty() ? "no room" : objection_here].insert(place.hostname);
  }
  std::vector<std::string> parts;
  for (const auto& [reason, nodes] : why)
    parts.push_back(fmt::format("{}: {}", join(std::vector<std::string>(nodes.begin(), nodes.end()), ", "), reason));
  objections = parts.empty() ? "there are no others" : join(parts, "; ");
  return room;
}

// Nodes that go together count together: what one of them frees is not for the other.
void Evaluation::look_for_room(const Outage& outage, const Workload& workload, std::int64_t moved) {
  if (outage.kind == Outage::Kind::replaced) return;
  std::string where = outage.node;
  if (outage.kind == Outage::Kind::removed) {
    std::vector<std::string> nodes;
    moved = 0;
    for (const auto& other : outages_) {
      const auto more = other.kind == Outage::Kind::removed ? count_on(other.node_id, workload.id) : 0;
      if (more > 0) nodes.push_back(other.node);
      moved += more;
    }
    where = join(nodes, ", ");
  }
  std::string objections;
  const auto room = room_elsewhere(outage, workload, moved, objections);
  if (room >= moved) return;
  const auto what = moved == 1 ? std::string("its task") : fmt::format("{} of its {} tasks", moved - room, moved);
  refuse(workload, fmt::format("service {} on {}: {} would find no other node{} ({})", workload.name, where, what,
                               outage.kind == Outage::Kind::removed ? "" : " meanwhile", objections));
}

void Evaluation::look_at(const Outage& outage, const Workload& workload) {
  const auto moved = count_on(outage.node_id, workload.id);
  if (moved == 0 || workload.is_job) return;
  if (!workload.local_data.empty() && (outage.kind != Outage::Kind::passing || !workload.is_global)) {
    const auto data = join(workload.local_data, ", ");
    refuse(workload, outage.kind == Outage::Kind::passing
                         ? fmt::format("service {} moves away from {} and its data does not: {}", workload.name,
                                       outage.node, data)
                         : fmt::format("service {} loses its data on {}: {}", workload.name, outage.node, data));
  }
  if (workload.is_global) return;  // stopped there, not moved
  look_for_room(outage, workload, moved);
  if (workload.replicas == 1)
    warnings_.insert(fmt::format("service {} has one replica, on {}: down while it moves", workload.name, outage.node));
}

Impact Evaluation::evaluate() && {
  for (const auto& outage : outages_)
    for (const auto& workload : picture_.workloads) look_at(outage, workload);
  return {.refusals = {refusals_.begin(), refusals_.end()}, .warnings = {warnings_.begin(), warnings_.end()}};
}

}  // namespace

std::vector<Outage> outages_of(const Plan& plan, const State& state) {
  std::map<std::string, Outage::Kind> kinds;
  for (const auto& change : plan.changes) {
    if (change.node.empty()) continue;
    if (change.id.kind == member_kind && (change.action == Action::destroy || change.action == Action::forget))
      kinds[change.node] = Outage::Kind::removed;
    else if (change.id.kind == member_kind && change.action == Action::replace)
      kinds[change.node] = Outage::Kind::replaced;
    else if (change.disruptive)
      kinds.emplace(change.node, Outage::Kind::passing);
  }
  std::vector<Outage> outages;
  for (const auto& [id, record] : state.records) {
    if (id.kind != member_kind) continue;
    const auto kind = kinds.find(record.resource.node);
    if (kind == kinds.end() || json_string_or(record.object.attributes, "availability") == "drain") continue;
    outages.push_back({record.object.remote_id, record.resource.node, kind->second});
  }
  return outages;
}

std::vector<Relabelling> relabellings_of(const Plan& plan, const State& state) {
  std::vector<Relabelling> all;
  for (const auto& step : plan.steps) {
    const auto record = state.records.find(step.resource.id);
    if (step.resource.id.kind != member_kind || step.action != StepAction::update || record == state.records.end())
      continue;
    Relabelling one = {.node_id = record->second.object.remote_id, .node = step.resource.node};
    const auto& wanted = json_member(step.resource.inputs, "labels");
    const auto& owned = json_member(record->second.object.attributes, "labels");
    if (!wanted.is_object() || !owned.is_object()) continue;
    for (const auto& [key, value] : wanted.items())
      if (value.is_string() && json_member(owned, key) != value) one.set[key] = value.get<std::string>();
    for (const auto& [key, value] : owned.items())
      if (!wanted.contains(key)) one.gone.push_back(key);
    if (!one.set.empty() || !one.gone.empty()) all.push_back(std::move(one));
  }
  return all;
}

Impact impact_of(const std::vector<Relabelling>& relabellings, const SwarmPicture& picture,
                 const std::vector<std::string>& allowed) {
  Impact impact;
  for (const auto& change : relabellings) {
    const auto before = std::ranges::find(picture.places, change.node_id, &TaskNode::id);
    if (before == picture.places.end()) continue;
    TaskNode after = *before;
    for (const auto& [key, value] : change.set) after.labels[key] = value;
    for (const auto& key : change.gone) after.labels.erase(key);
    for (const auto& workload : picture.workloads) {
      const bool is_there = std::ranges::any_of(picture.tasks, [&](const Placed& task) {
        return task.service == workload.id && task.node == change.node_id;
      });
      const auto objection_after = objection(workload, after);
      if (!is_there || objection_after.empty() || !objection(workload, *before).empty()) continue;
      (matches_any(allowed, workload.name) ? impact.warnings : impact.refusals)
          .push_back(fmt::format("service {} is stopped on {} by its new labels: {} is not met any more", workload.name,
                                 change.node, objection_after));
    }
  }
  return impact;
}

namespace {

Result<Impact> on_services(const Plan& plan, const State& state, const Spec& spec, const HostTools& tools,
                           const Context& context) {
  const auto outages = outages_of(plan, state);
  const auto relabellings = relabellings_of(plan, state);
  if (outages.empty() && relabellings.empty()) return Impact{};
  const auto managers = managers_on_record(state, tools);
  const auto look = [&]() -> Result<SwarmPicture> {
    const auto nodes = TRY(managers.read("/nodes", context));
    const auto services = TRY(managers.read(services_path, context));
    return picture_of(nodes, services, TRY(managers.read(wanted_tasks_path, context)));
  };
  const auto picture = look();
  if (picture.ok()) {
    const auto& allowed = spec.rollout.allow_unschedulable;
    auto impact = impact_of(outages, picture.value(), allowed);
    auto evicted = impact_of(relabellings, picture.value(), allowed);
    std::ranges::move(evicted.refusals, std::back_inserter(impact.refusals));
    std::ranges::move(evicted.warnings, std::back_inserter(impact.warnings));
    return impact;
  }
  if (picture.error().code == ErrorCode::cancelled) return picture.error();
  return Impact{.warnings = {"what this means for the services is not known: " + picture.error().message}};
}

}  // namespace

Result<Impact> look_at_impact(const Plan& plan, const State& state, const Spec& spec, const HostTools& tools,
                              const Context& context) {
  auto impact = TRY(on_services(plan, state, spec, tools, context));
  std::ranges::move(engine_advisories(plan, state), std::back_inserter(impact.warnings));
  return impact;
}

// `docker network create --opt encrypted` sets the option to no text at all; what counts is that it is there
// (libnetwork, drivers/overlay).
Result<std::vector<std::string>> encrypted_networks(const State& state, const HostTools& tools,
                                                    const Context& context) {
  const auto managers = managers_on_record(state, tools);
  std::vector<std::string> names;
  if (managers.members().empty()) return names;
  const auto networks = managers.read(overlay_networks_path, within(tools.clock, std::chrono::seconds(10), context));
  if (!networks.ok() && networks.error().code == ErrorCode::cancelled) return networks.error();
  if (!networks.ok() || !networks.value().is_array()) return names;
  for (const auto& network : networks.value())
    if (json_member(network, "Options").contains("encrypted")) names.push_back(json_string_or(network, "Name"));
  std::ranges::sort(names);
  return names;
}

Impact impact_of(const std::vector<Outage>& outages, const SwarmPicture& picture,
                 const std::vector<std::string>& allowed) {
  return Evaluation(outages, picture, allowed).evaluate();
}

}  // namespace skep
