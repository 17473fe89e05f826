// `skep ssh`: what ssh(1) is given, what it finds, what is left afterwards.
#include "cli/commands/ssh_command.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "planner/base/text.h"
#include "tests/provisioners/ssh/sshd.h"

namespace skep {
namespace {

const std::string host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

NodeInfo node_at(const Endpoint& endpoint) {
  return {.name = "manager-1",
          .pool = "manager",
          .role = "manager",
          .generation = 1,
          .address = endpoint.address,
          .user = endpoint.user,
          .port = endpoint.port,
          .host_key = endpoint.host_key};
}

std::string value_of(const std::vector<std::string>& words, const std::string& option) {
  for (const std::string& word : words) {
    if (word.starts_with(option + "=")) return word.substr(option.size() + 1);
  }
  return "";
}

std::string word_after(const std::vector<std::string>& words, const std::string& word) {
  const auto found = std::ranges::find(words, word);
  return found == words.end() || found + 1 == words.end() ? "" : *(found + 1);
}

/// Looks at the files while "ssh" runs.
class LookingProcesses final : public Processes {
 public:
  Result<Exit> run(const Command&, const Context&) override { return Error{}; }
  Result<int> start_detached(const Command&, const std::string&) override { return Error{}; }
  Result<int> run_in_terminal(const Command& command) override {
    words = command.argv;
    environment = command.environment;
    known_hosts = testing::read_file(value_of(words, "UserKnownHostsFile"));
    identity_file = word_after(words, "-i");
    identity = testing::read_file(identity_file);
    struct stat status = {};
    for (const std::string& file : {value_of(words, "UserKnownHostsFile"), identity_file}) {
      if (stat(file.c_str(), &status) == 0) modes.push_back(status.st_mode & 0777U);
    }
    return answer;
  }
  std::optional<std::string> find_program(const std::string& name) const override {
    return has_ssh ? std::optional("/usr/bin/" + name) : std::nullopt;
  }

  Result<int> answer = 3;
  bool has_ssh = true;
  std::vector<std::string> words;
  std::map<std::string, std::string> environment;
  std::string known_hosts;
  std::string identity_file;
  std::string identity;
  std::vector<unsigned> modes;
};

class SshCommand : public ::testing::Test {
 protected:
  ShellRequest request(Endpoint endpoint = {.address = "10.0.0.5", .port = 22, .user = "root", .host_key = host_key}) {
    return {.node = node_at(endpoint), .scratch_folder = folder_.path()};
  }
  std::size_t files_left() const {
    return static_cast<std::size_t>(std::ranges::distance(std::filesystem::directory_iterator(folder_.path())));
  }

  testing::Folder folder_;
  SystemFiles files_;
  SystemRandom random_;
  LookingProcesses processes_;
};

TEST_F(SshCommand, OnlyThePinnedKeyIsKnownAndTheExitCodePasses) {
  const auto code = open_shell(request(), files_, processes_, random_);
  ASSERT_TRUE(code.ok()) << code.error().message;
  EXPECT_EQ(code.value(), 3);
  EXPECT_EQ(processes_.known_hosts, "10.0.0.5 " + host_key + "\n");
  EXPECT_EQ(value_of(processes_.words, "StrictHostKeyChecking"), "yes");
  EXPECT_EQ(value_of(processes_.words, "GlobalKnownHostsFile"), "/dev/null");
  EXPECT_EQ(word_after(processes_.words, "-l"), "root");
  EXPECT_EQ(word_after(processes_.words, "-p"), "22");
  EXPECT_EQ(processes_.words.back(), "10.0.0.5");
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(SshCommand, AKeyGivenAsTextIsAFileOfOursOnlyMeanwhile) {
  auto wanted = request();
  wanted.credentials.private_key = Secret("-----BEGIN OPENSSH PRIVATE KEY-----");  // without a line end
  ASSERT_TRUE(open_shell(wanted, files_, processes_, random_).ok());
  EXPECT_EQ(processes_.identity, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  EXPECT_EQ(processes_.modes, (std::vector<unsigned>{0600, 0600}));
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(SshCommand, AFailureLeavesNothingBehindEither) {
  processes_.answer = Error{ErrorCode::unavailable, "no more processes"};
  auto wanted = request();
  wanted.credentials.private_key = Secret("key");
  const auto code = open_shell(wanted, files_, processes_, random_);
  ASSERT_FALSE(code.ok());
  EXPECT_EQ(code.error().message, "ssh to manager-1: no more processes");
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(SshCommand, AKeyThatIsAFileStaysWhereItIs) {
  auto wanted = request();
  wanted.credentials.private_key = Secret("key");
  wanted.identity_file = "/home/me/.ssh/id_ed25519";
  ASSERT_TRUE(open_shell(wanted, files_, processes_, random_).ok());
  EXPECT_EQ(processes_.identity_file, "/home/me/.ssh/id_ed25519");
  EXPECT_EQ(processes_.modes.size(), 1U);
}

TEST_F(SshCommand, TheAgentIsHandedOn) {
  auto wanted = request();
  wanted.credentials.agent_socket = "/run/agent";
  ASSERT_TRUE(open_shell(wanted, files_, processes_, random_).ok());
  EXPECT_EQ(processes_.environment["SSH_AUTH_SOCK"], "/run/agent");
  EXPECT_EQ(std::ranges::count(processes_.words, "-i"), 0);
}

TEST_F(SshCommand, ACommandGetsATerminalWhenThereIsOne) {
  auto wanted = request();
  wanted.command = {"docker", "exec", "-it", "web 1", "sh"};
  ASSERT_TRUE(open_shell(wanted, files_, processes_, random_).ok());
  EXPECT_EQ(processes_.words.back(), "docker exec -it 'web 1' sh");
  EXPECT_EQ(std::ranges::count(processes_.words, "-t"), 0);
  wanted.has_terminal = true;
  ASSERT_TRUE(open_shell(wanted, files_, processes_, random_).ok());
  EXPECT_EQ(std::ranges::count(processes_.words, "-t"), 1);
}

TEST_F(SshCommand, OneWordIsALineOfShellAndSeveralAreExact) {
  EXPECT_EQ(command_line({"df -h / | tail -1"}), "df -h / | tail -1");
  EXPECT_EQ(command_line({"echo", "$HOME", "a b"}), "echo '$HOME' 'a b'");
}

TEST_F(SshCommand, WhatIsMissingIsNamed) {
  auto no_machine = request();
  no_machine.node.generation = 0;
  EXPECT_EQ(open_shell(no_machine, files_, processes_, random_).error().code, ErrorCode::not_found);

  auto no_key = request({.address = "10.0.0.5", .port = 22, .user = "root", .host_key = ""});
  EXPECT_EQ(open_shell(no_key, files_, processes_, random_).error().code, ErrorCode::refused);

  processes_.has_ssh = false;
  const auto no_ssh = open_shell(request(), files_, processes_, random_);
  ASSERT_FALSE(no_ssh.ok());
  EXPECT_NE(no_ssh.error().hint.find("openssh-client"), std::string::npos);
  EXPECT_TRUE(processes_.words.empty()) << "nothing was run";
}

TEST_F(SshCommand, AMistypedNodeIsSuggested) {
  const std::vector<NodeInfo> nodes = {request().node};
  EXPECT_EQ(node_named("manager-1", nodes).value().address, "10.0.0.5");
  const auto mistyped = node_named("manger-1", nodes);
  ASSERT_FALSE(mistyped.ok());
  EXPECT_EQ(mistyped.error().hint, "did you mean \"manager-1\"?");
}

TEST_F(SshCommand, RealSshTakesItAllAndRefusesAnotherKey) {
  SKEP_NEEDS_SSHD();
  testing::Sshd sshd;
  sshd.start();
  SystemProcesses processes;
  auto wanted = request(sshd.endpoint());
  wanted.credentials = sshd.credentials();
  wanted.command = {"test \"$USER\" = root && exit 9"};
  const auto code = open_shell(wanted, files_, processes, random_);
  ASSERT_TRUE(code.ok()) << code.error().message;
  EXPECT_EQ(code.value(), 9);

  wanted.node.host_key = host_key;
  const auto refused = open_shell(wanted, files_, processes, random_);
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused.value(), 255);
}

}  // namespace
}  // namespace skep
