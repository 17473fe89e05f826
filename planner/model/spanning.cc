#include "planner/model/spanning.h"

#include <algorithm>
#include <set>
#include <vector>

#include "planner/base/text.h"

namespace skep {

namespace {

/// Where no network is shared, the machine's public address stands in the place of its private one.
bool was_spanning(const Record& member) {
  const Json host = json_member(member.resource.inputs, "host");
  return host.is_object() && host.contains("private_address");
}

/// What it is reached at by the others stays the same either way.
bool has_one_address(const State& state, const Record& member) {
  const ResourceId& id = member.resource.id;
  const auto machine = state.records.find({machine_kind, id.name, id.generation});
  if (machine == state.records.end()) return true;
  const Attributes& attributes = machine->second.object.attributes;
  return json_string_or(attributes, "address") == json_string_or(attributes, "private_address");
}

}  // namespace

bool spans_providers(const Spec& spec) {
  return std::ranges::any_of(
      spec.pools, [&](const auto& entry) { return entry.second.provider != spec.pools.begin()->second.provider; });
}

Result<void> check_span(const Spec& spec, const State& state) {
  const bool spans = spans_providers(spec);
  std::set<std::string> wanted;
  for (const auto& [name, pool] : spec.pools) {
    for (const auto& node : pool.nodes) wanted.insert(node.name);
  }
  std::vector<std::string> moved;
  for (const auto& [id, record] : state.records) {
    if (id.kind != member_kind || !wanted.contains(id.name) || was_spanning(record) == spans) continue;
    if (!has_one_address(state, record)) moved.push_back(id.name);
  }
  if (moved.empty()) return {};
  if (spans) {
    return Error{
        ErrorCode::refused,
        join(moved, ", ") +
            " reach one another over a private network, which ends at their provider; with "
            "pools at several providers they would need other addresses, and a member of a swarm keeps its own",
        "give the pool at the other provider a cluster of its own, or make a new cluster with both"};
  }
  return Error{
      ErrorCode::refused,
      join(moved, ", ") +
          " reach one another at their public addresses, since the cluster had pools at "
          "several providers; without these they would need other addresses, and a member of a swarm keeps its own",
      "keep a pool of the other provider in the spec, with count: 0"};
}

}  // namespace skep
