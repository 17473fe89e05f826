#include "planner/store/state_lock.h"

#include <sqlite3.h>

#include "store_folder.h"

namespace skep {
namespace {

class StateLock : public StoreFolder {
 protected:
  /// Changes the lock row behind the store's back, as another computer would have written it.
  void change_row(const std::string& assignment) {
    auto database = Database::open(path(), SQLITE_OPEN_READWRITE, path()).value();
    ASSERT_TRUE(database.run(("UPDATE lock SET " + assignment).c_str()).ok());
  }

  /// Leaves a lock behind whose process is gone.
  void die_with_the_lock(bool with_intent = false) {
    ASSERT_EQ(in_child([&]() -> int {
                const auto store = open();
                const auto lock = store->lock(me());
                const Entry entry = begin(server("a"));
                if (with_intent && !store->record({&entry, 1}).ok()) _exit(1);
                _exit(lock.ok() ? 7 : 8);
              }),
              7);
  }
};

TEST_F(StateLock, OneAtATimeAndTheOtherLearnsWho) {
  const auto first = open();
  const auto second = open();
  Holder holder = me();
  holder.since = clock_.wall() - std::chrono::seconds(200);
  auto lock = first->lock(holder).value();

  const auto refused = second->lock(me("destroy"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().message,
            "locked by anna on build-7 (pid " + std::to_string(getpid()) + "), apply, since 3 min");
  EXPECT_EQ(first->lock(me()).error().code, ErrorCode::conflict);  // nor twice by the same
  EXPECT_EQ(second->holder().value()->operation, "apply");

  lock.reset();
  EXPECT_FALSE(second->holder().value());
  EXPECT_TRUE(second->lock(me("destroy")).ok());
}

TEST_F(StateLock, TheMessageNamesTheJob) {
  const auto store = open();
  Holder holder = me();
  holder.job_url = "https://ci.example.org/jobs/8841";
  const auto lock = store->lock(holder).value();
  EXPECT_TRUE(store->lock(me()).error().message.ends_with("s, https://ci.example.org/jobs/8841"));
}

TEST_F(StateLock, AnotherProcessIsKeptOutWhileWeLiveAndHold) {
  const auto store = open();
  const auto lock = store->lock(me()).value();
  EXPECT_EQ(in_child([&] { return open()->lock(me()).ok() ? 1 : 2; }), 2);
  EXPECT_EQ(in_child([&] { return open(OpenMode::read)->holder().value()->pid == getppid() ? 3 : 4; }), 3);
}

// Many processes at once: exactly one gets it, and the first of all makes the file.
TEST_F(StateLock, OfManyExactlyOneGetsIt) {
  constexpr int count = 8;
  int ready[2];
  int go[2];
  ASSERT_EQ(pipe(ready) + pipe(go), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = fork();
    if (pid == 0) {
      close(go[1]);
      char byte = 0;
      (void)!read(go[0], &byte, 1);  // ends for all at once
      auto store = try_open(OpenMode::write);
      if (!store.ok()) _exit(3);
      const auto lock = std::move(store).value()->lock(me());
      const int result = lock.ok() ? 1 : lock.error().code == ErrorCode::conflict ? 2 : 4;
      (void)!write(ready[1], &byte, 1);
      if (result == 1) pause();  // holds it until we have seen all
      _exit(result);
    }
    children.push_back(pid);
  }
  close(go[0]);
  close(go[1]);
  for (int i = 0; i < count; ++i) {
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
  }
  const auto holder = open(OpenMode::read)->holder().value();
  ASSERT_TRUE(holder);
  kill(holder->pid, SIGKILL);
  int holders = 0;
  int refused = 0;
  for (const pid_t pid : children) {
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
      ++holders;
    else if (WEXITSTATUS(status) == 2)
      ++refused;
    else
      ADD_FAILURE() << "exit code " << WEXITSTATUS(status);
  }
  close(ready[0]);
  close(ready[1]);
  EXPECT_EQ(holders, 1);
  EXPECT_EQ(refused, count - 1);
}

TEST_F(StateLock, AHolderThatIsGoneIsNoHolderAndItsIntentsStayOpen) {
  die_with_the_lock(/*with_intent=*/true);
  EXPECT_FALSE(open(OpenMode::read)->holder().value());
  const auto store = open();
  EXPECT_FALSE(store->holder().value());
  const auto lock = store->lock(me());
  ASSERT_TRUE(lock.ok()) << lock.error().message;
  EXPECT_EQ(store->load().value().open.size(), 1U);
}

TEST_F(StateLock, AZombieIsGone) {
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    const auto store = open();
    const auto lock = store->lock(me());
    (void)!write(told[1], "x", 1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(told[0], &byte, 1), 1);
  close(told[0]);
  close(told[1]);
  EXPECT_TRUE(open()->holder().value());
  kill(pid, SIGKILL);
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);  // it has ended, and nobody has waited for it
  EXPECT_FALSE(open()->holder().value());
  waitpid(pid, nullptr, 0);
}

TEST_F(StateLock, AnotherProcessOfTheSameNumberIsNotTheHolder) {
  const auto store = open();
  auto lock = store->lock(me()).value();
  change_row("started = started - 1");
  EXPECT_FALSE(store->holder().value());
}

TEST_F(StateLock, AHolderThatCannotBeSeenFromHereIsRespected) {
  die_with_the_lock();
  for (const auto* elsewhere : {"boot_id = 'another', host_name = 'another'", "boot_id = 'another', machine_id = ''",
                                "pid_namespace = 'pid:[1]'", "boot_id = ''"}) {
    SCOPED_TRACE(elsewhere);
    die_with_the_lock();
    change_row(elsewhere);
    EXPECT_TRUE(open()->holder().value());
    EXPECT_EQ(open()->lock(me()).error().code, ErrorCode::conflict);
    ASSERT_TRUE(open()->break_lock().ok());
  }
}

TEST_F(StateLock, AHolderFromBeforeARebootIsGone) {
  const auto store = open();
  auto lock = store->lock(me()).value();
  const auto here = identify_process(getpid());
  if (here.machine_id.empty()) GTEST_SKIP() << "needs /etc/machine-id";
  change_row("boot_id = 'an earlier boot'");
  EXPECT_FALSE(store->holder().value());
}

TEST_F(StateLock, WhoLostTheLockWritesNoMore) {
  const auto first = open();
  auto lost = first->lock(me()).value();
  const auto second = open();
  ASSERT_TRUE(second->break_lock().ok());
  const Entry entry = begin(server("a"));
  auto refused = first->record({&entry, 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().message, path() + ": the lock was taken away (skep state unlock)");

  const auto taken = second->lock(me("destroy")).value();
  refused = first->record({&entry, 1});
  EXPECT_EQ(refused.error().message, path() + ": the lock was taken away and is held by anna on build-7 (pid " +
                                         std::to_string(getpid()) + "), destroy");
  lost.reset();  // gives nothing back that is not its own
  EXPECT_TRUE(second->record({&entry, 1}).ok());
  EXPECT_EQ(second->load().value().open.size(), 1U);
}

TEST_F(StateLock, NobodyWritesWithoutIt) {
  const auto store = open();
  const Entry entry = begin(server("a"));
  EXPECT_EQ(store->record({&entry, 1}).error().code, ErrorCode::conflict);
  { const auto lock = store->lock(me()).value(); }
  EXPECT_EQ(store->record({&entry, 1}).error().code, ErrorCode::conflict);
}

TEST_F(StateLock, TheLockMayOutliveItsStore) {
  std::unique_ptr<Lock> lock;
  {
    const auto store = open();
    lock = store->lock(me()).value();
  }
  EXPECT_TRUE(open()->holder().value());
  lock.reset();
  EXPECT_FALSE(open()->holder().value());
}

}  // namespace
}  // namespace skep
