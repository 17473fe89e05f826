#include "tests/fakes/fake_host.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "tests/fakes/script_answers.h"

namespace skep::test {
namespace {

// As ": ${name:?}" in the script does.
std::string missing(const Script& script, std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    if (argument(script, name).empty()) return fmt::format("{}: parameter not set or null", name);
  }
  return {};
}

std::string upstream(const std::string& version) {
  const auto colon = version.find(':');
  const auto text = colon == std::string::npos ? version : version.substr(colon + 1);
  return text.substr(0, text.find('-'));
}

}  // namespace

Instant JumpingClock::now() const {
  const std::scoped_lock lock(mutex_);
  return Instant(passed_);
}

WallTime JumpingClock::wall() const {
  const std::scoped_lock lock(mutex_);
  return WallTime(std::chrono::seconds(1'800'000'000) + std::chrono::floor<std::chrono::seconds>(passed_));
}

Result<void> JumpingClock::sleep(Duration duration, const Context& context) const {
  const std::scoped_lock lock(mutex_);
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped"};
  const auto left = std::max(Duration(0), context.deadline - Instant(passed_));
  passed_ += std::min(duration, left);
  if (duration > left) return Error{ErrorCode::unavailable, "the deadline came first"};
  return {};
}

FakeHost& FakeWorld::add_host(const std::string& name, const std::string& address) {
  auto& host = hosts_[name];
  host.address = address;
  host.host_key = "ssh-ed25519 " + base64_encode(name);
  host.machine_id = sha256_hex(name).substr(0, 32);
  host.addresses = {address};
  host.repository = {{"docker.io", {"20.10.24+dfsg1-1"}}};
  return host;
}

std::vector<std::string> FakeWorld::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

std::size_t FakeWorld::count_of_calls(const std::string& text) const {
  std::size_t count = 0;
  for (const auto& call : calls()) count += call.find(text) == std::string::npos ? 0 : 1;
  return count;
}

void FakeWorld::forget_calls() {
  const std::scoped_lock lock(mutex_);
  calls_.clear();
}

FakeHost* FakeWorld::at(const Endpoint& endpoint) {
  for (auto& [name, host] : hosts_) {
    if (host.address == endpoint.address) return &host;
  }
  return nullptr;
}

const std::map<std::string, FakeWorld::Handler>& FakeWorld::handlers() {
  static const std::map<std::string, Handler> all = {
      {"facts", &FakeWorld::facts},
      {"host_key_prepare", &FakeWorld::host_key_prepare},
      {"host_key_switch", &FakeWorld::host_key_switch},
      {"address_ensure", &FakeWorld::address_ensure},
      {"address_release", &FakeWorld::address_release},
      {"host_ready", &FakeWorld::host_ready},
      {"host_reboot", &FakeWorld::host_reboot},
      {"clock_sync", &FakeWorld::clock_sync},
      {"engine_validate", &FakeWorld::engine_validate},
      {"engine_configure", &FakeWorld::engine_configure},
      {"engine_repository", &FakeWorld::engine_repository},
      {"engine_available", &FakeWorld::engine_available},
      {"engine_download", &FakeWorld::engine_download},
      {"engine_install", &FakeWorld::engine_install},
      {"engine_restart", &FakeWorld::engine_restart},
      {"engine_release", &FakeWorld::engine_release},
      {"engine_read", &FakeWorld::engine_read},
      {"swarm_init", &FakeWorld::swarm_init},
      {"swarm_token", &FakeWorld::swarm_token},
      {"swarm_join", &FakeWorld::swarm_join},
      {"swarm_leave", &FakeWorld::swarm_leave},
      {"node_update", &FakeWorld::node_update},
      {"node_role", &FakeWorld::node_role},
      {"node_destroy", &FakeWorld::node_destroy},
      {"mount_ensure", &FakeWorld::mount_ensure},
      {"mount_release", &FakeWorld::mount_release},
      {"swarm_autolock", &FakeWorld::swarm_autolock},
      {"swarm_unlock", &FakeWorld::swarm_unlock},
      {"swarm_unlock_key", &FakeWorld::swarm_unlock_key},
      {"swarm_rotate", &FakeWorld::swarm_rotate},
      {"network_probe", &FakeWorld::network_probe},
      {"overlay_network", &FakeWorld::overlay_network},
      {"overlay_begin", &FakeWorld::overlay_begin},
      {"overlay_end", &FakeWorld::overlay_end},
      {"raft_look", &FakeWorld::raft_look},
      {"swarm_recover", &FakeWorld::swarm_recover},
      {"swarm_fence", &FakeWorld::swarm_fence},
      {"swarm_forget", &FakeWorld::swarm_forget},
      {"swarm_backup", &FakeWorld::swarm_backup},
      {"swarm_backup_part", &FakeWorld::swarm_backup_part},
  };
  return all;
}

Result<Exit> FakeWorld::run(const Endpoint& endpoint, const Script& script, const Context& context) {
  const std::scoped_lock lock(mutex_);
  auto* host = at(endpoint);
  const auto name = [&] {
    for (const auto& [key, value] : hosts_) {
      if (&value == host) return key;
    }
    return endpoint.address;
  }();
  const auto call = name + " " + script.name;
  const auto number = calls_.size();
  calls_.push_back(call);
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped"};
  const auto fate = fault(number, call);
  if (fate == Fault::not_sent || host == nullptr || !host->power || !host->reachable) {
    return Error{ErrorCode::unavailable, fmt::format("{}: no answer", endpoint.address)};
  }
  if (host->host_key != endpoint.host_key) return Error{ErrorCode::refused, "another host key"};
  const auto handler = handlers().find(script.name);
  if (handler == handlers().end()) return failed(127, "no such script: " + script.name);
  auto exit = (this->*handler->second)(*host, script);
  if (fate == Fault::answer_lost) return Error{ErrorCode::unknown_outcome, "the connection was lost"};
  return exit;
}

Exit FakeWorld::facts(FakeHost& host, const Script&) {
  if (host.local_state == "pending" && clock_.now() >= host.joined_at) enter_swarm(host);
  std::string out = fmt::format("os {}\narch amd64\nkernel 6.1\nhostname {}\nmachine_id {}\nboot_id boot-{}\n", host.os,
                                host.hostname, host.machine_id, host.boots);
  if (host.needs_reboot) out += "needs_reboot yes\n";
  out += fmt::format(
      "clock {}\n",
      (clock_.wall().time_since_epoch() + std::chrono::floor<std::chrono::seconds>(host.clock_skew)).count());
  for (const auto& address : host.addresses) out += "address " + address + "/24\n";
  for (const auto& [to, device] : host.routes) out += fmt::format("route {} {}\n", to, device);
  if (host.engine) {
    out += fmt::format("package {} {} installed {}\n", host.engine->package, host.engine->held ? "hold" : "install",
                       host.engine->version);
  }
  if (host.daemon_json) out += "daemon_json " + base64_encode(*host.daemon_json) + "\n";
  if (!host.engine_memory.empty()) out += "engine_memory " + base64_encode(host.engine_memory) + "\n";
  for (const auto& address : host.floating_addresses) out += "floating " + address + "\n";
  if (!host.swarm_marker.empty()) out += "swarm_marker " + base64_encode(host.swarm_marker) + "\n";
  if (host.local_state != "inactive") out += "swarm_state stored\n";
  for (const auto& [path, mount] : host.mounts) {
    out += fmt::format("mount active {} {} {}\n", mount.filesystem, mount.device, path);
  }
  if (host.engine && host.engine->runs) {
    out += "info " + info(host) + "\n";
    auto* swarm = managed_by(host);
    if (swarm != nullptr) out += "nodes " + nodes(*swarm) + "\n";
    const auto of = swarms_.find(host.cluster);
    const bool is_voter =
        of != swarms_.end() && of->second.nodes.contains(host.node_id) && of->second.nodes.at(host.node_id).voter;
    if (swarm == nullptr && host.local_state == "active" && is_voter) {
      out += "nodes_error The swarm does not have a leader.\n";
    }
  }
  return done(out + "end .\n");
}

Exit FakeWorld::host_ready(FakeHost& host, const Script& script) {
  if (auto what = missing(script, {"host_name", "address"}); !what.empty()) return failed(2, what);
  if (!host.os.starts_with("debian")) return failed(65, "the operating system is not supported");
  host.hostname = argument(script, "host_name");
  if (!host.addresses.contains(argument(script, "address"))) return failed(65, "the address is not on this host");
  return done();
}

Exit FakeWorld::clock_sync(FakeHost& host, const Script&) {
  if (host.clock_skew > std::chrono::hours(1)) return failed(65, "the host has no time service");
  host.clock_skew = {};
  return done();
}

void FakeWorld::take_labels(FakeHost& host) {
  host.engine->labels.clear();
  const auto parsed = Json::parse(host.daemon_json.value_or("{}"));
  for (const auto& label : parsed.value("labels", Json::array())) host.engine->labels.push_back(label);
  if (host.cluster.empty()) return;
  auto& nodes = swarms_.at(host.cluster).nodes;
  const auto node = nodes.find(host.node_id);
  if (node == nodes.end()) return;
  for (const auto& label : host.engine->labels) {
    if (label.starts_with("skep.uid=")) node->second.uid = label.substr(9);
  }
}

Exit FakeWorld::host_reboot(FakeHost& host, const Script& script) {
  if (argument(script, "boot_id") != fmt::format("boot-{}", host.boots)) return done();
  host.boots++;
  host.needs_reboot = false;
  if (host.engine) engine_restart(host, script);
  return done();
}

Exit FakeWorld::engine_validate(FakeHost&, const Script& script) {
  const auto wanted = Json::parse(script.input.reveal());
  return wanted.contains("nonsense") ? failed(65, "the engine would not accept its configuration: nonsense") : done();
}

Exit FakeWorld::engine_configure(FakeHost& host, const Script& script) {
  if (auto what = missing(script, {"present_digest", "memory", "apply"}); !what.empty()) return failed(2, what);
  const auto digest = host.daemon_json ? sha256_hex(*host.daemon_json) : "none";
  if (digest != argument(script, "present_digest"))
    return failed(75, "daemon.json was changed by somebody else just now");
  const auto wanted = Json::parse(script.input.reveal());
  if (wanted.contains("nonsense")) return failed(65, "the engine does not accept its configuration: nonsense");
  host.daemon_json = script.input.reveal();
  host.engine_memory = argument(script, "memory");
  if (host.engine && host.engine->runs) {
    if (argument(script, "apply") == "restart") restart(host);
    take_labels(host);
  }
  return done();
}

Exit FakeWorld::engine_repository(FakeHost& host, const Script& script) {
  if (auto what = missing(script, {"fingerprint"}); !what.empty()) return failed(2, what);
  if (argument(script, "fingerprint").size() != 40) return failed(77, "the key has another fingerprint");
  host.repository["docker-ce"] = {"5:28.5.2-1~debian.12~bookworm", "5:28.5.1-1~debian.12~bookworm",
                                  "5:27.5.1-1~debian.12~bookworm"};
  host.repository["docker-ce-cli"] = host.repository["docker-ce"];
  host.repository["containerd.io"] = {"1.7.28-1"};
  return done();
}

Exit FakeWorld::engine_available(FakeHost& host, const Script& script) {
  std::string out;
  for (const auto& package : split(argument(script, "packages"), ' ')) {
    for (const auto& version : host.repository[package]) out += package + " " + version + "\n";
  }
  return done(out);
}

Exit FakeWorld::engine_download(FakeHost& host, const Script& script) {
  const auto words = split(argument(script, "packages"), ' ');
  const auto equals = words[0].find('=');
  const auto& offered = host.repository[words[0].substr(0, equals)];
  const auto version = equals == std::string::npos ? "" : words[0].substr(equals + 1);
  if (!version.empty() && std::ranges::find(offered, version) == offered.end())
    return failed(75, "apt cannot fetch it");
  return done();
}

Exit FakeWorld::engine_install(FakeHost& host, const Script& script) {
  if (auto what = missing(script, {"packages"}); !what.empty()) return failed(2, what);
  const auto words = split(argument(script, "packages"), ' ');
  const auto package = words[0].substr(0, words[0].find('='));
  auto version = words[0].find('=') == std::string::npos ? "" : words[0].substr(words[0].find('=') + 1);
  const auto& offered = host.repository[package];
  if (version.empty() && !offered.empty()) version = offered.front();
  if (std::ranges::find(offered, version) == offered.end()) return failed(65, "apt cannot install " + package);
  const bool is_new = !host.engine;
  if (is_new) host.engine = FakeEngine{.read = host.daemon_json};
  if (!is_new && host.engine->version != version) restart(host);
  host.engine->package = package;
  host.engine->version = version;
  host.engine->held = !argument(script, "hold").empty();
  host.engine->runs = true;
  take_labels(host);
  return done();
}

Exit FakeWorld::engine_restart(FakeHost& host, const Script&) {
  restart(host);
  if (!host.cluster.empty()) {
    auto& swarm = swarms_[host.cluster];
    if (swarm.leader == host.node_id) swarm.leader.clear();  // somebody else is elected
    for (const auto& [id, node] : swarm.nodes) {
      if (node.voter && id != host.node_id && is_up(node)) swarm.leader = id;
    }
    settle(swarm);
  }
  return done();
}

Exit FakeWorld::engine_release(FakeHost& host, const Script&) {
  host.engine_memory.clear();
  if (host.engine) host.engine->held = false;
  return done();
}

Exit FakeWorld::mount_ensure(FakeHost& host, const Script& script) {
  if (auto what = missing(script, {"device", "path", "filesystem"}); !what.empty()) return failed(2, what);
  const auto device = host.devices.find(argument(script, "device"));
  if (device == host.devices.end()) return failed(75, "the volume's device has not appeared");
  if (device->second.empty()) device->second = argument(script, "filesystem");
  if (device->second != argument(script, "filesystem")) return failed(77, "it holds " + device->second);
  host.mounts[argument(script, "path")] = {device->first, device->second};
  return done();
}

Exit FakeWorld::mount_release(FakeHost& host, const Script& script) {
  host.mounts.erase(argument(script, "path"));
  return done();
}

std::string FakeWorld::text() const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  for (const auto& [name, host] : hosts_) {
    out += fmt::format("{}: {} {}", name, host.hostname, host.local_state);
    if (host.engine) out += fmt::format(", {} {}", host.engine->package, upstream(host.engine->version));
    for (const auto& [path, mount] : host.mounts) out += ", " + path;
    out += "\n";
  }
  for (const auto& [id, swarm] : swarms_) {
    std::vector<std::string> lines;
    for (const auto& [node_id, node] : swarm.nodes) {
      std::string line = fmt::format("  {} {}{}", node.hostname, node.role, node.voter ? " voter" : "");
      for (const auto& [key, value] : node.labels) line += fmt::format(" {}={}", key, value);
      if (node.availability != "active") line += " " + node.availability;
      if (node.seen != Instant::max()) line += " away";
      lines.push_back(line);
    }
    std::ranges::sort(lines);
    out += "swarm\n" + join(lines, "\n") + (lines.empty() ? "" : "\n");
  }
  return out;
}

}  // namespace skep::test
