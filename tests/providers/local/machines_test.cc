// Real machines: made side by side, rebooted, powered off, killed, found again after crashes, destroyed without a
// trace.
#include <signal.h>

#include <filesystem>
#include <thread>

#include "providers/local/kernel_files.h"
#include "providers/local/machine_life.h"
#include "tests/providers/local/real_machines.h"

namespace skep {
namespace {

using namespace std::chrono_literals;

class Machines : public RealMachines {
 protected:
  void SetUp() override {
    RealMachines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto made = make(network());
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  MachineFolder folder(const std::string& name) const { return {tools_.paths.kind(cluster_, "server") + "/" + name}; }
  MachineRun run_of(const std::string& name) { return read_run(files_, folder(name)).value(); }

  Object made(const Resource& resource) {
    auto object = make(resource);
    EXPECT_TRUE(object.ok()) << object.error().message << "\n" << object.error().hint;
    return object.ok() ? object.value() : Object{};
  }

  static std::string field(const Object& object, const char* key) { return json_string_or(object.attributes, key); }
};

TEST_F(Machines, BootSideBySideAndAnswerWithTheKeyThatWasMadeBefore) {
  std::vector<std::string> errors(3);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < errors.size(); ++i) {
      threads.emplace_back([&, i] {
        const auto object = make(server("node-" + std::to_string(i + 1)));
        if (!object.ok()) errors[i] = object.error().message;
      });
    }
  }
  EXPECT_EQ(errors, std::vector<std::string>(3));
  std::set<std::string> addresses;
  for (int i = 1; i <= 3; ++i) {
    const std::string name = "node-" + std::to_string(i);
    const auto machine = look(server(name));
    ASSERT_TRUE(machine);
    addresses.insert(field(*machine, "address"));
    EXPECT_EQ(field(*machine, "power"), "on");
    EXPECT_EQ(over_ssh(*machine, "cat /proc/1/comm; hostname; systemctl is-system-running --wait"),
              "systemd\n" + name + "\nrunning");
    EXPECT_EQ(over_ssh(*machine, "command -v docker || echo none"), "none");
  }
  EXPECT_EQ(addresses.size(), 3U);
  const auto machine = look(server("node-1"));
  for (const auto& address : addresses) EXPECT_EQ(over_ssh(*machine, "ping -c 1 -W 2 " + address + " >/dev/null"), "");
  EXPECT_EQ(drivers_["local.server"]->list(cluster_, context()).value().size(), 3U);
}

TEST_F(Machines, RebootKeepsTheMachineAndGivesItANewBoot) {
  const Object machine = made(server("node"));
  const std::string boot_before = over_ssh(machine, "touch /root/kept; cat /proc/sys/kernel/random/boot_id");
  const std::string id_before = over_ssh(machine, "cat /etc/machine-id");
  (void)over_ssh(machine, "systemctl reboot");
  ASSERT_TRUE(eventually([&] { return run_of("node").boots == 2 && run_of("node").ready; }));
  const auto again = make(server("node"));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value(), machine);
  EXPECT_EQ(over_ssh(machine, "ls /root/kept; cat /etc/machine-id"), "/root/kept\n" + id_before);
  EXPECT_NE(over_ssh(machine, "cat /proc/sys/kernel/random/boot_id"), boot_before);
}

TEST_F(Machines, PowerOffIsSeenAndUpdateStartsItAgain) {
  const Object machine = made(server("node"));
  (void)over_ssh(machine, "systemctl poweroff");
  ASSERT_TRUE(eventually([&] { return power("node") == "off"; }));
  EXPECT_EQ(run_of("node").ended, "powered off");
  Driver& driver = *drivers_["local.server"];
  const auto updated = driver.update(server("node"), *look(server("node")), context());
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  const auto ready = driver.wait_ready(server("node"), updated.value(), context());
  ASSERT_TRUE(ready.ok()) << ready.error().message;
  EXPECT_EQ(ready.value(), machine);
  EXPECT_EQ(over_ssh(machine, "hostname"), "node");
}

TEST_F(Machines, WhatIsWantedOffIsTurnedOffAndStaysOff) {
  const Object machine = made(server("node"));
  Resource off = server("node");
  off.inputs["power"] = "off";
  Driver& driver = *drivers_["local.server"];
  const auto updated = driver.update(off, machine, context());
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  EXPECT_EQ(updated.value().attributes["power"], "off");
  const auto ready = driver.wait_ready(off, updated.value(), context());
  ASSERT_TRUE(ready.ok()) << ready.error().message;
  EXPECT_EQ(power("node"), "off");
  EXPECT_EQ(made(server("node")), machine) << "it is the same when it is on again";
}

TEST_F(Machines, KillingTheSupervisorEndsTheWholeMachine) {
  const Object machine = made(server("node"));
  const MachineRun run = run_of("node");
  ASSERT_GT(run.leader, 0);
  ASSERT_EQ(::kill(run.supervisor, SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return power("node") == "off"; }));
  ASSERT_TRUE(eventually([&] { return command_line(run.leader).empty(); }));
  // Its last boot left namespace and cable behind; the next one does not mind.
  EXPECT_EQ(made(server("node")), machine);
  EXPECT_EQ(over_ssh(machine, "hostname"), "node");
}

TEST_F(Machines, SigtermToTheSupervisorIsAGracefulPowerOff) {
  (void)made(server("node"));
  ASSERT_EQ(::kill(run_of("node").supervisor, SIGTERM), 0);
  ASSERT_TRUE(eventually([&] { return power("node") == "off"; }));
  EXPECT_EQ(run_of("node").ended, "stopped");
}

TEST_F(Machines, OnlyOneSupervisorRunsAMachine) {
  const Object machine = made(server("node"));
  const auto exit = processes_.run(
      {.argv = {std::filesystem::read_symlink("/proc/self/exe"), "local-machine", folder("node").path}}, context());
  ASSERT_TRUE(exit.ok());
  EXPECT_EQ(exit.value().code, 1);
  EXPECT_THAT(exit.value().err, ::testing::HasSubstr("runs already"));
  EXPECT_EQ(over_ssh(machine, "hostname"), "node");
}

TEST_F(Machines, AFolderWithoutRecordIsFinishedByTheNextCreate) {
  ASSERT_TRUE(files_.make_directories(folder("node").path, 0755).ok());
  const auto listed = drivers_["local.server"]->list(cluster_, context());
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed.value().size(), 1U);
  EXPECT_EQ(to_text(listed.value()[0].id), "server/node");
  EXPECT_EQ(power("node"), "off");
  const Object machine = made(server("node"));
  EXPECT_EQ(over_ssh(machine, "hostname"), "node");
}

TEST_F(Machines, AMachineThatWasWrittenDownButNeverStartedKeepsItsKeyAndAddress) {
  ASSERT_TRUE(drivers_["local.server"]->create(server("node"), context()).ok());
  const Object before = *look(server("node"));
  ASSERT_TRUE(eventually([&] { return run_of("node").init > 0; }));
  ASSERT_TRUE(end_machine(tools_, folder("node"), context()).ok());
  ASSERT_TRUE(files_.destroy_tree(folder("node").upper()).ok());
  ASSERT_TRUE(files_.destroy(folder("node").run()).ok());
  const Object after = made(server("node"));
  EXPECT_EQ(field(after, "host_key"), field(before, "host_key"));
  EXPECT_EQ(field(after, "address"), field(before, "address"));
  EXPECT_EQ(over_ssh(after, "hostname"), "node");
}

TEST_F(Machines, DestroyLeavesNothingWhateverWasHalfMade) {
  ASSERT_TRUE(files_.make_directories(folder("bare").path, 0755).ok());
  (void)made(server("whole"));
  ASSERT_TRUE(drivers_["local.server"]->create(server("booting"), context()).ok());  // not awaited
  const Object whole = *look(server("whole"));
  ASSERT_TRUE(drivers_["local.server"]->create(server("orphaned"), context()).ok());
  ASSERT_TRUE(eventually([&] { return run_of("orphaned").init > 0; }));
  ASSERT_EQ(::kill(run_of("orphaned").supervisor, SIGKILL), 0);
  const auto names = names_on_host();
  ASSERT_EQ(destroy_all(), "");
  EXPECT_EQ(left_on_host(names), "");
  EXPECT_EQ(look(server("whole")), std::nullopt);
  const auto again = drivers_["local.server"]->destroy(server("whole"), whole, context());
  EXPECT_TRUE(again.ok()) << again.error().message;
}

TEST_F(Machines, TheSecondGenerationStandsBesideTheFirst) {
  const Object first = made(server("node"));
  const Object second = made(server("node", 2));
  EXPECT_NE(field(first, "address"), field(second, "address"));
  EXPECT_EQ(over_ssh(second, "hostname"), "node-g2");
  ASSERT_TRUE(drivers_["local.server"]->destroy(server("node"), first, context()).ok());
  EXPECT_EQ(over_ssh(second, "hostname"), "node-g2");
  EXPECT_EQ(power("node"), "absent");
}

TEST_F(Machines, KeysAndLimitsChangeWhileItRuns) {
  const Object machine = made(server("node"));
  const auto pair = ed25519_key_pair(random_seed(random_), "other");
  Resource wanted = server("node");
  wanted.inputs["type"] = "1cpu-1gb";
  wanted.inputs["authorized_keys"] = {client_key_, pair.public_line};
  const auto updated = drivers_["local.server"]->update(wanted, machine, context());
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  EXPECT_EQ(updated.value().attributes["type"], "1cpu-1gb");
  EXPECT_EQ(over_ssh(machine, "grep -c . /root/.ssh/authorized_keys"), "2");
  std::string limits;
  for (const auto& group : run_of("node").cgroups)
    limits += read_kernel_file(group + "/memory.limit_in_bytes") + read_kernel_file(group + "/memory.max");
  EXPECT_EQ(limits, "1073741824\n");
}

TEST_F(Machines, DockerInstallsFromTheWarmPackagesWithoutAnyWayOut) {
  const Object machine = made(server("node"));
  const auto record = read_machine(files_, folder("node")).value();
  ASSERT_EQ(here("ip -n " + record->unit() + " route del default"), "");
  const std::string out = over_ssh(
      machine,
      "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends docker.io >/tmp/log 2>&1 || "
      "tail -5 /tmp/log; docker info --format '{{.Driver}}'");
  EXPECT_EQ(out, "overlay2");
}

TEST_F(Machines, AMachineThatCannotBootSaysWhy) {
  ASSERT_TRUE(drivers_["local.server"]->create(server("node"), context()).ok());
  ASSERT_TRUE(eventually([&] { return run_of("node").init > 0; }));
  ASSERT_TRUE(end_machine(tools_, folder("node"), context()).ok());
  ASSERT_EQ(here("mkdir -p '" + folder("node").upper() + "/usr/lib/systemd' && ln -sfn /nowhere '" +
                 folder("node").upper() + "/usr/lib/systemd/systemd'"),
            "");
  const auto result = make(server("node"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
  EXPECT_THAT(result.error().message, ::testing::HasSubstr("node does not run"));
  EXPECT_THAT(result.error().hint, ::testing::HasSubstr(folder("node").log()));
}

}  // namespace
}  // namespace skep
