#include "providers/local/floating_ip.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "providers/local/file_lock.h"
#include "providers/local/host_network.h"
#include "providers/local/kinds.h"
#include "providers/local/machine_life.h"
#include "providers/local/machine_record.h"
#include "providers/local/names.h"
#include "providers/local/trash.h"

namespace skep {

namespace {

struct Assignment {
  std::string address;
  std::string server;  // remote id of the holder; empty: none yet
};

std::string record_path(const std::string& folder) { return folder + "/floating_ip.json"; }

Result<std::optional<Assignment>> read_assignment(const LocalTools& tools, const std::string& folder) {
  const auto text = tools.files.read(record_path(folder), 1 << 20);
  if (!text.ok() && text.error().code == ErrorCode::not_found) return std::optional<Assignment>();
  if (!text.ok()) return text.error();
  const Json json = TRY(parse_json(text.value(), record_path(folder)));
  return std::optional(Assignment{json_string_or(json, "address"), json_string_or(json, "server")});
}

Result<void> write_assignment(const LocalTools& tools, const std::string& folder, const Assignment& assignment) {
  const Json json = {{"address", assignment.address}, {"server", assignment.server}};
  return tools.files.write(record_path(folder), dump_json_pretty(json), 0644);
}

// The address of an earlier attempt, or a free one; written down under the cluster's lock.
Result<Assignment> record_address(const LocalTools& tools, const LocalNetwork& network, const std::string& folder,
                                  const Context& context) {
  TRY(tools.files.make_directories(folder, 0755));
  const FileLock lock = TRY(FileLock::take(tools.paths.cluster_lock(network.cluster), tools.clock, context));
  if (auto present = TRY(read_assignment(tools, folder))) return *present;
  std::set<std::uint32_t> used;
  const std::string parent = folder.substr(0, folder.rfind('/'));
  for (const auto& name : TRY(names_in(tools.files, parent))) {
    if (const auto other = TRY(read_assignment(tools, parent + "/" + name)))
      used.insert(parse_address(other->address).value_or(0));
  }
  const auto address = free_floating_address(network.range, used);
  if (!address) {
    return Error{ErrorCode::exhausted, "no floating address is free in " + to_text(floating_half(network.range)),
                 "give the cluster a larger network.range in the spec, and make it anew"};
  }
  const Assignment assignment{address_text(*address), ""};
  TRY(write_assignment(tools, folder, assignment));
  return assignment;
}

Result<std::optional<LocalMachine>> machine_by_id(const LocalTools& tools, const std::string& cluster,
                                                  const std::string& remote_id) {
  if (remote_id.empty()) return std::optional<LocalMachine>();
  return read_machine(tools.files,
                      {tools.paths.kind(cluster, machine_kind) + "/" + remote_id.substr(remote_id.rfind('/') + 1)});
}

// A machine that is off has no namespace: it takes its addresses when it boots.
Result<void> set_inside(const LocalTools& tools, const LocalMachine& machine, const std::string& address, bool wanted,
                        const Context& context) {
  const std::string verb = wanted ? "replace" : "del";
  const auto exit = TRY(tools.processes.run(
      {.argv = {"ip", "-n", machine.unit(), "addr", verb, address + "/32", "dev", "eth0"}}, context));
  if (exit.code == 0 || !wanted || !is_running(tools, machine)) return {};
  return Error{ErrorCode::unavailable,
               fmt::format("give {} to {}: {}", address, machine.name, std::string(trim(exit.err)))};
}

// Whether the computer sends the address to the machine, and the machine takes it.
Result<bool> is_in_effect(const LocalTools& tools, const Assignment& assignment, const LocalMachine& machine,
                          const Context& context) {
  const auto route =
      TRY(tools.processes.run({.argv = {"ip", "-oneline", "route", "show", assignment.address + "/32"}}, context));
  if (route.out.find(" via " + machine.address + " ") == std::string::npos) return false;
  if (!is_running(tools, machine)) return true;  // it takes the address at its next boot
  const auto inside = TRY(tools.processes.run(
      {.argv = {"ip", "-n", machine.unit(), "-oneline", "-4", "addr", "show", "dev", "eth0"}}, context));
  return inside.out.find(" " + assignment.address + "/32 ") != std::string::npos;
}

}  // namespace

const Schema& FloatingIpDriver::schema() const {
  static const Schema schema = {
      .driver = "local.floating_ip",
      .doc = "An address of the cluster's network that moves between machines.",
      .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                 {.name = "network", .on_change = OnChange::replace, .required = true, .doc = "Its local.network."},
                 {.name = "server", .required = true, .doc = "The machine that has it."}},
      .outputs = {{.name = "address", .doc = "The IPv4 address."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(1),
      .timeout_update = std::chrono::minutes(1),
      .timeout_destroy = std::chrono::minutes(1),
  };
  return schema;
}

Result<std::optional<Object>> FloatingIpDriver::look(const std::string& cluster, const std::string& folder,
                                                     const Context& context) {
  const std::string path = tools_.paths.kind(cluster, floating_ip_kind) + "/" + folder;
  if (!tools_.files.exists(path)) return std::optional<Object>();
  Object object{.remote_id = remote_id_of(cluster, folder),
                .attributes = {{"address", ""}, {"server", ""}, {"network", remote_id_of(cluster, "main")}}};
  const auto assignment = TRY(read_assignment(tools_, path));
  if (!assignment) return std::optional(std::move(object));  // a crash came right after the folder was made
  object.attributes["address"] = assignment->address;
  const auto holder = TRY(machine_by_id(tools_, cluster, assignment->server));
  if (holder && TRY(is_in_effect(tools_, *assignment, *holder, context)))
    object.attributes["server"] = assignment->server;
  return std::optional(std::move(object));
}

Result<std::vector<Owned>> FloatingIpDriver::list(std::string_view cluster, const Context& context) {
  std::vector<Owned> owned;
  const std::string name(cluster);
  for (const auto& folder : TRY(names_in(tools_.files, tools_.paths.kind(name, floating_ip_kind)))) {
    const auto id = id_of_folder(floating_ip_kind, folder);
    if (!id) continue;
    if (auto object = TRY(look(name, folder, context))) owned.push_back({*id, std::move(*object)});
  }
  return owned;
}

Result<std::optional<Object>> FloatingIpDriver::find(const Resource& resource, std::string_view,
                                                     const Context& context) {
  return look(cluster_of(resource), folder_name(resource.id), context);
}

Result<Object> FloatingIpDriver::create(const Resource& resource, const Context& context) {
  const std::string cluster = cluster_of(resource);
  const std::string folder = tools_.paths.resource(cluster, resource.id);
  const auto network = TRY(read_network(tools_, cluster));
  if (!network) {
    return Error{ErrorCode::not_found, "the network of cluster " + cluster + " is not there",
                 "run the command again: it makes the network first"};
  }
  Assignment assignment = TRY(record_address(tools_, *network, folder, context));
  const auto before = TRY(machine_by_id(tools_, cluster, assignment.server));
  assignment.server = json_string_or(resource.inputs, "server");
  const auto holder = TRY(machine_by_id(tools_, cluster, assignment.server));
  if (!holder) {
    return Error{ErrorCode::not_found, "there is no machine " + assignment.server + " to have it",
                 "run the command again: it looks which machines there are"};
  }
  // First what a boot at this moment would read, then the new holder, then the route, then the old holder.
  TRY(write_assignment(tools_, folder, assignment));
  TRY(set_inside(tools_, *holder, assignment.address, true, context));
  TRY(run_checked(
      tools_.processes,
      {.argv = {"ip", "route", "replace", assignment.address + "/32", "via", holder->address, "dev", network->bridge}},
      context));
  if (before && before->name != holder->name) TRY(set_inside(tools_, *before, assignment.address, false, context));
  return must_exist(TRY(look(cluster, folder_name(resource.id), context)), resource);
}

Result<Object> FloatingIpDriver::update(const Resource& resource, const Object&, const Context& context) {
  return create(resource, context);
}

Result<void> FloatingIpDriver::destroy(const Resource& resource, const Object& object, const Context& context) {
  const std::string cluster = cluster_of(object);
  const std::string folder = tools_.paths.resource(cluster, resource.id);
  if (const auto assignment = TRY(read_assignment(tools_, folder))) {
    if (const auto holder = TRY(machine_by_id(tools_, cluster, assignment->server)))
      TRY(set_inside(tools_, *holder, assignment->address, false, context));
    TRY(tools_.processes.run({.argv = {"ip", "route", "del", assignment->address + "/32"}}, context));
  }
  return throw_away(tools_, cluster, folder);
}

}  // namespace skep
