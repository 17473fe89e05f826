// A cluster of real machines for a test: a root, names and a clean end of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "planner/system/clock.h"
#include "planner/system/files.h"
#include "planner/system/processes.h"
#include "planner/system/random.h"
#include "providers/local/local.h"
#include "providers/local/machine_record.h"
#include "providers/local/names.h"

namespace skep {

class RealMachines : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "real machines need root";
    for (const char* name : {"systemd-nspawn", "mmdebstrap", "nft", "ip"}) {
      if (!processes_.find_program(name)) GTEST_SKIP() << "real machines need " << name << ": scripts/install local";
    }
    cluster_ = "t" + random_id(random_).substr(0, 8);
    for (char& c : cluster_) c = static_cast<char>(std::tolower(c));
    tools_.paths = local_paths_from_environment();
    tools_.paths.root = "/var/tmp/skep-test-" + cluster_;
    provider_ = make_local_provider(tools_);
    for (Driver* driver : provider_->drivers()) drivers_[driver->schema().driver] = driver;
    key_file_ = tools_.paths.root + "/client_key";
    ASSERT_TRUE(files_.make_directories(tools_.paths.root, 0700).ok());
    const auto pair = ed25519_key_pair(random_seed(random_), "test");
    ASSERT_TRUE(files_.write(key_file_, pair.private_text.reveal(), 0600).ok());
    client_key_ = pair.public_line;
  }

  void TearDown() override {
    if (!provider_) return;
    const auto names = names_on_host();
    EXPECT_EQ(destroy_all(), "");
    EXPECT_EQ(left_on_host(names), "");
    ASSERT_TRUE(files_.destroy_tree(tools_.paths.root).ok());
  }

  /// Everything of this cluster, by what list() finds, machines side by side first; "" or the first error.
  std::string destroy_all() {
    for (const char* driver : {"local.floating_ip", "local.server", "local.volume", "local.network"}) {
      const auto owned = drivers_[driver]->list(cluster_, context());
      if (!owned.ok()) return owned.error().message;
      for (const auto& [id, object] : owned.value()) {
        const Resource resource{.id = id, .driver = driver};  // as for one that no record knows: without inputs
        const auto destroyed = drivers_[driver]->destroy(resource, object, context());
        if (!destroyed.ok()) return destroyed.error().message;
      }
    }
    return "";
  }

  Context context() const { return {.deadline = clock_.now() + std::chrono::minutes(5)}; }

  Resource network() const {
    Resource resource{.id = {"network", "main"}, .driver = "local.network"};
    resource.inputs = {{"cluster", cluster_}, {"range", ""}, {"avoid", Json::array()}, {"up", true}};
    return resource;
  }
  Resource server(const std::string& name, int generation = 1) const {
    Resource resource{.id = {"server", name, generation}, .driver = "local.server"};
    resource.node = name;
    resource.inputs = {{"cluster", cluster_},
                       {"image", "debian-12"},
                       {"type", ""},
                       {"authorized_keys", {client_key_}},
                       {"power", "on"},
                       {"network", cluster_ + "/main"},
                       {"volumes", Json::array()}};
    return resource;
  }
  Resource volume(const std::string& name, std::uint64_t size_bytes) const {
    Resource resource{.id = {"volume", name}, .driver = "local.volume"};
    resource.inputs = {{"cluster", cluster_}, {"size_bytes", size_bytes}};
    return resource;
  }
  Resource floating(const std::string& name, const std::string& holder) const {
    Resource resource{.id = {"floating_ip", name}, .driver = "local.floating_ip"};
    resource.inputs = {{"cluster", cluster_}, {"network", cluster_ + "/main"}, {"server", cluster_ + "/" + holder}};
    return resource;
  }

  /// find, create, wait: as the executor does it.
  Result<Object> make(const Resource& resource) {
    Driver& driver = *drivers_.at(resource.driver);
    if (auto found = TRY(driver.find(resource, "", context())))
      return driver.wait_ready(resource, std::move(*found), context());
    return driver.wait_ready(resource, TRY(driver.create(resource, context())), context());
  }
  std::optional<Object> look(const Resource& resource) {
    auto found = drivers_.at(resource.driver)->find(resource, "", context());
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message);
    return found.ok() ? found.value() : std::nullopt;
  }
  std::string power(const std::string& name) {
    const auto object = look(server(name));
    return object ? json_string_or(object->attributes, "power") : "absent";
  }

  /// Output of a command in a machine, over real SSH with the pinned host key, without its last line end.
  std::string over_ssh(const Object& machine, const std::string& command) {
    const std::string address = json_string_or(machine.attributes, "address");
    const std::string known = tools_.paths.root + "/known_hosts";
    EXPECT_TRUE(files_.write(known, address + " " + json_string_or(machine.attributes, "host_key") + "\n", 0600).ok());
    const auto exit =
        processes_.run({.argv = {"ssh", "-F", "none", "-i", key_file_, "-o", "BatchMode=yes", "-o",
                                 "UserKnownHostsFile=" + known, "-o", "StrictHostKeyChecking=yes", "-o",
                                 "ConnectTimeout=10", "-o", "LogLevel=ERROR", "root@" + address, command}},
                       context());
    if (!exit.ok()) return "error: " + exit.error().message;
    return exit.value().code == 0 ? std::string(trim(exit.value().out)) : "error: " + exit.value().err;
  }

  /// Bridge, firewall table and cables of this cluster.
  std::vector<std::string> names_on_host() {
    std::vector<std::string> names = {bridge_name(cluster_), replace_all(bridge_name(cluster_), "-", "_")};
    const auto machines = machines_of(files_, tools_.paths, cluster_);
    if (!machines.ok()) return names;
    for (const auto& [name, machine] : machines.value()) names.push_back(machine.cable());
    return names;
  }

  /// What there is of this cluster on the computer, its test folder apart: links, namespaces, rules, processes, mounts,
  /// loop devices, control groups, routes.
  std::string left_on_host(const std::vector<std::string>& names) {
    const std::string script =
        "cluster=$1; shift\n"
        "for name in \"$@\"; do ip link show \"$name\"; nft list table ip \"$name\"; ip route | grep \"$name\"; "
        "iptables -S | grep \"$name\"; done 2>/dev/null\n"
        "ip netns list | grep \"$cluster\"\n"
        "pgrep -af \"/$cluster/\"\n"
        "grep \"/$cluster/\" /proc/mounts\n"
        "losetup -a | grep \"$cluster\"\n"
        "ls -d /run/systemd/nspawn/propagate/*$cluster* 2>/dev/null\n"
        "find /sys/fs/cgroup -type d -path \"*skep*$cluster*\" 2>/dev/null\n"
        "find \"/var/tmp/skep-test-$cluster/$cluster\" 2>/dev/null\n"
        "grep \"$cluster\" /var/lib/skep/host.json 2>/dev/null\n"
        ":";
    std::vector<std::string> command = {"sh", "-uc", script, "sh", cluster_};
    command.insert(command.end(), names.begin(), names.end());
    const auto exit = processes_.run({.argv = command}, context());
    return exit.ok() ? exit.value().out : exit.error().message;
  }

  /// Output of a command on this computer, or "error: ...".
  std::string here(const std::string& script) {
    const auto exit = processes_.run({.argv = {"sh", "-euc", script}}, context());
    if (!exit.ok()) return "error: " + exit.error().message;
    return exit.value().code == 0 ? std::string(trim(exit.value().out)) : "error: " + exit.value().err;
  }

  /// Waits until `is_so` says so; false after two minutes.
  bool eventually(const std::function<bool()>& is_so) {
    const Instant end = clock_.now() + std::chrono::minutes(2);
    while (!is_so()) {
      if (clock_.now() > end) return false;
      (void)clock_.sleep(std::chrono::milliseconds(20), {});
    }
    return true;
  }

  SystemFiles files_;
  SystemProcesses processes_;
  SystemClock clock_;
  SystemRandom random_;
  LocalTools tools_{files_, processes_, clock_, random_};
  std::unique_ptr<Provider> provider_;
  std::map<std::string, Driver*> drivers_;
  std::string cluster_;
  std::string key_file_;
  std::string client_key_;
};

}  // namespace skep
