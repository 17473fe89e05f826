// One line from stdin, who we are, and calls at a regular pace.
#include "planner/system/terminal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "planner/system/clock.h"
#include "planner/system/ticker.h"
#include "planner/system/whoami.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// stdin is a pipe that the test writes to, for as long as it lives.
class StdinPipe {
 public:
  StdinPipe() : before_(dup(STDIN_FILENO)) {
    std::array<int, 2> ends = {};
    if (pipe(ends.data()) != 0) std::abort();
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    write_ = ends[1];
  }
  ~StdinPipe() {
    end();
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  void type(const std::string& text) const {
    ASSERT_EQ(::write(write_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (write_ >= 0) close(write_);
    write_ = -1;
  }

 private:
  int before_;
  int write_ = -1;
};

TEST(Terminal, ReadsOneLineAndLeavesTheRest) {
  StdinPipe input;
  SystemTerminal terminal;
  input.type("yes\nmore\nlast");
  input.end();
  EXPECT_EQ(terminal.read_line({}).value(), "yes");
  EXPECT_EQ(terminal.read_line({}).value(), "more");
  EXPECT_EQ(terminal.read_line({}).value(), "last") << "without an end of its own";
  EXPECT_EQ(terminal.read_line({}).value(), std::nullopt);
}

TEST(Terminal, APipeIsNoTerminal) {
  StdinPipe input;
  SystemTerminal terminal;
  EXPECT_FALSE(terminal.input_is_terminal());
  EXPECT_GT(terminal.columns(), 0);
}

TEST(Terminal, AStopWakesWhoWaitsForAnAnswer) {
  StdinPipe input;
  SystemTerminal terminal;
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  const SystemClock clock;
  const Instant begun = clock.now();
  const auto answer = terminal.read_line({.stop = stop.get_token()});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
  EXPECT_LT(clock.now() - begun, seconds(5));
}

TEST(Terminal, AnEndlessLineIsCut) {
  StdinPipe input;
  SystemTerminal terminal;
  input.type(std::string(5000, 'a'));
  input.end();
  EXPECT_EQ(terminal.read_line({}).value()->size(), 4096U);
}

TEST(Whoami, NamesTheUserTheHostAndTheProcess) {
  const Whoami me = whoami();
  EXPECT_FALSE(me.user.empty());
  EXPECT_FALSE(me.host.empty());
  EXPECT_EQ(me.pid, getpid());
}

TEST(Ticker, CallsUntilItIsDestroyedAndNeverAfter) {
  std::atomic<int> calls = 0;
  {
    const Ticker ticker(milliseconds(1), [&] { ++calls; });
    const SystemClock clock;
    for (int i = 0; i < 5000 && calls < 3; ++i) ASSERT_TRUE(clock.sleep(milliseconds(1), {}).ok());
  }
  const int at_end = calls;
  EXPECT_GE(at_end, 3);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(calls, at_end);
}

TEST(Ticker, ItsEndDoesNotWaitForTheNextCall) {
  const SystemClock clock;
  const Instant begun = clock.now();
  {
    const Ticker ticker(seconds(3600), [] {});
  }
  EXPECT_LT(clock.now() - begun, seconds(5));
}

}  // namespace
}  // namespace skep
