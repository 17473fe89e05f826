// How host kinds name each other's hosts: which node, in which role, and how to reach it.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "planner/model/resource.h"
#include "planner/system/ssh.h"

namespace skep {

/// The host of one node. host/NODE reports it as `member`, swarm_manager/NODE as `host`, swarm/main as `manager`.
struct Member {
  std::string node;
  int generation = 1;
  std::string role;  // "manager" or "worker"
  std::string machine_id = {};
  std::string private_address;  // for swarm traffic
  Endpoint endpoint;

  /// "worker-1", "worker-1@2": as people read it.
  std::string label() const;
  bool is_manager() const { return role == "manager"; }
  bool operator==(const Member&) const = default;
};

/// The names of a machine's fields (planner/model/resource.h), so that endpoint_of() reads both.
Json to_json(const Member& member);

/// Errors: invalid_input (a field is missing or of another type).
Result<Member> member_of(const Json& json);

/// Every well-formed member of a list, natural order by name, newest generation first. Nulls are skipped: an object
/// may not know its host yet.
std::vector<Member> members_of(const Json& list);

/// How to reach a machine, from its attributes or from a member. Errors: invalid_input (names the missing field).
Result<Endpoint> endpoint_of(const Attributes& machine);

/// The member behind `resource`: its id says which node, its input "host" where.
Result<Member> member_behind(const Resource& resource);

/// What an engine says of itself before it joins a swarm: "demo/worker-1@1/0123abcd...". It proves which machine a
/// swarm node is; `identity` ("demo/worker-1") comes from expand(), generation and machine id from the machine.
std::string engine_uid(const std::string& identity, int generation, const std::string& machine_id);

/// The name a host gets: its node's, with "-g2" from the second generation on.
std::string host_name_of(const ResourceId& id);

}  // namespace skep
