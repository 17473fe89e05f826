#include "providers/local/host_registry.h"

#include <cstdlib>

#include "planner/base/json.h"
#include "providers/local/kernel_files.h"

namespace skep {

namespace {

// The least value that machines need.
const std::map<std::string, long>& needed_settings() {
  static const std::map<std::string, long> table = {
      {"net/ipv4/ip_forward", 1},
      {"fs/inotify/max_user_instances", 8192},  // a node with Docker holds 8, and all count for one user
  };
  return table;
}

bool is_too_small(const std::string& value, long least) {
  return !value.empty() && std::strtol(value.c_str(), nullptr, 10) < least;
}

struct Registry {
  Json before = Json::object();    // setting -> value
  Json networks = Json::object();  // cluster folder -> range
};

Result<Registry> read_registry(const LocalTools& tools) {
  const std::string& path = tools.paths.registry;
  const auto text = tools.files.read(path, 1 << 20);
  if (!text.ok() && text.error().code == ErrorCode::not_found) return Registry{};
  if (!text.ok()) return text.error();
  const Json json = TRY(parse_json(text.value(), path));
  Registry registry;
  if (json.contains("before")) registry.before = json["before"];
  if (!json.contains("networks")) return registry;
  for (const auto& [folder, range] : json["networks"].items()) {
    if (tools.files.exists(folder)) registry.networks[folder] = range;  // else somebody removed it by hand
  }
  return registry;
}

Result<void> write_registry(const LocalTools& tools, const Registry& registry) {
  const std::string& path = tools.paths.registry;
  if (registry.before.empty() && registry.networks.empty()) return tools.files.destroy(path);
  TRY(tools.files.make_directories(path.substr(0, path.rfind('/')), 0755));
  const Json json = {{"before", registry.before}, {"networks", registry.networks}};
  return tools.files.write(path, dump_json_pretty(json), 0644);
}

Result<void> restore_settings(const Json& before) {
  for (const auto& [name, least] : needed_settings()) {
    const auto value = before.find(name);
    const bool is_as_we_left_it = read_sysctl(name) == std::to_string(least);
    if (value != before.end() && value->is_string() && is_as_we_left_it)
      TRY(write_sysctl(name, value->get<std::string>()).doing("restore " + name));
  }
  return {};
}

}  // namespace

Result<FileLock> lock_host(const LocalTools& tools, const Context& context) {
  const std::string& path = tools.paths.host_lock;
  TRY(tools.files.make_directories(path.substr(0, path.rfind('/')), 0755));
  return FileLock::take(path, tools.clock, context);
}

Result<std::map<std::string, Subnet>> registered_ranges(const LocalTools& tools) {
  std::map<std::string, Subnet> ranges;
  const Registry registry = TRY(read_registry(tools));
  for (const auto& [folder, range] : registry.networks.items()) {
    if (!range.is_string()) continue;
    if (const auto subnet = parse_subnet(range.get<std::string>())) ranges.emplace(folder, *subnet);
  }
  return ranges;
}

Result<void> register_range(const LocalTools& tools, const std::string& cluster_folder, const Subnet& range) {
  Registry registry = TRY(read_registry(tools));
  registry.networks[cluster_folder] = to_text(range);
  return write_registry(tools, registry);
}

Result<void> unregister_range(const LocalTools& tools, const std::string& cluster_folder) {
  Registry registry = TRY(read_registry(tools));
  registry.networks.erase(cluster_folder);
  if (registry.networks.empty()) {
    TRY(restore_settings(registry.before));
    registry.before = Json::object();
  }
  return write_registry(tools, registry);
}

Result<void> raise_host_settings(const LocalTools& tools) {
  Registry registry = TRY(read_registry(tools));
  for (const auto& [name, least] : needed_settings()) {
    const std::string value = read_sysctl(name);
    if (is_too_small(value, least) && !registry.before.contains(name)) registry.before[name] = value;
  }
  TRY(write_registry(tools, registry));
  for (const auto& [name, least] : needed_settings()) {
    if (is_too_small(read_sysctl(name), least)) TRY(write_sysctl(name, std::to_string(least)).doing("set " + name));
  }
  return {};
}

}  // namespace skep
