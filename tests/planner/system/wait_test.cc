#include "planner/system/wait.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "planner/system/clock.h"
#include "planner/system/descriptor.h"

namespace skep {
namespace {

using namespace std::chrono_literals;

std::size_t open_descriptor_count() {
  std::size_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

TEST(WaitForDescriptors, ReturnsWhatIsReady) {
  const Pipe first = make_pipe();
  const Pipe second = make_pipe();
  ASSERT_EQ(write(second.writing.get(), "x", 1), 1);
  std::array<pollfd, 3> set = {pollfd{first.reading.get(), POLLIN, 0}, pollfd{second.reading.get(), POLLIN, 0},
                               pollfd{-1, POLLIN, 0}};
  std::stop_source source;
  ASSERT_TRUE(wait_for_descriptors(set, {.stop = source.get_token()}).ok());
  EXPECT_EQ(set[0].revents, 0);
  EXPECT_EQ(set[1].revents, POLLIN);
  EXPECT_EQ(set[2].revents, 0);
}

TEST(WaitForDescriptors, SeesWhatIsReadyEvenWhenTheDeadlineHasPassed) {
  const Pipe pipe = make_pipe();
  std::array<pollfd, 1> set = {pollfd{pipe.reading.get(), POLLIN, 0}};
  const Context late = {.deadline = SystemClock().now() - 1s};
  EXPECT_EQ(wait_for_descriptors(set, late).error().code, ErrorCode::unavailable);
  ASSERT_EQ(write(pipe.writing.get(), "x", 1), 1);
  EXPECT_TRUE(wait_for_descriptors(set, late).ok());
}

TEST(WaitForDescriptors, EndsAtTheDeadlineNotBefore) {
  const Pipe pipe = make_pipe();
  std::array<pollfd, 1> set = {pollfd{pipe.reading.get(), POLLIN, 0}};
  const Instant deadline = SystemClock().now() + 30ms;
  EXPECT_EQ(wait_for_descriptors(set, {.deadline = deadline}).error().code, ErrorCode::unavailable);
  EXPECT_GE(SystemClock().now(), deadline);
}

TEST(WaitForDescriptors, AStopRequestWakesItAtOnce) {
  const Pipe pipe = make_pipe();
  std::array<pollfd, 1> set = {pollfd{pipe.reading.get(), POLLIN, 0}};
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    source.request_stop();
  });
  const Instant begun = SystemClock().now();
  EXPECT_EQ(wait_for_descriptors(set, {.stop = source.get_token()}).error().code, ErrorCode::cancelled);
  EXPECT_LT(SystemClock().now() - begun, 5s);
  EXPECT_EQ(wait_for_descriptors(set, {.stop = source.get_token()}).error().code, ErrorCode::cancelled);
}

TEST(WaitForDescriptors, ManyThreadsWaitForOneStopAndLeaveNoDescriptorOpen) {
  const std::size_t before = open_descriptor_count();
  for (int round = 0; round < 20; ++round) {
    std::stop_source source;
    std::atomic<int> cancelled = 0;
    {
      std::vector<std::jthread> waiting;
      for (int i = 0; i < 16; ++i) {
        waiting.emplace_back([&] {
          std::array<pollfd, 0> nothing = {};
          const auto waited = wait_for_descriptors(nothing, {.stop = source.get_token()});
          if (!waited.ok() && waited.error().code == ErrorCode::cancelled) ++cancelled;
        });
      }
      source.request_stop();
    }
    EXPECT_EQ(cancelled, 16);
  }
  EXPECT_EQ(open_descriptor_count(), before);
}

}  // namespace
}  // namespace skep
