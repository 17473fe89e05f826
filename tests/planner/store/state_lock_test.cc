#include "planner/store/state_lock.h"

#include <sqlite3.h>

#include <algorithm>

#include "planner/system/descriptor.h"
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

TEST_F(StateLock, AProcessIsKeptOutWhileAnotherLivesAndHoldsIt) {
  const OtherProcess other(*this, [](Store&) { return true; });
  const auto refused = open()->lock(me("destroy"));
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().message.starts_with("locked by anna on build-7 (pid " + std::to_string(other.pid()) +
                                                  "), apply, since "));
  EXPECT_EQ(open(OpenMode::read)->holder().value()->pid, other.pid());
}

/// What one of many processes that want the lock has to say: 'h' holds it, 'r' was refused, else what went wrong.
char want_the_lock(StoreFolder& folder, std::unique_ptr<Store>& store, std::unique_ptr<Lock>& lock) {
  auto opened = folder.try_open(OpenMode::write);
  if (!opened.ok()) return fprintf(stderr, "%s\n", opened.error().message.c_str()), 'o';
  store = std::move(opened).value();
  auto taken = store->lock(me());
  if (!taken.ok()) return taken.error().code == ErrorCode::conflict ? 'r' : 'e';
  lock = std::move(taken).value();
  return 'h';
}

// Many processes at once: exactly one gets it, and all agree on the file that did not exist before.
TEST_F(StateLock, OfManyExactlyOneGetsIt) {
  constexpr int count = 8;
  for (int round = 0; round < 5; ++round) {
    std::filesystem::remove_all(folder() + "/.skep");
    Pipe answers = make_pipe();
    Pipe go = make_pipe();
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
      children.push_back(fork());
      if (children.back() != 0) continue;
      go.writing.close();
      char answer = 0;
      (void)!read(go.reading.get(), &answer, 1);  // ends for all at once
      std::unique_ptr<Store> store;
      std::unique_ptr<Lock> lock;
      answer = want_the_lock(*this, store, lock);
      (void)!write(answers.writing.get(), &answer, 1);
      pause();
      _exit(0);
    }
    go.writing.close();
    answers.writing.close();
    std::string said(count, ' ');
    for (char& answer : said) ASSERT_EQ(read(answers.reading.get(), &answer, 1), 1);
    for (const pid_t pid : children) kill(pid, SIGKILL);
    for (const pid_t pid : children) waitpid(pid, nullptr, 0);
    std::ranges::sort(said);
    EXPECT_EQ(said, "hrrrrrrr");
  }
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
  const OtherProcess other(*this, [](Store&) { return true; });
  EXPECT_TRUE(open()->holder().value());
  other.kill_it();
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(other.pid()), &info, WEXITED | WNOWAIT);  // ended, and nobody has waited for it
  EXPECT_FALSE(open()->holder().value());
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
