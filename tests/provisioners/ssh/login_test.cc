// Getting in, and being kept out: host keys, user keys, the agent, machines that boot.
#include "provisioners/ssh/login.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "planner/system/random.h"
#include "tests/provisioners/ssh/sshd.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::in;
using testing::Sshd;

const Script say_hello = {.name = "", .text = "echo hello"};

std::string hello_or_error(const Result<Exit>& exit) {
  return exit.ok() ? exit.value().out : exit.error().message + " / " + exit.error().hint;
}

class Login : public ::testing::Test {
 protected:
  void SetUp() override { SKEP_NEEDS_SSHD(); }

  Result<Exit> run(const Sshd& sshd, const SshCredentials& credentials, const Context& context = in(seconds(10))) {
    return make_libssh2_ssh(credentials, testing::quick_options(), clock_)->run(sshd.endpoint(), say_hello, context);
  }

  SystemClock clock_;
  testing::Folder folder_;
};

TEST_F(Login, AnotherHostKeyIsRefusedAtOnceAndBothAreNamed) {
  Sshd sshd;
  sshd.start();
  Endpoint endpoint = sshd.endpoint();
  testing::make_key(folder_, "other");
  const std::string other = testing::read_file(folder_.path("other.pub"));
  const std::string shown = key_fingerprint(checked_public_line(endpoint.host_key).value());
  endpoint.host_key = other;
  const Instant begun = clock_.now();
  const auto exit = make_libssh2_ssh(sshd.credentials(), {}, clock_)->run(endpoint, say_hello, in(seconds(10)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::refused);
  EXPECT_LT(clock_.now() - begun, seconds(8)) << "it was tried until the deadline";
  EXPECT_NE(exit.error().message.find(shown), std::string::npos) << exit.error().message;
  EXPECT_NE(exit.error().message.find(key_fingerprint(checked_public_line(other).value())), std::string::npos);
  EXPECT_NE(exit.error().message.find(endpoint.address), std::string::npos);
  EXPECT_NE(exit.error().hint, "");
  EXPECT_EQ(testing::read_file(sshd.folder().path("log")).find("Accepted"), std::string::npos) << "no login was tried";
}

TEST_F(Login, AHostWithoutAKeyOfThePinnedKindIsRefused) {
  Sshd sshd("", "ecdsa");
  sshd.start();
  Endpoint endpoint = sshd.endpoint();
  testing::make_key(folder_, "other");
  endpoint.host_key = testing::read_file(folder_.path("other.pub"));
  const auto exit = make_libssh2_ssh(sshd.credentials(), {}, clock_)->run(endpoint, say_hello, in(seconds(5)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::refused) << exit.error().message;
}

TEST_F(Login, WithoutAPinnedKeyNothingIsDialled) {
  const auto ssh = make_libssh2_ssh({.private_key = Secret(testing::make_key(folder_, "key"))}, {}, clock_);
  const auto exit = ssh->run({.address = "127.0.0.1", .port = 1}, say_hello, in(seconds(5)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::refused) << exit.error().message;
}

TEST_F(Login, EcdsaHostKeysAndUserKeysWork) {
  const testing::LeaksOfLibssh2 known;
  for (const std::string bits : {"256", "384", "521"}) {
    SCOPED_TRACE(bits);
    Sshd sshd("", "ecdsa -b " + bits);
    const std::string key = testing::make_key(sshd.folder(), "ecdsa", "ecdsa -b " + bits);
    testing::run_locally(fmt::format("cat {0}/ecdsa.pub >> {0}/authorized_keys", sshd.folder().path()));
    sshd.start();
    EXPECT_EQ(hello_or_error(run(sshd, {.private_key = Secret(key)})), "hello\n");
  }
}

TEST_F(Login, KeysThatSkepMakesWork) {
  SystemRandom random;
  const SshKeyPair pair = ed25519_key_pair(random_seed(random), "skep");
  Sshd sshd;
  sshd.folder().write("authorized_keys", pair.public_line + "\n", 0644);
  sshd.start();
  EXPECT_EQ(hello_or_error(run(sshd, {.private_key = pair.private_text})), "hello\n");
}

TEST_F(Login, AKeyThatTheHostDoesNotKnowIsTriedUntilTheDeadlineThenDenied) {
  Sshd sshd;
  sshd.start();
  const std::string key = testing::make_key(folder_, "stranger");
  const Instant begun = clock_.now();
  const auto exit = run(sshd, {.private_key = Secret(key)}, in(milliseconds(1500)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::denied);
  EXPECT_GE(clock_.now() - begun, milliseconds(1400));
  EXPECT_LT(clock_.now() - begun, seconds(30));
  const std::string line = checked_public_line(testing::read_file(folder_.path("stranger.pub"))).value();
  EXPECT_NE(exit.error().message.find(key_fingerprint(line)), std::string::npos) << exit.error().message;
  EXPECT_NE(exit.error().hint.find(line), std::string::npos) << exit.error().hint;
}

TEST_F(Login, AKeyThatIsWrittenLateGetsIn) {
  Sshd sshd;
  const std::string keys = testing::read_file(sshd.folder().path("authorized_keys"));
  sshd.folder().write("authorized_keys", "", 0644);
  sshd.start();
  std::jthread boot([&] {
    std::this_thread::sleep_for(milliseconds(700));
    sshd.folder().write("authorized_keys", keys, 0644);
  });
  EXPECT_EQ(hello_or_error(run(sshd, sshd.credentials())), "hello\n");
}

TEST_F(Login, AMachineThatBootsIsWaitedForAndSoSaid) {
  Sshd sshd;
  const Endpoint endpoint = sshd.endpoint();
  const auto ssh = make_libssh2_ssh(sshd.credentials(), {}, clock_);
  std::mutex mutex;
  std::vector<std::string> said;
  Context context = in(seconds(10));
  context.say = [&](std::string_view line) {
    const std::scoped_lock lock(mutex);
    said.emplace_back(line);
  };
  std::vector<Result<Exit>> exits(3, Result<Exit>(Error{}));
  {
    std::vector<std::jthread> threads;
    for (auto& exit : exits) threads.emplace_back([&] { exit = ssh->run(endpoint, say_hello, context); });
    std::this_thread::sleep_for(seconds(1));
    sshd.start();
  }
  for (const auto& exit : exits) EXPECT_EQ(hello_or_error(exit), "hello\n");
  ASSERT_EQ(said.size(), 1U);  // one thread connects, and says each answer once
  EXPECT_EQ(said[0], "waiting for SSH at " + endpoint.address + ": connection refused");
}

TEST_F(Login, ADeadHostIsUnavailableAtTheDeadlineWithItsLastAnswer) {
  Sshd sshd;  // never started
  const auto exit = run(sshd, sshd.credentials(), in(milliseconds(400)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::unavailable);
  EXPECT_NE(exit.error().message.find("connection refused"), std::string::npos) << exit.error().message;
  EXPECT_NE(exit.error().hint, "");
}

TEST_F(Login, AHostThatSaysNothingIsUnavailable) {
  Sshd sshd;
  sshd.start();
  kill(sshd.pid(), SIGSTOP);  // accepts connections and is silent, as a hung machine
  const auto ssh = make_libssh2_ssh(sshd.credentials(), {.timeout_connect = milliseconds(300)}, clock_);
  const auto exit = ssh->run(sshd.endpoint(), say_hello, in(seconds(1)));
  kill(sshd.pid(), SIGCONT);
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::unavailable);
  EXPECT_NE(exit.error().message.find("no answer during the key exchange"), std::string::npos) << exit.error().message;
}

TEST_F(Login, StopEndsTheWaitAtOnce) {
  Sshd sshd;  // never started
  std::stop_source stop;
  std::jthread user([&] {
    std::this_thread::sleep_for(milliseconds(300));
    stop.request_stop();
  });
  const Instant begun = clock_.now();
  const auto exit = run(sshd, sshd.credentials(), in(seconds(30), stop.get_token()));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::cancelled);
  EXPECT_LT(clock_.now() - begun, seconds(15)) << "not woken";
}

TEST_F(Login, AnEncryptedKeyPointsToTheAgent) {
  Sshd sshd;
  sshd.start();
  const std::string key = testing::make_key(folder_, "locked", "ed25519", "passphrase");
  const auto exit = run(sshd, {.private_key = Secret(key)});
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::invalid_input);
  EXPECT_NE(exit.error().message.find("encrypted"), std::string::npos) << exit.error().message;
  EXPECT_NE(exit.error().hint.find("ssh-add"), std::string::npos) << exit.error().hint;
}

TEST_F(Login, UselessCredentialsSayWhatToDo) {
  Sshd sshd;
  const std::string rsa = testing::make_key(folder_, "rsa", "rsa");
  struct Case {
    std::string name;
    SshCredentials credentials;
    std::string words;
  };
  const std::vector<Case> cases = {
      {"nothing", {}, "no key"},
      {"RSA", {.private_key = Secret(rsa)}, "RSA"},
      {"no key at all", {.private_key = Secret("hello")}, "private key"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const auto exit = run(sshd, each.credentials);
    ASSERT_FALSE(exit.ok());
    EXPECT_EQ(exit.error().code, ErrorCode::invalid_input);
    EXPECT_NE(exit.error().message.find(each.words), std::string::npos) << exit.error().message;
    EXPECT_NE(exit.error().hint, "");
  }
}

/// A private ssh-agent with some keys in it.
class Agent {
 public:
  explicit Agent(const testing::Folder& folder) : socket_(folder.path("agent")) {
    pid_ = fork();
    if (pid_ == 0) {
      std::freopen("/dev/null", "w", stdout);
      std::freopen("/dev/null", "w", stderr);
      execlp("ssh-agent", "ssh-agent", "-D", "-a", socket_.c_str(), nullptr);
      _exit(127);
    }
    while (!listens()) std::this_thread::sleep_for(milliseconds(5));
  }
  ~Agent() {
    kill(pid_, SIGCONT);
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  void add(const std::string& key, const std::string& passphrase = "") const {
    const std::string answer = key + ".answer";
    testing::run_locally(fmt::format("printf '#!/bin/sh\\necho {}\\n' > {}; chmod 700 {}", passphrase, answer, answer));
    testing::run_locally(fmt::format("SSH_AUTH_SOCK={} SSH_ASKPASS={} SSH_ASKPASS_REQUIRE=force ssh-add -q {} 2>&1",
                                     socket_, answer, key));
  }
  void hang() const { kill(pid_, SIGSTOP); }
  const std::string& socket() const { return socket_; }

 private:
  /// The socket's file is there a moment before anyone listens at it.
  bool listens() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, sizeof address.sun_path - 1);
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool listens = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    return listens;
  }

  std::string socket_;
  int pid_ = 0;
};

TEST_F(Login, TheAgentLogsInWithTheKeyItHolds) {
  Sshd sshd;
  sshd.start();
  const Agent agent(folder_);
  testing::make_key(folder_, "rsa", "rsa");
  testing::make_key(folder_, "other");
  for (const std::string& key : {folder_.path("rsa"), folder_.path("other"), sshd.folder().path("user")})
    agent.add(key);
  EXPECT_EQ(hello_or_error(run(sshd, {.private_key = {}, .agent_socket = agent.socket()})), "hello\n");
}

TEST_F(Login, AnEncryptedKeyIsFoundInTheAgentBehindManyOthers) {
  Sshd sshd;
  const std::string key = testing::make_key(folder_, "locked", "ecdsa", "passphrase");
  testing::run_locally(fmt::format("cp {} {}", folder_.path("locked.pub"), sshd.folder().path("authorized_keys")));
  sshd.start();
  const Agent agent(folder_);
  for (int i = 0; i < 8; ++i) {
    testing::make_key(folder_, fmt::format("other{}", i));
    agent.add(folder_.path(fmt::format("other{}", i)));
  }
  agent.add(folder_.path("locked"), "passphrase");
  EXPECT_EQ(hello_or_error(run(sshd, {.private_key = Secret(key), .agent_socket = agent.socket()})), "hello\n");
}

TEST_F(Login, AnAgentThatHangsDoesNotHangUs) {
  Sshd sshd;
  sshd.start();
  const Agent agent(folder_);
  agent.hang();
  const Instant begun = clock_.now();
  const auto ssh =
      make_libssh2_ssh({.private_key = {}, .agent_socket = agent.socket()}, {.timeout_connect = seconds(1)}, clock_);
  std::string said;
  Context context = in(milliseconds(1500));
  context.say = [&](std::string_view line) { said += std::string(line) + "\n"; };
  const auto exit = ssh->run(sshd.endpoint(), say_hello, context);
  ASSERT_FALSE(exit.ok());
  EXPECT_LT(clock_.now() - begun, seconds(30));
  EXPECT_NE(said.find("does not list its keys"), std::string::npos) << said << exit.error().message;
}

TEST_F(Login, AMissingAgentIsNamed) {
  Sshd sshd;
  sshd.start();
  const auto exit = run(sshd, {.private_key = {}, .agent_socket = "/no/such/socket"}, in(milliseconds(300)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::denied);
  EXPECT_NE(exit.error().message.find("/no/such/socket"), std::string::npos) << exit.error().message;
}

TEST_F(Login, AHostNameThatNobodyKnowsIsNotWaitedFor) {
  Sshd sshd;
  Endpoint endpoint = sshd.endpoint();
  endpoint.address = "no-such-host.invalid";
  const auto exit = make_libssh2_ssh(sshd.credentials(), {}, clock_)->run(endpoint, say_hello, in(seconds(30)));
  ASSERT_FALSE(exit.ok());
  EXPECT_NE(exit.error().message.find("no-such-host.invalid"), std::string::npos) << exit.error().message;
}

}  // namespace
}  // namespace skep
