#include "planner/system/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "planner/base/text.h"
#include "planner/system/clock.h"
#include "temporary_folder.h"

namespace skep {
namespace {

using namespace std::chrono_literals;

class ProcessesTest : public TemporaryFolder {
 protected:
  Exit run(const std::vector<std::string>& argv) { return run(Command{.argv = argv}); }
  Exit run(const Command& command) {
    auto exit = processes_.run(command, {.deadline = clock_.now() + 60s});
    EXPECT_TRUE(exit.ok()) << exit.error().message;
    return exit.ok() ? std::move(exit).value() : Exit{.code = -1};
  }
  static std::vector<std::string> sh(const std::string& script) { return {"sh", "-c", script}; }

  /// Waits until `is_so`, for ten seconds.
  bool eventually(const std::function<bool()>& is_so) const {
    const Instant deadline = clock_.now() + 10s;
    while (!is_so()) {
      if (clock_.now() > deadline) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  static bool is_running(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto name_end = text.rfind(')');
    return name_end != std::string::npos && text[name_end + 2] != 'Z';
  }

  SystemProcesses processes_;
  SystemClock clock_;
};

TEST_F(ProcessesTest, TellsHowItEndedAndWhatItSaid) {
  const Exit exit = run(sh("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(exit.code, 3);
  EXPECT_EQ(exit.out, "out\n");
  EXPECT_EQ(exit.err, "err\n");
  EXPECT_EQ(run(sh("kill -9 $$")).code, 128 + 9);
}

TEST_F(ProcessesTest, NoShellComesBetween) {
  EXPECT_EQ(run({"printf", "%s|", "a b", "$HOME", "", "*", "'"}).out, "a b|$HOME||*|'|");
}

TEST_F(ProcessesTest, InputAndOutputMayBeLargeAtOnce) {
  const std::string input(3'000'000, 'x');
  const Exit exit = run({.argv = sh("tee /dev/stderr"), .input = input});
  EXPECT_EQ(exit.out, input);
  EXPECT_EQ(exit.err, input);
}

TEST_F(ProcessesTest, AChildThatDoesNotReadItsInputDoesNoHarm) {
  const std::string input(1'000'000, 'x');
  EXPECT_EQ(run({.argv = {"true"}, .input = input}).code, 0);
  EXPECT_EQ(run({.argv = sh("head -c 1"), .input = input}).out, "x");
  EXPECT_EQ(run({.argv = sh("exec <&-; sleep 0.05; echo done"), .input = input}).out, "done\n");
}

TEST_F(ProcessesTest, WithoutInputStdinIsEmpty) { EXPECT_EQ(run({"cat"}).out, ""); }

TEST_F(ProcessesTest, OutputPastTheLimitIsCutAndTheChildGoesOn) {
  const Exit exit =
      run({.argv = sh("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; exit 5"), .output_limit_bytes = 1000});
  EXPECT_EQ(exit.code, 5);
  EXPECT_EQ(exit.out.size(), 1000U);
  EXPECT_EQ(exit.err.size(), 1000U);
}

TEST_F(ProcessesTest, EnvironmentIsAddedToOurs) {
  setenv("SKEP_TEST_OURS", "ours", 1);
  setenv("SKEP_TEST_BOTH", "ours", 1);
  const Exit exit =
      run({.argv = sh("echo $SKEP_TEST_OURS $SKEP_TEST_BOTH \"$SKEP_TEST_NEW\"; env | grep -c SKEP_TEST_BOTH"),
           .environment = {{"SKEP_TEST_BOTH", "theirs"}, {"SKEP_TEST_NEW", "a b"}}});
  EXPECT_EQ(exit.out, "ours theirs a b\n1\n");
}

TEST_F(ProcessesTest, RunsInTheFolderThatIsNamed) {
  EXPECT_EQ(run({.argv = {"pwd", "-P"}, .folder = folder()}).out, std::filesystem::canonical(folder()).string() + "\n");
  const auto failed = processes_.run({.argv = {"pwd"}, .folder = path("absent")}, {});
  EXPECT_EQ(failed.error(),
            (Error{ErrorCode::not_found, "pwd: enter " + path("absent") + ": no such file or directory"}));
}

TEST_F(ProcessesTest, AMissingProgramIsNamed) {
  EXPECT_EQ(processes_.run({.argv = {"skep-no-such-program"}}, {}).error(),
            (Error{ErrorCode::not_found, "skep-no-such-program: no such program on the PATH"}));
  EXPECT_EQ(processes_.run({.argv = {"/no/such/program"}}, {}).error(),
            (Error{ErrorCode::not_found, "start /no/such/program: no such file or directory"}));
  put("plain", "x");
  EXPECT_EQ(processes_.run({.argv = {path("plain")}}, {}).error().code, ErrorCode::denied);
}

TEST_F(ProcessesTest, TheChildGetsNoOtherDescriptorsAndNoSignalSettingsOfOurs) {
  const int leaked = open("/dev/null", O_RDONLY);  // not close-on-exec, as a library may have opened it
  ASSERT_GE(leaked, 3);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto pipe_before = signal(SIGPIPE, SIG_IGN);
  // What grep inherits; the shell itself blocks signals for a moment while it starts something.
  const Exit exit = run(sh("ls /proc/$$/fd; grep SigBlk /proc/self/status; kill -PIPE $$"));
  signal(SIGPIPE, pipe_before);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(leaked);
  EXPECT_EQ(exit.out, "0\n1\n2\nSigBlk:\t0000000000000000\n");
  EXPECT_EQ(exit.code, 128 + SIGPIPE);
}

TEST_F(ProcessesTest, AtTheDeadlineTheWholeGroupIsEnded) {
  const Instant begun = clock_.now();
  const auto failed =
      processes_.run({.argv = sh("sleep 1000 & echo $! $$; echo hello >&2; wait")}, {.deadline = begun + 200ms});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(failed.error().message, "sh: not done before the deadline; its last words: hello");
  EXPECT_LT(clock_.now() - begun, 30s);
}

TEST_F(ProcessesTest, AStopRequestEndsTheGroupAtOnce) {
  std::stop_source source;
  std::jthread stopper([&] {
    eventually([&] { return is_there("pids"); });
    source.request_stop();
  });
  const std::string script = "sleep 1000 & echo $$ $! > pids.new; mv pids.new pids; wait";
  const auto failed = processes_.run({.argv = sh(script), .folder = folder()}, {.stop = source.get_token()});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error(), (Error{ErrorCode::cancelled, "sh: stopped on request"}));
  for (const auto& pid : split(trim(get("pids")), ' ')) {
    EXPECT_TRUE(eventually([&] { return !is_running(std::stoi(pid)); })) << pid;
  }
  EXPECT_EQ(processes_.run({.argv = {"true"}}, {.stop = source.get_token()}).error().code, ErrorCode::cancelled);
}

TEST_F(ProcessesTest, WhoIgnoresTheRequestIsKilledTwoSecondsLater) {
  const Instant begun = clock_.now();
  const auto failed =
      processes_.run({.argv = sh("trap '' TERM; while :; do sleep 0.1; done")}, {.deadline = begun + 100ms});
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_GE(clock_.now() - begun, 2000ms);
  EXPECT_LT(clock_.now() - begun, 20s);
}

TEST_F(ProcessesTest, ChildrenThatCleanUpAfterTheirParentLeftGetTheTimeForIt) {
  const std::string script =
      "(trap 'sleep 0.3; echo clean > cleaned; exit' TERM; touch ready; while :; do sleep 0.05; done) & wait";
  std::stop_source source;
  std::jthread stopper([&] {
    eventually([&] { return is_there("ready"); });
    source.request_stop();
  });
  EXPECT_FALSE(processes_.run({.argv = sh(script), .folder = folder()}, {.stop = source.get_token()}).ok());
  EXPECT_EQ(get("cleaned"), "clean\n");
}

TEST_F(ProcessesTest, AGrandchildThatKeepsThePipesDoesNotKeepUs) {
  const Instant begun = clock_.now();
  const Exit exit = run(sh("sleep 1000 & echo $!"));
  EXPECT_LT(clock_.now() - begun, 10s);
  const int pid = std::stoi(exit.out);
  EXPECT_TRUE(is_running(pid));
  kill(pid, SIGKILL);
}

TEST_F(ProcessesTest, ManyThreadsRunChildrenAtOnce) {
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        for (int turn = 0; turn < 10; ++turn) {
          const std::string text = std::to_string(i * 100 + turn);
          const auto exit = processes_.run({.argv = sh("cat; exit " + std::to_string(i)), .input = text}, {});
          if (exit.ok() && exit.value().code == i && exit.value().out == text) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 160);
}

TEST_F(ProcessesTest, ADetachedProcessIsNobodysChildAndHasNothingOfOurs) {
  const int leaked = open("/dev/null", O_RDONLY);
  const std::string script =
      "ls /proc/$$/fd; cut -d' ' -f6 /proc/$$/stat; echo $X; pwd; echo err >&2; cat; echo end; exec sleep 1000";
  put("log", "before\n");
  const auto started =
      processes_.start_detached({.argv = sh(script), .environment = {{"X", "y"}}, .folder = folder()}, path("log"));
  close(leaked);
  ASSERT_TRUE(started.ok()) << started.error().message;
  const int pid = started.value();
  EXPECT_TRUE(eventually([&] { return get("log").ends_with("end\n"); }));
  EXPECT_EQ(get("log"), "before\n0\n1\n2\n" + std::to_string(getsid(pid)) + "\ny\n" + folder() + "\nerr\nend\n");
  EXPECT_NE(getsid(pid), getsid(0));
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), -1);  // not our child, so never our zombie
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);   // nor anybody else
  kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return kill(pid, 0) != 0 || !is_running(pid); }));
}

TEST_F(ProcessesTest, ADetachedProcessThatCannotStartIsAnError) {
  EXPECT_EQ(processes_.start_detached({.argv = {"skep-no-such-program"}}, path("log")).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(processes_.start_detached({.argv = {"/no/such"}}, path("log")).error(),
            (Error{ErrorCode::not_found, "start /no/such: no such file or directory"}));
  EXPECT_EQ(processes_.start_detached({.argv = {"true"}}, path("absent/log")).error().code, ErrorCode::not_found);
  EXPECT_EQ(processes_.start_detached({.argv = {"true"}, .folder = path("absent")}, path("log")).error().code,
            ErrorCode::not_found);
}

TEST_F(ProcessesTest, InTheTerminalItHasOurOwnDescriptors) {
  EXPECT_EQ(processes_.run_in_terminal({.argv = sh("exit 7")}).value(), 7);
  struct stat ours = {};
  fstat(1, &ours);
  EXPECT_EQ(
      processes_.run_in_terminal({.argv = sh("test $(stat -L -c %i /proc/$$/fd/1) = " + std::to_string(ours.st_ino))})
          .value(),
      0);
  EXPECT_EQ(processes_.run_in_terminal({.argv = {"skep-no-such-program"}}).error().code, ErrorCode::not_found);
}

TEST_F(ProcessesTest, ProgramsAreFoundOnThePathAndInTheSystemFolders) {
  put("bin/skep-test-program", "#!/bin/sh\n");
  put("bin/skep-test-plain", "x");
  chmod(path("bin/skep-test-program").c_str(), 0755);
  const std::string before = getenv("PATH");
  setenv("PATH", (folder() + "/bin::" + before).c_str(), 1);
  EXPECT_EQ(processes_.find_program("skep-test-program"), path("bin/skep-test-program"));
  EXPECT_EQ(processes_.find_program("skep-test-plain"), std::nullopt);
  setenv("PATH", "/nowhere", 1);
  EXPECT_EQ(processes_.find_program("skep-test-program"), std::nullopt);
  EXPECT_TRUE(processes_.find_program("ldconfig"));  // lives in /sbin only
  setenv("PATH", before.c_str(), 1);
  EXPECT_EQ(processes_.find_program("/bin/sh"), "/bin/sh");
  EXPECT_EQ(processes_.find_program(""), std::nullopt);
}

TEST_F(ProcessesTest, RunCheckedTurnsFailuresIntoErrorsWithTheLastWords) {
  const Context context;
  EXPECT_EQ(run_checked(processes_, {.argv = {"echo", "x"}}, context).value(), "x\n");
  const auto failed =
      run_checked(processes_, {.argv = sh("echo 1 >&2; echo 2 >&2; echo; echo 3 >&2; echo 4 >&2; exit 2")}, context);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(failed.error().message,
            "sh -c 'echo 1 >&2; echo 2 >&2; echo; echo 3 >&2; echo 4 >&2; exit 2': exited with 2: 2; 3; 4");
  EXPECT_EQ(run_checked(processes_, {.argv = {"false"}}, context).error().message,
            "false: exited with 1: it said nothing");
  EXPECT_EQ(run_checked(processes_, {.argv = sh("echo why; exit 1")}, context).error().message,
            "sh -c 'echo why; exit 1': exited with 1: why");
}

}  // namespace
}  // namespace skep
