#include "planner/system/process_identity.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skep {
namespace {

/// A child that waits for its end.
class Sleeper {
 public:
  Sleeper() : pid_(fork()) {
    if (pid_ != 0) return;
    pause();
    _exit(0);
  }
  ~Sleeper() { end(); }
  int pid() const { return pid_; }
  void kill_only() const { kill(pid_, SIGKILL); }
  void end() {
    if (pid_ <= 0) return;
    kill_only();
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

TEST(ProcessIdentity, ALivingProcessIsNotGone) {
  const ProcessIdentity me = identify_process(getpid());
  EXPECT_EQ(me.pid, getpid());
  EXPECT_GT(me.started, 0);
  EXPECT_EQ(me.boot_id.size(), 36U);
  EXPECT_TRUE(me.pid_namespace.starts_with("pid:["));
  EXPECT_FALSE(me.host_name.empty());
  EXPECT_EQ(identify_process(getpid()), me);
  EXPECT_FALSE(is_surely_gone(me));
}

TEST(ProcessIdentity, AnEndedProcessIsGoneAlsoBeforeItsParentLooked) {
  Sleeper child;
  const ProcessIdentity identity = identify_process(child.pid());
  EXPECT_FALSE(is_surely_gone(identity));
  child.kill_only();
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT);
  EXPECT_TRUE(is_surely_gone(identity));
  EXPECT_EQ(identify_process(child.pid()).started, 0);
  child.end();
  EXPECT_TRUE(is_surely_gone(identity));
}

TEST(ProcessIdentity, TheSameNumberAgainIsAnotherProcess) {
  ProcessIdentity identity = identify_process(getpid());
  identity.started += 1;
  EXPECT_TRUE(is_surely_gone(identity));
  identity.started = 0;  // not known: then the number has to do
  EXPECT_FALSE(is_surely_gone(identity));
}

TEST(ProcessIdentity, ANameLikeTheRestOfTheLineDoesNotConfuse) {
  char name[16] = {};
  prctl(PR_GET_NAME, name);
  const ProcessIdentity before = identify_process(getpid());
  prctl(PR_SET_NAME, ") Z 1 1 1");
  EXPECT_EQ(identify_process(getpid()), before);
  EXPECT_FALSE(is_surely_gone(before));
  prctl(PR_SET_NAME, name);
}

TEST(ProcessIdentity, WhatCannotBeSeenFromHereIsNotGone) {
  Sleeper child;
  const ProcessIdentity here = identify_process(child.pid());
  child.end();
  const auto changed = [&](auto change) {
    ProcessIdentity identity = here;
    change(identity);
    return is_surely_gone(identity);
  };
  EXPECT_TRUE(is_surely_gone(here));
  EXPECT_FALSE(changed([](auto& identity) { identity.boot_id.clear(); }));
  EXPECT_FALSE(changed([](auto& identity) { identity.pid_namespace = "pid:[1]"; }));
  EXPECT_FALSE(changed([](auto& identity) { identity.pid = 0; }));
  EXPECT_FALSE(changed([](auto& identity) { identity.boot_id = "other", identity.host_name = "other"; }));
  EXPECT_FALSE(changed([](auto& identity) { identity.boot_id = "other", identity.machine_id.clear(); }));
  if (here.machine_id.empty()) GTEST_SKIP() << "needs /etc/machine-id";
  EXPECT_TRUE(changed([](auto& identity) { identity.boot_id = "other"; }));  // the same computer, booted again
}

}  // namespace
}  // namespace skep
