#include "planner/system/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "planner/system/clock.h"

namespace skep {
namespace {

using namespace std::chrono_literals;

/// Signals belong to a process, so each case is one of its own: started again as this program with one test.
int exit_code_of(int (*body)()) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(20);
    _exit(body());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_stopped_soon(const std::stop_token& token) { return !SystemClock().sleep(10s, {.stop = token}).ok(); }

TEST(Interrupt, TheFirstSignalAsks) {
  for (const auto body : {+[] {
                            const Interrupt interrupt(9);
                            if (interrupt.token().stop_requested()) return 1;
                            kill(getpid(), SIGINT);
                            if (!is_stopped_soon(interrupt.token())) return 2;
                            return interrupt.signal_number() == SIGINT ? 0 : 3;
                          },
                          +[] {
                            const Interrupt interrupt(9);
                            kill(getpid(), SIGTERM);
                            if (!is_stopped_soon(interrupt.token())) return 2;
                            return interrupt.signal_number() == SIGTERM ? 0 : 3;
                          }}) {
    EXPECT_EQ(exit_code_of(body), 0);
  }
}

TEST(Interrupt, ATerminalThatIsGoneAsksHoweverOftenItSaysSo) {
  EXPECT_EQ(exit_code_of([] {
              const Interrupt interrupt(9);
              kill(getpid(), SIGHUP);
              if (!is_stopped_soon(interrupt.token())) return 2;
              for (int i = 0; i < 3; ++i) {
                kill(getpid(), SIGHUP);
                std::this_thread::sleep_for(20ms);
              }
              return interrupt.signal_number() == SIGHUP ? 0 : 3;
            }),
            0);
  EXPECT_EQ(exit_code_of([] {
              const Interrupt interrupt(9);
              kill(getpid(), SIGHUP);
              if (!is_stopped_soon(interrupt.token())) return 2;
              kill(getpid(), SIGTERM);
              std::this_thread::sleep_for(10s);
              return 3;
            }),
            9);
}

TEST(Interrupt, WhatNohupIgnoresStaysIgnored) {
  EXPECT_EQ(exit_code_of([] {
              signal(SIGHUP, SIG_IGN);
              const Interrupt interrupt(9);
              kill(getpid(), SIGHUP);
              std::this_thread::sleep_for(100ms);
              return interrupt.token().stop_requested() ? 1 : 0;
            }),
            0);
}

TEST(Interrupt, TheSecondEndsTheProcessAtOnceEvenWhileItCleansUp) {
  EXPECT_EQ(exit_code_of([] {
              const Interrupt interrupt(9);
              // What the first signal wakes hangs for good, in the very thread that takes signals.
              const std::stop_callback hangs(interrupt.token(), [] { std::this_thread::sleep_for(1h); });
              kill(getpid(), SIGINT);
              std::this_thread::sleep_for(100ms);
              kill(getpid(), SIGTERM);
              std::this_thread::sleep_for(10s);
              return 1;
            }),
            9);
}

TEST(Interrupt, ARequestOfOurOwnCountsAsTheFirst) {
  EXPECT_EQ(exit_code_of([] {
              Interrupt interrupt(9);
              interrupt.request_stop();
              if (!interrupt.token().stop_requested() || interrupt.signal_number() != 0) return 1;
              kill(getpid(), SIGINT);
              std::this_thread::sleep_for(10s);
              return 2;
            }),
            9);
}

TEST(Interrupt, ABrokenPipeIsAnErrorNotTheEnd) {
  EXPECT_EQ(exit_code_of([] {
              const Interrupt interrupt(9);
              int ends[2];
              if (pipe(ends) != 0) return 1;
              close(ends[0]);
              return write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 2;
            }),
            0);
}

TEST(Interrupt, EndsQuietlyWithoutASignal) {
  EXPECT_EQ(exit_code_of([] {
              { const Interrupt interrupt(9); }
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace skep
