// Rules about nodes and what belongs to them: labels, addresses, pinned host keys, volumes.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "planner/model/spec_check.h"
#include "planner/model/spec_formats.h"

namespace skep::model {

namespace {

// skep knows region and zone of a machine that it rents; of one that exists already only the user does.
void check_labels(const std::map<std::string, std::string>& labels, const std::string& path, bool is_existing,
                  Findings& findings) {
  for (const auto& [key, value] : labels) {
    const bool is_place = key == "region" || key == "zone";
    const bool is_reserved = key == "provider" || key == "pool" || key.starts_with("skep.") || key == "skep";
    if (is_reserved || (is_place && !is_existing))
      findings.error_at_key(path + ".labels." + key, "this label is set by skep itself",
                            "choose another name for yours");
  }
}

std::string ssh_keyscan_hint(const NodeSpec& node) {
  const std::string address = node.address.empty() ? "ADDRESS" : node.address;
  const std::string port = node.port == 0 ? "" : "-p " + std::to_string(node.port) + " ";
  return "`ssh-keyscan -t ed25519 " + port + address +
         "` prints it; compare it with /etc/ssh/ssh_host_ed25519_key.pub on the machine's console";
}

void check_address(const std::string& text, const std::string& path, Findings& findings) {
  const auto address = parse_ipv4(text);
  if (!address) return;
  const bool is_nobody = *address == 0 || *address >> 28 >= 14;  // 0.0.0.0; multicast and reserved
  if (is_nobody) findings.error_at(path, text + " is the address of no machine");
}

void check_existing_node(const NodeSpec& node, const std::string& path, Findings& findings) {
  if (node.address.empty() && !findings.is_written(path + ".address"))
    findings.error_at(path + ".address", "is missing: skep reaches this machine by its address",
                      "write " + node.name + ": {address: ADDRESS, host_key: KEY}");
  if (node.host_key.empty()) {
    if (findings.is_written(path + ".host_key")) return;  // as no text: said already
    findings.error_at(path + ".host_key", "is missing: skep logs in to no machine whose key it does not know",
                      ssh_keyscan_hint(node));
    return;
  }
  const auto key = checked_public_line(node.host_key);
  if (!key.ok()) findings.error_at(path + ".host_key", key.error().message, key.error().hint);
}

// Which keys of the node only make sense for a machine that exists already; empty: none is there.
std::string first_existing_key(const NodeSpec& node) {
  if (!node.address.empty()) return "address";
  if (!node.private_address.empty()) return "private_address";
  if (!node.host_key.empty()) return "host_key";
  if (!node.user.empty()) return "user";
  return node.port == 0 ? "" : "port";
}

/// Finds addresses that two nodes have.
class Addresses {
 public:
  explicit Addresses(Findings& findings) : findings_(findings) {}

  void add(const std::string& address, const std::string& node, const std::string& path) {
    if (address.empty()) return;
    const auto [owner, is_new] = owners_.emplace(address, node);
    if (!is_new && owner->second != node)
      findings_.error_at(path, address + " is the address of node '" + owner->second + "' already",
                         "two nodes are two machines");
  }

 private:
  Findings& findings_;
  std::map<std::string, std::string> owners_;
};

bool is_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Why nothing can be mounted there; empty: it can.
std::string why_not_mount(const std::string& mount) {
  static constexpr std::string_view system_folders[] = {"/bin",  "/boot", "/dev",  "/etc", "/lib", "/lib64",
                                                        "/proc", "/run",  "/sbin", "/sys", "/usr", "/root/.ssh"};
  static constexpr std::string_view whole_folders[] = {"/", "/home", "/root", "/tmp", "/var", "/var/lib", "/var/log"};
  if (mount.find("//") != std::string::npos || (mount + "/").find("/../") != std::string::npos ||
      (mount + "/").find("/./") != std::string::npos)
    return "is not written out: it holds '//', '/./' or '/../'";
  if (is_under(mount, "/var/lib/docker") || is_under(mount, "/var/lib/containerd"))
    return "is the engine's own folder, whose content belongs to the machine";
  const bool is_system = std::ranges::any_of(system_folders, [&](auto folder) { return is_under(mount, folder); }) ||
                         std::ranges::find(whole_folders, mount) != std::end(whole_folders);
  return is_system ? "would hide a folder of the system" : "";
}

void check_pool_volumes(const PoolSpec& pool, Findings& findings) {
  constexpr std::uint64_t smallest = 1'000'000'000;
  constexpr std::uint64_t largest = std::uint64_t{16} << 40;
  std::map<std::string, std::string> mounts;
  for (const auto& [name, volume] : pool.volumes) {
    const std::string path = "pools." + pool.name + ".volumes." + name;
    if (volume.size_bytes != 0 && (volume.size_bytes < smallest || volume.size_bytes > largest))
      findings.error_at(path + ".size", human_size(volume.size_bytes) + " is out of range", "a volume has 1GB to 16TB");
    if (volume.mount.empty()) continue;
    if (const std::string why = why_not_mount(volume.mount); !why.empty())
      findings.error_at(path + ".mount", "'" + volume.mount + "' " + why, "choose a folder such as /srv/data");
    const auto [other, is_new] = mounts.emplace(volume.mount, name);
    if (!is_new)
      findings.error_at(path + ".mount", "volume '" + other->second + "' is mounted there already",
                        "give each volume a folder of its own");
  }
}

}  // namespace

void check_nodes(const Spec& spec, Findings& findings) {
  Addresses addresses(findings);
  Addresses private_addresses(findings);
  for (const auto& [name, pool] : spec.pools) {
    const bool is_existing = pool.provider == "existing";
    check_labels(pool.labels, "pools." + name, is_existing, findings);
    if (!pool.named) continue;
    for (const auto& node : pool.nodes) {
      if (findings.full()) return;
      const std::string path = "pools." + name + ".nodes." + node.name;
      check_labels(node.labels, path, is_existing, findings);
      if (is_existing) {
        check_existing_node(node, path, findings);
      } else if (const std::string key = first_existing_key(node); !key.empty() && !pool.provider.empty()) {
        findings.error_at(path + "." + key, "provider " + pool.provider + " makes the machine itself",
                          "take the line out, or set provider: existing");
      }
      check_address(node.address, path + ".address", findings);
      check_address(node.private_address, path + ".private_address", findings);
      addresses.add(node.address, node.name, path + ".address");
      private_addresses.add(node.private_address, node.name, path + ".private_address");
    }
  }
}

void check_volumes(const Spec& spec, Findings& findings) {
  std::map<std::string, std::string> owners;  // "NODE-VOLUME", the name that a volume gets, to "NODE and VOLUME"
  for (const auto& [pool_name, pool] : spec.pools) {
    if (pool.volumes.empty()) continue;
    check_pool_volumes(pool, findings);
    for (const auto& node : pool.nodes) {
      for (const auto& [name, volume] : pool.volumes) {
        const std::string owner = "volume '" + name + "' of node '" + node.name + "'";
        const auto [other, is_new] = owners.emplace(node.name + "-" + name, owner);
        if (is_new || other->second == owner || findings.full()) continue;
        findings.error_at("pools." + pool_name + ".volumes." + name,
                          owner + " would be called '" + other->first + "', as is " + other->second,
                          "rename one of the volumes");
      }
    }
  }
}

}  // namespace skep::model
