// Scripts on a real host: what they get, what comes back, what nobody else sees.
#include "provisioners/ssh/libssh2_ssh.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <filesystem>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "tests/provisioners/ssh/sshd.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::in;
using testing::Sshd;

class Libssh2Ssh : public ::testing::Test {
 protected:
  void SetUp() override {
    SKEP_NEEDS_SSHD();
    sshd_.start();
    ssh_ = make_libssh2_ssh(sshd_.credentials(), testing::quick_options(), clock_);
  }

  Result<Exit> run(const Script& script, const Context& context = in(seconds(20))) {
    return ssh_->run(sshd_.endpoint(), script, context);
  }

  SystemClock clock_;
  Sshd sshd_{"MaxSessions 10"};
  std::unique_ptr<Ssh> ssh_;
};

#define ASSERT_RAN(exit) ASSERT_TRUE((exit).ok()) << (exit).error().message

TEST_F(Libssh2Ssh, OutputErrorsAndExitCodeComeBackApart) {
  const auto exit = run({.name = "", .text = "echo out; echo err >&2; exit 7"});
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().code, 7);
  EXPECT_EQ(exit.value().out, "out\n");
  EXPECT_EQ(exit.value().err, "err\n");
}

TEST_F(Libssh2Ssh, AScriptThatIsEndedBySignalSaysWhich) {
  const auto exit = run({.name = "", .text = "kill -TERM $$; sleep 5"});
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().code, 128 + 15);
}

TEST_F(Libssh2Ssh, StopsAtTheFirstErrorWhenTheScriptSaysSo) {
  const auto exit = run({.name = "", .text = "set -eu\necho before\nfalse\necho after"});
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().code, 1);
  EXPECT_EQ(exit.value().out, "before\n");
}

TEST_F(Libssh2Ssh, ArgumentsArriveWithEveryCharacter) {
  std::string odd;
  for (int c = 1; c < 256; ++c) odd += static_cast<char>(c);
  const std::string tricky = "'\"`$(exit 9)${HOME}\\\n; rm -rf / # \n\n";
  const auto exit = run(
      {.name = "",
       .arguments = {{"ODD", odd}, {"TRICKY", tricky}, {"EMPTY", ""}},
       .text = R"(printf %s "$ODD" | od -An -v -tx1 | tr -d ' \n'; echo; printf '%s|%s|' "$TRICKY" "${EMPTY-unset}")"});
  ASSERT_RAN(exit);
  std::string hex;
  for (const char c : odd) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  EXPECT_EQ(exit.value().out, hex + "\n" + tricky + "||");
  EXPECT_EQ(exit.value().err, "");
}

TEST_F(Libssh2Ssh, InputArrivesByteForByteAfterTheScript) {
  std::string bytes(3'000'000, '\0');  // more than a channel's window
  std::mt19937 random(7);
  for (char& byte : bytes) byte = static_cast<char>(random());
  testing::Folder folder;
  const auto exit = run(
      {.name = "", .arguments = {{"FILE", folder.path("copy")}}, .input = Secret(bytes), .text = "cat > \"$FILE\""});
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().code, 0);
  EXPECT_TRUE(testing::read_file(folder.path("copy")) == bytes);
}

TEST_F(Libssh2Ssh, InputAndOutputFlowAtTheSameTime) {
  const std::string bytes(5'000'000, 'x');
  const auto exit = run({.name = "", .input = Secret(bytes), .text = "cat"});
  ASSERT_RAN(exit);
  EXPECT_TRUE(exit.value().out == bytes) << exit.value().out.size();
}

TEST_F(Libssh2Ssh, AScriptWithoutInputReadsAnEndAtOnce) {
  const auto exit = run({.name = "", .text = "cat; echo end"});
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().out, "end\n");
}

TEST_F(Libssh2Ssh, AScriptNeedNotReadItsInput) {
  const auto exit = run({.name = "", .input = Secret(std::string(4'000'000, 'x')), .text = "echo done"});
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().out, "done\n");
}

TEST_F(Libssh2Ssh, TenMegabytesOnBothStreamsComeBackWhole) {
  const auto exit =
      run({.name = "",
           .text = "head -c 10000000 /dev/zero | tr '\\0' o & head -c 10000000 /dev/zero | tr '\\0' e >&2; wait"});
  ASSERT_RAN(exit);
  EXPECT_TRUE(exit.value().out == std::string(10'000'000, 'o')) << exit.value().out.size();
  EXPECT_TRUE(exit.value().err == std::string(10'000'000, 'e')) << exit.value().err.size();
}

TEST_F(Libssh2Ssh, OutputBeyondTheLimitIsCut) {
  const auto exit = run({.name = "", .text = "head -c 70000000 /dev/zero; exit 3"}, in(seconds(60)));
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().code, 3);
  EXPECT_LE(exit.value().out.size(), 64U << 20U);
  EXPECT_GT(exit.value().out.size(), 60U << 20U);
}

TEST_F(Libssh2Ssh, NoiseOfTheLoginShellIsNotOutput) {
  // What a .bashrc that prints does, done to one connection.
  sshd_.stop();
  Sshd noisy("SetEnv BASH_ENV=/dev/null\nForceCommand echo noise; echo noise >&2; eval \"$SSH_ORIGINAL_COMMAND\"");
  noisy.start();
  ssh_ = make_libssh2_ssh(noisy.credentials(), {}, clock_);
  const auto exit = ssh_->run(noisy.endpoint(), {.name = "", .text = "echo out; echo err >&2"}, in(seconds(10)));
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().out, "out\n");
  EXPECT_EQ(exit.value().err, "err\n");
}

TEST_F(Libssh2Ssh, AHostThatRunsSomethingElseIsAnErrorAndNoResult) {
  Sshd other("ForceCommand echo 'This account is currently not available.'; exit 1");
  other.start();
  ssh_ = make_libssh2_ssh(other.credentials(), {}, clock_);
  const auto exit = ssh_->run(other.endpoint(), {.name = "", .text = "echo out"}, in(seconds(10)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::denied);
  EXPECT_NE(exit.error().message.find("This account is currently not available."), std::string::npos)
      << exit.error().message;
}

std::string everything_in_proc(const std::string& file) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(getpid())) continue;
    all += testing::read_file(entry.path() / file) + "\n";
  }
  return all;
}

TEST_F(Libssh2Ssh, NothingOfAScriptIsSeenInAProcessList) {
  testing::Folder folder;
  const std::string text = "x=marker-in-text; touch \"$READY\"; read -r secret; sleep 30 & wait $!; echo \"$x$secret\"";
  std::jthread script([&] {
    const auto exit = run({.name = "",
                           .arguments = {{"READY", folder.path("ready")}, {"TOKEN", "marker-in-argument"}},
                           .input = Secret("marker-in-input\n"),
                           .text = text});
    EXPECT_FALSE(exit.ok());
  });
  while (!std::filesystem::exists(folder.path("ready"))) std::this_thread::sleep_for(milliseconds(5));
  std::this_thread::sleep_for(milliseconds(200));
  const std::string command_lines = everything_in_proc("cmdline");
  const std::string environments = everything_in_proc("environ");
  sshd_.cut_connections();
  EXPECT_NE(command_lines.find("skep_s"), std::string::npos) << "the constant part should be visible";
  for (const char* marker : {"marker-in-text", "marker-in-argument", "marker-in-input"}) {
    EXPECT_EQ(command_lines.find(marker), std::string::npos) << marker;
  }
  EXPECT_EQ(environments.find("marker-in-input"), std::string::npos);
}

TEST_F(Libssh2Ssh, FiftyScriptsRunSideBySideOnOneSession) {
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 50; ++i) {
      threads.emplace_back([&, i] {
        const std::string number = std::to_string(i);
        const auto exit = run({.name = "",
                               .arguments = {{"I", number}},
                               .input = Secret(number),
                               .text = "sleep 0.2; echo \"$I $(cat)\"; seq 2000 >&2; exit $I"});
        ASSERT_RAN(exit);
        EXPECT_EQ(exit.value().out, number + " " + number + "\n");
        EXPECT_EQ(exit.value().err.size(), 8893U);
        good += exit.value().code == i ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 50);
  const std::string log = testing::read_file(sshd_.folder().path("log"));
  std::size_t logins = 0;
  for (std::size_t at = log.find("Accepted publickey"); at != std::string::npos; at = log.find("Accepted", at + 1))
    ++logins;
  EXPECT_EQ(logins, 1U) << "one session a host";
}

// Short scripts that start at the same moment: libssh2 takes the first answer to a start for its own, whoever asked.
TEST_F(Libssh2Ssh, ScriptsThatStartTogetherDoNotTakeEachOthersAnswers) {
  constexpr int threads = 6;
  constexpr int rounds = 60;
  std::atomic<int> good = 0;
  std::barrier together(threads);
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&] {
        for (int round = 0; round < rounds; ++round) {
          together.arrive_and_wait();
          const auto exit = run({.name = "", .text = "echo yes"});
          EXPECT_TRUE(exit.ok()) << exit.error().message;
          good += exit.ok() && exit.value().out == "yes\n" ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(good, threads * rounds);
}

TEST_F(Libssh2Ssh, AHostThatAllowsOneSessionGetsOneAtATime) {
  Sshd narrow("MaxSessions 1");
  narrow.start();
  ssh_ = make_libssh2_ssh(narrow.credentials(), {}, clock_);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        const auto exit = ssh_->run(narrow.endpoint(), {.name = "", .text = "echo yes"}, in(seconds(20)));
        EXPECT_TRUE(exit.ok()) << exit.error().message;
        good += exit.ok() && exit.value().out == "yes\n" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 6);
}

TEST_F(Libssh2Ssh, AnUnknownScriptIsABug) {
  const auto exit = run({.name = "no_such_script"});
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::internal);
}

TEST_F(Libssh2Ssh, EmbeddedScriptsRunByName) {
  const auto exit = run({.name = "facts"});
  ASSERT_RAN(exit);
  EXPECT_NE(exit.value().out, "");
}

TEST_F(Libssh2Ssh, AnotherUserBecomesRootBySudo) {
  if (access("/usr/bin/sudo", X_OK) != 0) GTEST_SKIP() << "needs sudo: apt-get install sudo";
  const std::string user = fmt::format("skep{}", getpid());
  testing::run_locally("useradd -m -s /bin/sh " + user + " && usermod -p '*' " + user);
  const std::string sudoers = "/etc/sudoers.d/" + user;

  const auto refused = ssh_->run(sshd_.endpoint(user), {.name = "", .text = "id -u"}, in(seconds(20)));
  testing::run_locally("echo '" + user + " ALL=(ALL) NOPASSWD: ALL' > " + sudoers + " && chmod 440 " + sudoers);
  const auto exit = ssh_->run(
      sshd_.endpoint(user),
      {.name = "", .arguments = {{"A", "b c"}}, .input = Secret("secret"), .text = "id -u; echo \"$A\"; cat; exit 4"},
      in(seconds(20)));
  ssh_.reset();
  testing::run_locally("rm -f " + sudoers + "; userdel -rf " + user + " 2>/dev/null");

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::denied) << refused.error().message;
  EXPECT_NE(refused.error().message.find("password"), std::string::npos) << refused.error().message;
  ASSERT_RAN(exit);
  EXPECT_EQ(exit.value().out, "0\nb c\nsecret");
  EXPECT_EQ(exit.value().code, 4);
}

}  // namespace
}  // namespace skep
