#include "provisioners/member.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {

std::string Member::label() const { return generation == 1 ? node : fmt::format("{}@{}", node, generation); }

Json to_json(const Member& member) {
  return {{"node", member.node},
          {"generation", member.generation},
          {"role", member.role},
          {"machine_id", member.machine_id},
          {"private_address", member.private_address},
          {"address", member.endpoint.address},
          {"ssh_port", member.endpoint.port},
          {"ssh_user", member.endpoint.user},
          {"host_key", member.endpoint.host_key}};
}

Result<Endpoint> endpoint_of(const Attributes& machine) {
  Endpoint endpoint;
  endpoint.address = TRY(json_string(machine, "address", "the machine"));
  endpoint.host_key = TRY(json_string(machine, "host_key", "the machine"));
  endpoint.user = json_string_or(machine, "ssh_user", "root");
  const auto port = json_int_or(machine, "ssh_port", 22);
  if (port < 1 || port > 65535) {
    return Error{ErrorCode::invalid_input, fmt::format("the machine: ssh_port {} is no port", port)};
  }
  endpoint.port = static_cast<std::uint16_t>(port);
  if (endpoint.address.empty()) return Error{ErrorCode::unavailable, "the machine has no address yet"};
  return endpoint;
}

Result<Member> member_of(const Json& json) {
  Member member;
  member.node = TRY(json_string(json, "node", "the host"));
  member.generation = static_cast<int>(json_int_or(json, "generation", 1));
  member.role = TRY(json_string(json, "role", "the host"));
  member.machine_id = json_string_or(json, "machine_id");
  member.private_address = TRY(json_string(json, "private_address", "the host"));
  member.endpoint = TRY(endpoint_of(json));
  return member;
}

std::vector<Member> members_of(const Json& list) {
  std::vector<Member> members;
  if (!list.is_array()) return members;
  for (const auto& entry : list) {
    if (!entry.is_object()) continue;
    auto member = member_of(entry);
    if (member.ok()) members.push_back(std::move(member).value());
  }
  std::ranges::stable_sort(members, [](const Member& left, const Member& right) {
    if (left.node != right.node) return natural_less(left.node, right.node);
    return left.generation > right.generation;
  });
  return members;
}

Result<Member> member_behind(const Resource& resource) {
  const auto& machine = resource.inputs.at("host");
  Member member;
  member.node = resource.node;
  member.generation = resource.id.generation;
  member.role = json_string_or(resource.inputs, "role", resource.id.kind == "swarm_manager" ? "manager" : "worker");
  member.endpoint = TRY(endpoint_of(machine));
  // A host that made itself a new key is known by that one alone, whatever its machine was made with.
  const auto login = resource.inputs.find("login");
  if (login != resource.inputs.end())
    member.endpoint.host_key = json_string_or(*login, "host_key", member.endpoint.host_key);
  member.private_address = json_string_or(machine, "private_address", member.endpoint.address);
  return member;
}

std::string engine_uid(const std::string& identity, int generation, const std::string& machine_id) {
  return fmt::format("{}@{}/{}", identity, generation, machine_id);
}

std::string host_name_of(const ResourceId& id) {
  const auto name = replace_all(id.name, "_", "-");  // no letter of a host name
  return id.generation == 1 ? name : fmt::format("{}-g{}", name, id.generation);
}

}  // namespace skep
