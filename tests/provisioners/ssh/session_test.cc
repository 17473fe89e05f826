// What becomes of scripts and sessions when connections, hosts, deadlines and users get in the way.
#include "provisioners/ssh/session_pool.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "tests/provisioners/ssh/sshd.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::in;
using testing::Sshd;

class SshSession : public ::testing::Test {
 protected:
  void SetUp() override {
    SKEP_NEEDS_SSHD();
    sshd_.start();
    use({});
  }

  void use(const SshOptions& options) { ssh_ = make_libssh2_ssh(sshd_.credentials(), options, clock_); }

  Result<Exit> run(const std::string& text, const Context& context = in(seconds(20)), const std::string& input = "") {
    return ssh_->run(sshd_.endpoint(),
                     {.name = "", .arguments = {{"HERE", folder_.path()}}, .input = Secret(input), .text = text},
                     context);
  }
  void wait_for_file(const std::string& name) {
    for (int i = 0; i < 1000 && !std::filesystem::exists(folder_.path(name)); ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    ASSERT_TRUE(std::filesystem::exists(folder_.path(name)));
  }
  std::size_t login_count() const {
    const std::string log = testing::read_file(sshd_.folder().path("log"));
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find("Accepted publickey", at)) != std::string::npos; ++at) ++count;
    return count;
  }

  SystemClock clock_;
  Sshd sshd_;
  testing::Folder folder_;
  std::unique_ptr<Ssh> ssh_;
};

TEST_F(SshSession, AConnectionCutInTheMiddleLeavesTheOutcomeUnknownAndTheNextCallReconnects) {
  Result<Exit> exit = Error{};
  std::jthread script([&] { exit = run("touch $HERE/begun; sleep 30"); });
  wait_for_file("begun");
  sshd_.cut_connections();
  script.join();
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::unknown_outcome) << exit.error().message;
  EXPECT_NE(exit.error().hint, "");

  const auto next = run("echo again");
  ASSERT_TRUE(next.ok()) << next.error().message;
  EXPECT_EQ(next.value().out, "again\n");
  EXPECT_EQ(login_count(), 2U);
}

TEST_F(SshSession, EveryScriptOfACutConnectionLearnsOfIt) {
  std::atomic<int> unknown = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      const auto exit = run(fmt::format("touch $HERE/begun{}; sleep 30", i));
      unknown += !exit.ok() && exit.error().code == ErrorCode::unknown_outcome ? 1 : 0;
    });
  }
  for (int i = 0; i < 6; ++i) wait_for_file(fmt::format("begun{}", i));
  const Instant begun = clock_.now();
  sshd_.cut_connections();
  threads.clear();
  EXPECT_EQ(unknown, 6);
  EXPECT_LT(clock_.now() - begun, seconds(15)) << "it waited for the script";
}

TEST_F(SshSession, AnIdleSessionThatWasCutIsOpenedAgainUnnoticed) {
  ASSERT_TRUE(run("true").ok());
  sshd_.cut_connections();
  std::this_thread::sleep_for(milliseconds(50));
  const auto exit = run("echo again");
  ASSERT_TRUE(exit.ok()) << exit.error().message;
  EXPECT_EQ(exit.value().out, "again\n");
}

TEST_F(SshSession, AHostThatGoesSilentIsGivenUp) {
  use({.keepalive = milliseconds(200)});
  Result<Exit> exit = Error{};
  std::jthread script([&] { exit = run("touch $HERE/begun; sleep 30", in(seconds(20))); });
  wait_for_file("begun");
  const Instant begun = clock_.now();
  const std::vector<int> pids = sshd_.connection_pids();
  for (const int pid : pids) kill(pid, SIGSTOP);
  script.join();
  for (const int pid : pids) kill(pid, SIGCONT);
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::unknown_outcome);
  EXPECT_NE(exit.error().message.find("no sign of life"), std::string::npos) << exit.error().message;
  EXPECT_LT(clock_.now() - begun, seconds(15)) << "it waited for the deadline";
}

TEST_F(SshSession, AQuietScriptOnALivingHostIsNotGivenUp) {
  use({.keepalive = seconds(1)});
  const auto exit = run("sleep 8; echo done");
  ASSERT_TRUE(exit.ok()) << exit.error().message;
  EXPECT_EQ(exit.value().out, "done\n");
}

// A step may have hours for what it does; not for a host that is gone.
TEST_F(SshSession, AHostThatDoesNotComeBackIsGivenUpLongBeforeTheDeadlineAndByAllWhoWait) {
  use({.patience = milliseconds(500)});
  ASSERT_TRUE(run("true").ok());
  sshd_.cut_connections();
  sshd_.stop();
  std::atomic<int> given_up = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {  // one after the other they would not be done before their deadline
      threads.emplace_back([&] {
        const auto exit = run("true", in(seconds(7)));
        const bool is_said = !exit.ok() && exit.error().message.find("no login within") != std::string::npos;
        given_up += is_said && exit.error().code == ErrorCode::unavailable ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(given_up, 16);

  sshd_.start();
  EXPECT_TRUE(run("true").ok());
}

TEST_F(SshSession, AnIdleSessionIsCheckedBeforeItIsTrusted) {
  use({.keepalive = milliseconds(300)});
  ASSERT_TRUE(run("true").ok());
  std::this_thread::sleep_for(milliseconds(600));
  ASSERT_TRUE(run("true").ok());
  EXPECT_EQ(login_count(), 1U) << "it was alive";

  std::this_thread::sleep_for(milliseconds(600));
  for (const int pid : sshd_.connection_pids()) kill(pid, SIGSTOP);  // the old connection is dead, the host is not
  const auto exit = run("echo again");
  for (const int pid : sshd_.connection_pids()) kill(pid, SIGCONT);
  ASSERT_TRUE(exit.ok()) << exit.error().message;
  EXPECT_EQ(login_count(), 2U);
}

TEST_F(SshSession, TheDeadlineOfARunningScriptLeavesItsOutcomeUnknown) {
  ASSERT_TRUE(run("true").ok());
  const Instant begun = clock_.now();
  const auto exit = run("sleep 30", in(milliseconds(300)));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::unknown_outcome) << exit.error().message;
  EXPECT_GE(clock_.now() - begun, milliseconds(290));
  EXPECT_LT(clock_.now() - begun, seconds(15)) << "it waited for the script";
  EXPECT_TRUE(run("true").ok()) << "other scripts go on, over a new session";
}

TEST_F(SshSession, AStopLetsARunningScriptEnd) {
  std::stop_source stop;
  Result<Exit> exit = Error{};
  std::jthread script([&] { exit = run("touch $HERE/begun; sleep 1; echo done", in(seconds(20), stop.get_token())); });
  wait_for_file("begun");
  stop.request_stop();
  script.join();
  ASSERT_TRUE(exit.ok()) << exit.error().message;
  EXPECT_EQ(exit.value().out, "done\n");
}

TEST_F(SshSession, AStoppedContextBeginsNothing) {
  ASSERT_TRUE(run("true").ok());
  std::stop_source stop;
  stop.request_stop();
  const auto exit = run("touch $HERE/begun", in(seconds(20), stop.get_token()));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::cancelled);
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("begun")));
}

TEST_F(SshSession, AStopEndsTheWaitForAFreeChannel) {
  use({.channels_per_host = 1});
  std::stop_source stop;
  std::jthread busy([&] { EXPECT_TRUE(run("touch $HERE/begun; sleep 2").ok()); });
  wait_for_file("begun");
  std::jthread user([&] {
    std::this_thread::sleep_for(milliseconds(100));
    stop.request_stop();
  });
  const Instant begun = clock_.now();
  const auto exit = run("touch $HERE/second", in(seconds(20), stop.get_token()));
  ASSERT_FALSE(exit.ok());
  EXPECT_EQ(exit.error().code, ErrorCode::cancelled);
  EXPECT_LT(clock_.now() - begun, seconds(15)) << "not woken";
  EXPECT_FALSE(std::filesystem::exists(folder_.path("second")));
}

TEST_F(SshSession, ARekeyInTheMiddleOfManyScriptsIsNotNoticed) {
  Sshd sshd("RekeyLimit 64K");
  sshd.start();
  ssh_ = make_libssh2_ssh(sshd.credentials(), {}, clock_);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const testing::LeaksOfLibssh2 known;
        for (int j = 0; j < 5; ++j) {
          const std::string input(200'000, 'x');
          const auto exit =
              ssh_->run(sshd.endpoint(), {.name = "", .input = Secret(input), .text = "cat"}, in(seconds(60)));
          EXPECT_TRUE(exit.ok()) << exit.error().message;
          good += exit.ok() && exit.value().out == input ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(good, 40);
}

std::vector<int> waiting_shells(const Sshd& sshd) {
  std::vector<int> shells;
  for (const int pid : sshd.connection_pids()) {
    const std::string words = testing::read_file(fmt::format("/proc/{}/cmdline", pid));
    if (words.starts_with("sh") && words.find("skep_n") != std::string::npos) shells.push_back(pid);
  }
  return shells;
}

TEST_F(SshSession, AShellThatWaitedAndWasEndedIsReplacedUnnoticed) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run("sleep 0.2").ok());
  const std::vector<int> shells = waiting_shells(sshd_);
  ASSERT_EQ(shells.size(), 1U) << "from the second script on, one shell waits";
  kill(shells[0], SIGKILL);
  std::this_thread::sleep_for(milliseconds(50));
  const auto exit = run("echo here");
  ASSERT_TRUE(exit.ok()) << exit.error().message;
  EXPECT_EQ(exit.value().out, "here\n");
  EXPECT_EQ(login_count(), 1U);
}

TEST_F(SshSession, ASingleScriptLeavesNoShellWaiting) {
  ASSERT_TRUE(run("sleep 0.2").ok());
  EXPECT_TRUE(waiting_shells(sshd_).empty());
}

TEST_F(SshSession, ClosingIsQuickEvenWhenTheHostHangs) {
  ASSERT_TRUE(run("true").ok());
  const std::vector<int> pids = sshd_.connection_pids();
  for (const int pid : pids) kill(pid, SIGSTOP);
  const Instant begun = clock_.now();
  ssh_.reset();
  EXPECT_LT(clock_.now() - begun, seconds(15)) << "it waited for the host";
  for (const int pid : pids) kill(pid, SIGCONT);
}

}  // namespace
}  // namespace skep
