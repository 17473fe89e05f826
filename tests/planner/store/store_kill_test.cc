// kill -9 at random points and at every boundary between commits: what was acknowledged is there, what is there is
// whole.
#include <signal.h>

#include <random>

#include "planner/store/snapshot.h"
#include "store_folder.h"

namespace skep {
namespace {

class StoreKill : public StoreFolder {};

/// In the child: records batch after batch from `first`, and tells each number once it is acknowledged.
[[noreturn]] void record_for_ever(Store& store, int first, int told) {
  const auto lock = store.lock(me());
  if (!lock.ok()) _exit(2);
  for (int number = first; number < 1'000'000; ++number) {
    if (!store.record(batch(number)).ok()) _exit(3);
    if (write(told, &number, sizeof number) != sizeof number) _exit(4);
  }
  _exit(5);
}

struct Killed {
  int acknowledged = -1;  // the last number that was told
  int status = 0;
};

/// Kills the child some time after it has told `count` numbers.
Killed run_and_kill(const std::function<void(int)>& child, int count, std::chrono::microseconds after) {
  int told[2];
  EXPECT_EQ(pipe(told), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    close(told[0]);
    child(told[1]);
    _exit(6);
  }
  close(told[1]);
  Killed killed;
  for (int number = 0; count > 0 && read(told[0], &number, sizeof number) == sizeof number; --count) {
    killed.acknowledged = number;
  }
  usleep(static_cast<useconds_t>(after.count()));
  kill(pid, SIGKILL);
  waitpid(pid, &killed.status, 0);
  for (int number = 0; read(told[0], &number, sizeof number) == sizeof number;) killed.acknowledged = number;
  close(told[0]);
  return killed;
}

TEST_F(StoreKill, NothingAcknowledgedIsLostAndNothingIsHalf) {
  std::mt19937 numbers(3);
  const State fresh = open()->load().value();
  int next = 0;
  int total = 0;
  for (int round = 0; round < 60; ++round) {
    const auto child = [&](int told) { record_for_ever(*open(), next, told); };
    const auto killed =
        run_and_kill(child, static_cast<int>(numbers() % 5), std::chrono::microseconds(numbers() % 2'000));
    ASSERT_TRUE(WIFSIGNALED(killed.status)) << "the child left by itself: " << WEXITSTATUS(killed.status);
    const int known = std::max(killed.acknowledged + 1, next);

    // What was told is there; the one batch under way may be there as well, whole.
    const std::string seen = dump_json(snapshot_json(open(OpenMode::read)->load().value()));
    const bool is_one_more = seen == text_after(fresh, known + 1);
    ASSERT_TRUE(is_one_more || seen == text_after(fresh, known)) << "round " << round << ", after " << known;
    EXPECT_EQ(dump_json(snapshot_json(open()->load().value())), seen);  // with recovery, the same
    total += known - next;
    next = known + (is_one_more ? 1 : 0);
  }
  EXPECT_GT(total, 60);  // else the children hardly recorded anything, and the test proves nothing
}

// Each boundary for itself: stopped right after the commit was acknowledged, before anything else happened.
TEST_F(StoreKill, EveryCommitStandsOnItsOwn) {
  const State fresh = open()->load().value();
  for (int number = 0; number < 40; ++number) {
    ASSERT_EQ(in_child([&]() -> int {
                const auto store = open();
                const auto lock = store->lock(me()).value();
                if (!store->record(batch(number)).ok()) _exit(1);
                raise(SIGKILL);
                return 2;
              }),
              128 + SIGKILL);
    ASSERT_EQ(dump_json(snapshot_json(open(OpenMode::read)->load().value())), text_after(fresh, number + 1));
  }
}

TEST_F(StoreKill, AFileKilledWhileItIsMadeIsMadeByTheNext) {
  std::mt19937 numbers(5);
  for (int round = 0; round < 40; ++round) {
    std::filesystem::remove_all(folder() + "/.skep");
    (void)run_and_kill([&](int) { open(); }, 0, std::chrono::microseconds(numbers() % 6'000));
    const auto looking = try_open(OpenMode::read);
    EXPECT_TRUE(looking.ok()) << looking.error().message;
    const State state = open()->load().value();
    EXPECT_EQ(state.lineage.size(), 26U);
    EXPECT_EQ(mode_of(path()), 0600U);
  }
}

}  // namespace
}  // namespace skep
