// The commands that change nothing: init, validate, status, output, graph, state; and everything that can be wrong.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "planner/base/ssh_key.h"
#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

class CommandsTest : public AppTest {};

TEST_F(CommandsTest, InitWritesASpecThatIsRight) {
  for (const auto* provider : {"local", "existing", "hetzner", "digitalocean"}) {
    SCOPED_TRACE(provider);
    const std::string file = std::string(provider) + ".yaml";
    EXPECT_EQ(run("init -f " + file + " --name my-shop --provider " + provider), 0) << err;
    EXPECT_TRUE(has(out, "wrote " + file));
    SshKeyPair key = ed25519_key_pair({}, "host");
    environment["MANAGER_1_HOST_KEY"] = key.public_line;
    EXPECT_EQ(run("validate -f " + file), 0) << err;
    EXPECT_TRUE(has(out, "cluster my-shop"));
  }
}

TEST_F(CommandsTest, InitNeverOverwrites) {
  write("cluster.yaml", "mine");
  EXPECT_EQ(run("init"), 1);
  EXPECT_TRUE(has(err, "cluster.yaml exists already"));
  EXPECT_EQ(text_of("cluster.yaml"), "mine");
  EXPECT_EQ(run("init -f other.yaml --name My/Shop"), 1);
  EXPECT_TRUE(has(err, "is no name of a cluster"));
  EXPECT_EQ(run("init --provider aws -f x.yaml"), 64);
}

TEST_F(CommandsTest, TheDefaultFilesAreFoundAndNamedWhenThereIsNone) {
  EXPECT_EQ(run("plan"), 1);
  EXPECT_EQ(err,
            "error: there is no cluster.yaml here\nhint: write one with: skep init, or name yours with: -f FILE\n");
  write_spec(0);
  EXPECT_EQ(run("validate"), 0);
  std::filesystem::rename(folder / "cluster.yaml", folder / "skep.yaml");
  EXPECT_EQ(run("validate"), 0);
  std::filesystem::rename(folder / "skep.yaml", folder / "mine.yaml");
  EXPECT_EQ(run("validate"), 1);
  environment["SKEP_FILE"] = "mine.yaml";
  EXPECT_EQ(run("validate"), 0);
  EXPECT_EQ(run("validate -f nowhere.yaml"), 1);
  EXPECT_TRUE(has(err, "nowhere.yaml"));
}

TEST_F(CommandsTest, OverlaysAreMerged) {
  write_spec(1);
  write("more.yaml", "pools: {worker: {count: 4}}\n");
  EXPECT_EQ(run("validate -f cluster.yaml -f more.yaml"), 0) << err;
  EXPECT_TRUE(has(out, "5 nodes in 2 pools"));
  environment["SKEP_FILE"] = "cluster.yaml:more.yaml";
  EXPECT_EQ(run("validate"), 0);
  EXPECT_TRUE(has(out, "5 nodes in 2 pools"));
}

TEST_F(CommandsTest, ChdirComesFirst) {
  std::filesystem::create_directory(folder / "sub");
  write("sub/cluster.yaml", "skep: 1\nname: demo\nprovider: local\npools: {node: {role: manager, count: 1}}\n");
  EXPECT_EQ(run("-chdir=sub validate"), 0) << err;
  std::filesystem::current_path(folder);
  EXPECT_EQ(run("-chdir=nowhere validate"), 1);
  EXPECT_TRUE(has(err, "--chdir nowhere: No such file or directory"));
}

TEST_F(CommandsTest, StateLiesBesideTheSpecWhereverSkepWasStarted) {
  std::filesystem::create_directory(folder / "sub");
  write("sub/cluster.yaml", "skep: 1\nname: demo\nprovider: local\npools: {node: {role: manager, count: 1}}\n");
  EXPECT_EQ(run("apply -auto-approve -f sub/cluster.yaml"), 0) << err;
  EXPECT_TRUE(is_there("sub/.skep/demo.db"));
  EXPECT_FALSE(is_there(".skep"));
}

TEST_F(CommandsTest, AllMistakesAtOnceWithTheirPlaces) {
  write("cluster.yaml",
        "skep: 1\nname: demo\nprovider: local\npools:\n  m: {role: manager, count: 2}\n  w: {rol: worker}\n");
  EXPECT_EQ(run("plan"), 1);
  EXPECT_TRUE(has(err, "cluster.yaml:6:"));
  EXPECT_TRUE(has(err, "did you mean 'role'?"));
  EXPECT_TRUE(has(err, "mistakes in cluster.yaml; nothing was done"));
  EXPECT_EQ(out, "");
}

TEST_F(CommandsTest, WhatOnlyTheProviderKnowsIsWrongHasItsPlaceToo) {
  write_spec(0, "location: mars\n");
  EXPECT_EQ(run("validate"), 1);
  EXPECT_TRUE(has(err, "error: location: there is no mars"));
  EXPECT_TRUE(has(err, "location: mars"));
  EXPECT_EQ(run("validate -json"), 1);
  EXPECT_EQ(json_out()["valid"], false);
  EXPECT_EQ(json_out()["diagnostics"][0]["file"], "cluster.yaml");
  EXPECT_GT(json_out()["diagnostics"][0]["line"], 1);
}

TEST_F(CommandsTest, ValidateForPrograms) {
  write_spec(0);
  EXPECT_EQ(run("validate -json"), 0);
  EXPECT_EQ(json_out()["valid"], true);
  EXPECT_EQ(json_out()["cluster"], "demo");
  EXPECT_EQ(json_out()["format_version"], "1.0");
}

TEST_F(CommandsTest, AFolderOrTooLargeAFileIsNoSpec) {
  std::filesystem::create_directory(folder / "cluster.yaml");
  EXPECT_EQ(run("validate"), 1);
  EXPECT_TRUE(has(err, "cluster.yaml"));
  write("large.yaml", std::string(50 << 20, '#'));
  EXPECT_EQ(run("validate -f large.yaml"), 1);
  EXPECT_TRUE(has(err, "large.yaml"));
}

TEST_F(CommandsTest, AStateFileThatIsNoneIsRefusedByName) {
  write_spec(0);
  std::filesystem::create_directory(folder / ".skep");
  write(".skep/demo.db", "this is no database, and it is long enough to be one if it were one");
  for (const auto* line : {"plan", "apply -auto-approve", "state list", "status", "output"}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(run(line), 1);
    EXPECT_TRUE(has(err, "demo.db"));
    EXPECT_TRUE(has(err, "hint: "));
  }
}

TEST_F(CommandsTest, AStateOfANewerSkepIsRefused) {
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  if (std::system("sqlite3 .skep/demo.db 'PRAGMA user_version = 7' >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "the program sqlite3 is not installed";
  }
  EXPECT_EQ(run("plan"), 1);
  EXPECT_TRUE(has(err, "newer skep"));
  EXPECT_EQ(run("apply -auto-approve"), 1);
  EXPECT_TRUE(has(err, "newer skep"));
}

TEST_F(CommandsTest, ProgramsGetTheErrorAsARecordToo) {
  EXPECT_EQ(run("plan -json"), 1);
  EXPECT_EQ(json_out()["type"], "error");
  EXPECT_EQ(json_out()["error"]["message"], "there is no cluster.yaml here");
  EXPECT_TRUE(has(err, "error: there is no cluster.yaml here"));
}

TEST_F(CommandsTest, StateListsAndShows) {
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(run("state list"), 0);
  EXPECT_EQ(out, "server/manager-1\nserver/worker-1\nserver/worker-2\n");
  EXPECT_EQ(run("state list server/worker-*"), 0);
  EXPECT_EQ(out, "server/worker-1\nserver/worker-2\n");
  EXPECT_EQ(run("state list -json manager-1"), 0);
  EXPECT_EQ(json_out()["resources"].size(), 1U);
  EXPECT_EQ(run("state show server/worker-1"), 0);
  EXPECT_EQ(json_out()["attributes"]["address"], "192.0.2.1");
  EXPECT_EQ(run("state show server/worker-9"), 1);
  EXPECT_TRUE(has(err, "hint: did you mean 'server/worker-"));
  EXPECT_EQ(run("state pull"), 0);
  EXPECT_EQ(json_out()["records"].size(), 3U);
  EXPECT_EQ(run("state history"), 0);
  EXPECT_TRUE(has(out, "anna@build-7"));
}

TEST_F(CommandsTest, StatusOfNothingAndOfSomething) {
  write_spec(1);
  EXPECT_EQ(run("status"), 0) << err;
  EXPECT_TRUE(has(out, "not built yet"));
  EXPECT_FALSE(is_there(".skep"));
  ASSERT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(run("status"), 0);
  EXPECT_TRUE(has(out, "no drift"));
  EXPECT_TRUE(has(out, "worker-1   worker   worker   192.0.2.1  on"));
  EXPECT_EQ(run("status -json"), 0);
  EXPECT_EQ(json_out()["nodes"].size(), 2U);
  EXPECT_EQ(json_out()["drifted"], false);
}

TEST_F(CommandsTest, WatchingEndsWithCtrlC) {
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  servers.on_list = [&]() -> Result<std::vector<Owned>> {
    stop.request_stop();
    return std::vector<Owned>();
  };
  EXPECT_EQ(run("status --watch"), 0) << err;
}

TEST_F(CommandsTest, OutputInEveryForm) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(run("output"), 0);
  EXPECT_EQ(json_out()["nodes"][0]["address"], "192.0.2.1");
  EXPECT_EQ(run("output --format dotenv"), 0);
  EXPECT_TRUE(has(out, "SKEP_NODE_MANAGER_1_ADDRESS=192.0.2.1\n"));
  EXPECT_EQ(run("output --format ssh_config"), 0);
  EXPECT_TRUE(has(out, "Host manager-1\n  HostName 192.0.2.1\n"));
  EXPECT_TRUE(has(out, "IdentityFile \".skep/demo.key\""));
  EXPECT_EQ(run("output --format inventory"), 0);
  EXPECT_TRUE(has(out, "ansible_host: \"192.0.2.1\""));
  EXPECT_EQ(run("output --format docker-context"), 0);
  EXPECT_TRUE(has(out, "docker context create demo"));
}

TEST_F(CommandsTest, GraphsNeedNoLogin) {
  write_spec(1);
  EXPECT_EQ(run("graph"), 0) << err;
  EXPECT_TRUE(has(out, "flowchart LR"));
  EXPECT_TRUE(has(out, "server/worker-1"));
  EXPECT_EQ(run("graph --plan --format dot"), 0) << err;
  EXPECT_TRUE(has(out, "create server/worker-1"));
  EXPECT_FALSE(is_there(".skep"));
}

TEST_F(CommandsTest, ShellsNeedANodeThatIsThere) {
  write_spec(1);
  EXPECT_EQ(run("ssh worker-9"), 1);
  EXPECT_TRUE(has(err, "worker-9"));
  EXPECT_EQ(run("ssh worker-1"), 1) << "no machine yet";
  ASSERT_EQ(run("apply -auto-approve"), 0);
  EXPECT_EQ(run("run all -- true"), 1);
  EXPECT_TRUE(has(err, "no host answers here"));
  EXPECT_EQ(run("run nobody -- true"), 1);
  EXPECT_EQ(run("run all"), 1) << "no command";
}

// --- the login key ---

TEST_F(CommandsTest, TheKeyOfTheSpecCountsAndAnRsaKeyIsRefused) {
  const SshKeyPair pair = ed25519_key_pair({}, "mine");
  write("mine.key", pair.private_text.reveal());
  write_spec(0, "ssh: {key: mine.key}\n");
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_FALSE(is_there(".skep/demo.key"));
  EXPECT_EQ(servers.objects[(ResourceId{"server", "manager-1"})].attributes["authorized_keys"][0], pair.public_line);

  ASSERT_EQ(std::system("ssh-keygen -q -t rsa -b 2048 -N '' -f rsa.key"), 0);
  write_spec(0, "ssh: {key: rsa.key}\n");
  EXPECT_EQ(run("plan"), 1);
  EXPECT_TRUE(has(err, "ed25519"));
  write_spec(0, "ssh: {key: nowhere.key}\n");
  EXPECT_EQ(run("plan"), 1);
  EXPECT_TRUE(has(err, "nowhere.key"));
  EXPECT_TRUE(has(err, "hint: "));
}

TEST_F(CommandsTest, TheUsersOwnKeyIsTakenWithoutBeingNamed) {
  const SshKeyPair pair = ed25519_key_pair({}, "home");
  std::filesystem::create_directory(folder / ".ssh");
  write(".ssh/id_ed25519", pair.private_text.reveal());
  write_spec(0);
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(servers.objects[(ResourceId{"server", "manager-1"})].attributes["authorized_keys"][0], pair.public_line);
  EXPECT_FALSE(is_there(".skep/demo.key"));
}

/// An agent with one key, for as long as it lives.
class Agent {
 public:
  Agent(const std::filesystem::path& folder, const SshKeyPair& key) : socket((folder / "agent.sock").string()) {
    const std::string key_file = (folder / "agent.key").string();
    EXPECT_TRUE(SystemFiles().write(key_file, key.private_text.reveal(), 0600).ok());
    SystemProcesses processes;
    const auto started = processes.run({.argv = {"ssh-agent", "-s", "-a", socket}}, {});
    const std::string said = started.ok() ? started.value().out : "";
    const std::size_t at = said.find("SSH_AGENT_PID=");
    if (at != std::string::npos) pid_ = std::stoi(said.substr(at + 14));
    EXPECT_GT(pid_, 0) << said;
    const auto added =
        processes.run({.argv = {"ssh-add", "-q", key_file}, .environment = {{"SSH_AUTH_SOCK", socket}}}, {});
    EXPECT_TRUE(added.ok() && added.value().code == 0);
  }
  ~Agent() {
    if (pid_ > 0) kill(pid_, SIGTERM);
    for (int i = 0; i < 500 && std::filesystem::exists(socket); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // it takes its socket away as it leaves
  }
  const std::string socket;

 private:
  int pid_ = 0;
};

TEST_F(CommandsTest, TheAgentsKeysAreTakenWhereThereIsNoOther) {
  const SshKeyPair pair = ed25519_key_pair({}, "agent");
  const Agent agent(folder, pair);
  environment["SSH_AUTH_SOCK"] = agent.socket;
  write_spec(0);
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  const Json keys = servers.objects[(ResourceId{"server", "manager-1"})].attributes["authorized_keys"];
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_TRUE(has(keys[0], checked_public_line(pair.public_line).value()));
  EXPECT_FALSE(is_there(".skep/demo.key"));
  environment["SSH_AUTH_SOCK"] = (folder / "nobody.sock").string();
  EXPECT_EQ(run("plan"), 0) << "an agent that is gone is no agent";
}

TEST_F(CommandsTest, AKeyThatWasMadeOnceStaysTheClustersKey) {
  write_spec(0);
  ASSERT_EQ(run("apply -auto-approve"), 0);
  const SshKeyPair pair = ed25519_key_pair({}, "later");
  std::filesystem::create_directory(folder / ".ssh");
  write(".ssh/id_ed25519", pair.private_text.reveal());
  EXPECT_EQ(run("output --format ssh_config"), 0);
  EXPECT_TRUE(has(out, ".skep/demo.key"));
}

}  // namespace
}  // namespace skep
