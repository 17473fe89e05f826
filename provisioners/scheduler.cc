#include "provisioners/scheduler.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "planner/base/text.h"

namespace skep {
namespace {

Reservation reservation_of(const Json& resources) {
  return {.nano_cpus = json_int_or(resources, "NanoCPUs", 0), .memory_bytes = json_int_or(resources, "MemoryBytes", 0)};
}

std::map<std::string, std::string> texts_of(const Json& object) {
  std::map<std::string, std::string> texts;
  if (!object.is_object()) return texts;
  for (const auto& [key, value] : object.items())
    if (value.is_string()) texts[key] = value.get<std::string>();
  return texts;
}

std::string plain_architecture(const std::string& name) {
  if (name == "x86_64") return "amd64";
  return name == "aarch64" ? "arm64" : name;
}

TaskNode place_of(const Json& node) {
  const auto& spec = json_member(node, "Spec");
  const auto& description = json_member(node, "Description");
  const auto& engine = json_member(description, "Engine");
  const auto& platform = json_member(description, "Platform");
  TaskNode place = {.id = json_string_or(node, "ID"),
                    .hostname = json_string_or(description, "Hostname"),
                    .role = json_string_or(spec, "Role"),
                    .address = json_string_or(json_member(node, "Status"), "Addr"),
                    .os = json_string_or(platform, "OS"),
                    .architecture = plain_architecture(json_string_or(platform, "Architecture")),
                    .is_ready = json_string_or(json_member(node, "Status"), "State") == "ready",
                    .takes_tasks = json_string_or(spec, "Availability") == "active",
                    .total = reservation_of(json_member(description, "Resources")),
                    .labels = texts_of(json_member(spec, "Labels")),
                    .engine_labels = texts_of(json_member(engine, "Labels"))};
  for (const auto& plugin : json_member(engine, "Plugins"))
    if (json_string_or(plugin, "Type") == "Volume") place.volume_plugins.insert(json_string_or(plugin, "Name"));
  return place;
}

void take_mounts(const Json& mounts, Workload& workload) {
  for (const auto& mount : mounts) {
    const auto type = json_string_or(mount, "Type");
    const auto source = json_string_or(mount, "Source");
    const bool is_writable = json_member(mount, "ReadOnly") != Json(true);
    const auto& config = json_member(json_member(mount, "VolumeOptions"), "DriverConfig");
    const auto driver = json_string_or(config, "Name", "local");
    // A local volume with options may be a share (NFS), which is the same on every node.
    const bool has_options = !json_member(config, "Options").empty();
    if (type == "volume" && driver != "local" && !driver.empty())
      workload.volume_plugins.insert(driver);
    else if (type == "volume" && !source.empty() && !has_options && is_writable)
      workload.local_data.push_back(source);
    else if (type == "bind" && is_writable && !source.ends_with(".sock"))
      workload.local_data.push_back(source);
  }
}

Workload workload_of(const Json& service) {
  const auto& spec = json_member(service, "Spec");
  const auto& mode = json_member(spec, "Mode");
  const auto& task = json_member(spec, "TaskTemplate");
  const auto& placement = json_member(task, "Placement");
  const auto& replicated = json_member(mode, "Replicated");
  Workload workload = {.id = json_string_or(service, "ID"),
                       .name = json_string_or(spec, "Name"),
                       .is_global = mode.is_object() && mode.contains("Global"),
                       .is_job = mode.is_object() && (mode.contains("ReplicatedJob") || mode.contains("GlobalJob")),
                       .replicas = json_int_or(replicated, "Replicas", 1),
                       .most_per_node = json_int_or(placement, "MaxReplicas", 0),
                       .needs = reservation_of(json_member(json_member(task, "Resources"), "Reservations"))};
  for (const auto& constraint : json_member(placement, "Constraints"))
    if (constraint.is_string()) workload.constraints.push_back(constraint.get<std::string>());
  for (const auto& platform : json_member(placement, "Platforms"))
    workload.platforms.emplace_back(json_string_or(platform, "OS"),
                                    plain_architecture(json_string_or(platform, "Architecture")));
  for (const auto& port : json_member(json_member(spec, "EndpointSpec"), "Ports")) {
    if (json_string_or(port, "PublishMode") != "host") continue;
    workload.host_ports.emplace(json_string_or(port, "Protocol", "tcp"), json_int_or(port, "PublishedPort", 0));
  }
  take_mounts(json_member(json_member(task, "ContainerSpec"), "Mounts"), workload);
  return workload;
}

bool is_same(std::string_view left, std::string_view right) { return lower_case(left) == lower_case(right); }

std::optional<std::uint32_t> ipv4(std::string_view text) {
  std::uint32_t address = 0;
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (const auto& part : parts) {
    if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    address = address << 8 | static_cast<std::uint32_t>(std::stoul(part) & 0xff);
  }
  return address;
}

// A single address, or a range in CIDR notation.
bool is_in_range(std::string_view address, std::string_view range) {
  const auto slash = range.find('/');
  if (slash == std::string_view::npos) return address == range;
  const auto base = ipv4(range.substr(0, slash));
  const auto own = ipv4(address);
  const auto bits = std::string(range.substr(slash + 1));
  if (!base || !own || bits.empty() || bits.find_first_not_of("0123456789") != std::string::npos) return false;
  const auto length = std::min(std::stoul(bits), 32UL);
  const std::uint32_t mask = length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
  return (*base & mask) == (*own & mask);
}

std::string label_of(const std::map<std::string, std::string>& labels, const std::string& key) {
  const auto found = labels.find(key);
  return found == labels.end() ? "" : found->second;
}

// Whether the node is what the constraint's right side says; a missing label is the empty text.
bool matches(std::string_view key, std::string_view value, const TaskNode& place) {
  constexpr std::string_view node_labels = "node.labels.";
  constexpr std::string_view engine_labels = "engine.labels.";
  const auto begins = [&](std::string_view prefix) { return is_same(key.substr(0, prefix.size()), prefix); };
  if (begins(node_labels)) return is_same(label_of(place.labels, std::string(key.substr(node_labels.size()))), value);
  if (begins(engine_labels))
    return is_same(label_of(place.engine_labels, std::string(key.substr(engine_labels.size()))), value);
  if (is_same(key, "node.id")) return is_same(place.id, value);
  if (is_same(key, "node.hostname")) return is_same(place.hostname, value);
  if (is_same(key, "node.ip")) return is_in_range(place.address, value);
  if (is_same(key, "node.role")) return is_same(place.role, value);
  if (is_same(key, "node.platform.os")) return is_same(place.os, value);
  if (is_same(key, "node.platform.arch")) return is_same(place.architecture, plain_architecture(std::string(value)));
  return true;  // a key that is not known here must not make a service homeless
}

bool is_met(std::string_view constraint, const TaskNode& place) {
  const auto unequal = constraint.find("!=");
  const auto equal = constraint.find("==");
  const auto at = std::min(unequal, equal);
  if (at == std::string_view::npos) return true;
  const auto key = trim(constraint.substr(0, at));
  const auto value = trim(constraint.substr(at + 2));
  return matches(key, value, place) == (equal == at);
}

std::int64_t times(std::int64_t free, std::int64_t needed) {
  return needed <= 0 ? std::numeric_limits<std::int64_t>::max() : std::max<std::int64_t>(free, 0) / needed;
}

}  // namespace

SwarmPicture picture_of(const Json& nodes, const Json& services, const Json& tasks) {
  SwarmPicture picture;
  for (const auto& node : nodes) picture.places.push_back(place_of(node));
  for (const auto& service : services) picture.workloads.push_back(workload_of(service));
  for (const auto& task : tasks) {
    if (json_string_or(task, "DesiredState") != "running") continue;
    picture.tasks.push_back({json_string_or(task, "ServiceID"), json_string_or(task, "NodeID")});
  }
  return picture;
}

std::string objection(const Workload& workload, const TaskNode& place) {
  if (!place.is_ready) return "it is not ready";
  if (!place.takes_tasks) return "it takes no tasks";
  for (const auto& constraint : workload.constraints)
    if (!is_met(constraint, place)) return constraint;
  const auto fits = [&](const std::pair<std::string, std::string>& platform) {
    return (platform.first.empty() || platform.first == place.os) &&
           (platform.second.empty() || platform.second == place.architecture);
  };
  if (!workload.platforms.empty() && std::ranges::none_of(workload.platforms, fits)) return "another platform";
  for (const auto& plugin : workload.volume_plugins)
    if (!place.volume_plugins.contains(plugin)) return "no volume plugin " + plugin;
  return {};
}

std::int64_t room_for(const Workload& workload, const TaskNode& place, const std::vector<Placed>& there,
                      const SwarmPicture& picture) {
  if (!objection(workload, place).empty()) return 0;
  Reservation free = place.total;
  std::int64_t own = 0;
  bool is_port_taken = false;
  for (const auto& task : there) {
    const auto other = std::ranges::find(picture.workloads, task.service, &Workload::id);
    if (other == picture.workloads.end()) continue;
    free.nano_cpus -= other->needs.nano_cpus;
    free.memory_bytes -= other->needs.memory_bytes;
    if (other->id == workload.id) ++own;
    is_port_taken = is_port_taken || std::ranges::any_of(workload.host_ports, [&](const HostPort& port) {
                      return other->host_ports.contains(port);
                    });
  }
  auto room =
      std::min(times(free.nano_cpus, workload.needs.nano_cpus), times(free.memory_bytes, workload.needs.memory_bytes));
  if (workload.most_per_node > 0) room = std::min(room, std::max<std::int64_t>(workload.most_per_node - own, 0));
  if (!workload.host_ports.empty()) room = std::min<std::int64_t>(room, is_port_taken ? 0 : 1);
  return room;
}

}  // namespace skep
