#include "planner/store/state_file.h"

#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "planner/base/text.h"
#include "store_folder.h"

namespace skep {
namespace {

class StateFile : public StoreFolder {
 protected:
  /// Both ways of opening must say the same.
  Error error_of_both() {
    const auto reading = try_open(OpenMode::read);
    const auto writing = try_open(OpenMode::write);
    EXPECT_FALSE(reading.ok());
    EXPECT_FALSE(writing.ok());
    if (reading.ok() || writing.ok()) return {};
    EXPECT_EQ(reading.error(), writing.error());
    EXPECT_NE(writing.error().hint, "");
    return writing.error();
  }

  void run_sql(const char* sql) {
    auto database = Database::open(path(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path()).value();
    const auto done = database.run(sql);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  /// A state with `count` servers, as a clean end leaves it.
  void make_state(int count = 2) {
    const auto store = open();
    const auto lock = store->lock(me()).value();
    for (int i = 0; i < count; ++i) {
      const Entry entry = finish(server("n" + std::to_string(i)));
      ASSERT_TRUE(store->record({&entry, 1}).ok());
    }
  }

  /// The same as a kill leaves it: everything still in the write-ahead log.
  void make_state_and_die() {
    ASSERT_EQ(in_child([&]() -> int {
                make_state(1);
                const auto store = open();
                const auto lock = store->lock(me()).value();
                const Entry entry = finish(server("late"));
                _exit(store->record({&entry, 1}).ok() ? 7 : 8);
              }),
              7);
    ASSERT_TRUE(std::filesystem::exists(path() + "-wal"));
  }
};

TEST_F(StateFile, OfANewerSkepIsRefused) {
  { open(); }
  run_sql("PRAGMA user_version = 7");
  const Error error = error_of_both();
  EXPECT_EQ(error.code, ErrorCode::invalid_input);
  EXPECT_EQ(error.message, path() + " was written by a newer skep (format 7, this one knows 2)");
}

TEST_F(StateFile, GarbageIsRefusedAndLeftAsItIs) {
  const std::string garbage(10'000, 'x');
  write_file(path(), garbage);
  const Error error = error_of_both();
  EXPECT_EQ(error.code, ErrorCode::invalid_input);
  EXPECT_EQ(error.message, path() + ": no state file of skep, or a damaged one (file is not a database)");
  EXPECT_EQ(read_file(path()), garbage);
}

TEST_F(StateFile, AForeignDatabaseIsRefusedAndLeftAsItIs) {
  std::filesystem::create_directories(folder() + "/.skep");
  run_sql("CREATE TABLE bees (name TEXT)");
  const auto before = read_file(path());
  const Error error = error_of_both();
  EXPECT_EQ(error.code, ErrorCode::invalid_input);
  EXPECT_EQ(error.message, path() + ": a database, but no state file of skep");
  EXPECT_EQ(read_file(path()), before);
}

TEST_F(StateFile, ADirectoryIsRefused) {
  std::filesystem::create_directories(path());
  const Error error = error_of_both();
  EXPECT_EQ(error.code, ErrorCode::invalid_input);
  EXPECT_EQ(error.message, path() + ": not a regular file, so no state file of skep");
}

TEST_F(StateFile, AFileCutShortIsDamagedNotEmpty) {
  make_state(200);
  const std::string whole = read_file(path());
  for (const std::size_t bytes : {std::size_t{100}, whole.size() / 2, whole.size() - 5000}) {
    SCOPED_TRACE(bytes);
    write_file(path(), whole.substr(0, bytes));
    for (const auto mode : {OpenMode::read, OpenMode::write}) {
      auto store = try_open(mode);
      if (!store.ok()) {
        EXPECT_EQ(store.error().code, ErrorCode::invalid_input) << store.error().message;
        continue;
      }
      const auto state = std::move(store).value()->load();
      ASSERT_FALSE(state.ok());
      EXPECT_EQ(state.error().code, ErrorCode::invalid_input) << state.error().message;
      EXPECT_NE(state.error().hint, "");
    }
  }
}

TEST_F(StateFile, ARowThatMakesNoSenseIsNamed) {
  make_state(1);
  run_sql("UPDATE records SET inputs = '{\"size\":'");
  auto state = open()->load();
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().message, path() + ": inputs of server/n0: not valid JSON at byte 9");
  run_sql("UPDATE records SET inputs = '{}', needs = 'x y'");
  state = open()->load();
  EXPECT_EQ(state.error().message, path() + ": damaged: \"x y\" is no resource id");
}

TEST_F(StateFile, AnEmptyFileIsAStateThatWasNeverFilled) {
  write_file(path(), "");
  EXPECT_EQ(open(OpenMode::read)->load().value().serial, 0);
  EXPECT_EQ(read_file(path()), "");
  make_state(1);
  EXPECT_EQ(open(OpenMode::read)->load().value().records.size(), 1U);
}

TEST_F(StateFile, WhatAKilledMakerLeftIsClearedAwayLater) {
  const auto left_over = path() + ".new-0123";
  write_file(left_over, "x");
  { open(); }
  EXPECT_TRUE(std::filesystem::exists(left_over));  // it may still be at work
  std::filesystem::last_write_time(left_over, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  { open(); }
  EXPECT_FALSE(std::filesystem::exists(left_over));
}

TEST_F(StateFile, AbsentIsAnEmptyStateAndLookingMakesNothing) {
  const auto store = open(OpenMode::read);
  const State state = store->load().value();
  EXPECT_EQ(state.serial, 0);
  EXPECT_EQ(state.lineage.size(), 26U);
  EXPECT_EQ(state.lineage, store->load().value().lineage);
  EXPECT_NE(state.lineage, open(OpenMode::read)->load().value().lineage);
  EXPECT_EQ(state.digest_key.size(), 64U);
  EXPECT_FALSE(store->holder().value());
  EXPECT_TRUE(store->history().value().empty());
  EXPECT_TRUE(everything().empty());
}

void look_at_all(Store& store, std::size_t record_count) {
  const auto state = store.load();
  ASSERT_TRUE(state.ok()) << state.error().message;
  EXPECT_EQ(state.value().records.size(), record_count);
  EXPECT_TRUE(store.holder().ok());
  EXPECT_TRUE(store.history().ok());
}

TEST_F(StateFile, LookingWritesNothingAfterACleanEnd) {
  make_state();
  const auto before = everything();
  look_at_all(*open(OpenMode::read), 2);
  EXPECT_EQ(everything(), before);
}

TEST_F(StateFile, LookingWritesNothingAfterAKill) {
  make_state_and_die();
  const auto before = everything();
  look_at_all(*open(OpenMode::read), 2);
  EXPECT_EQ(everything(), before);
}

TEST_F(StateFile, LookingSeesWhatARunningApplyHasRecordedAndWritesNothing) {
  const OtherProcess apply(*this, [](Store& store) {
    const Entry entry = finish(server("new"));
    return store.record({&entry, 1}).ok();
  });
  const auto before = everything();
  const auto store = open(OpenMode::read);
  look_at_all(*store, 1);
  EXPECT_EQ(store->holder().value()->pid, apply.pid());
  EXPECT_EQ(everything(), before);
}

TEST_F(StateFile, LookingSeesWhatTheSameProcessHasRecorded) {
  make_state();
  const auto writer = open();
  const auto lock = writer->lock(me()).value();
  const auto looking = open(OpenMode::read);
  look_at_all(*looking, 2);
  const Entry entry = finish(server("new"));
  ASSERT_TRUE(writer->record({&entry, 1}).ok());
  look_at_all(*looking, 3);
}

// A process may not open and close a file beside SQLite that SQLite has open: that would take away its locks.
TEST_F(StateFile, LookingTakesNoLocksFromAWriterOfTheSameProcess) {
  make_state();
  const auto writer = open();
  const auto locks = [&] {
    std::string text;
    struct stat status = {};
    ::stat(path().c_str(), &status);
    const std::string inode = ":" + std::to_string(status.st_ino) + " ";
    for (const auto& line : split_lines(read_file("/proc/locks"))) {
      const bool is_ours = line.find(" " + std::to_string(getpid()) + " ") != std::string::npos;
      if (is_ours && line.find(inode) != std::string::npos) text += line.substr(line.find(':')) + "\n";
    }
    return text;
  };
  const std::string before = locks();
  if (before.empty()) GTEST_SKIP() << "/proc/locks does not show our locks here";
  look_at_all(*open(OpenMode::read), 2);
  EXPECT_EQ(locks(), before);
}

TEST_F(StateFile, ALogWithoutItsIndexIsReadToo) {
  make_state_and_die();
  std::filesystem::remove(path() + "-shm");
  look_at_all(*open(OpenMode::read), 2);
}

TEST_F(StateFile, LookingOnlyRefusesToWrite) {
  make_state();
  const auto store = open(OpenMode::read);
  EXPECT_EQ(store->record({}).error().code, ErrorCode::internal);
  EXPECT_EQ(store->lock(me()).error().code, ErrorCode::internal);
  EXPECT_EQ(store->break_lock().error().code, ErrorCode::internal);
  EXPECT_EQ(store->begin_history({}).error().code, ErrorCode::internal);
  EXPECT_EQ(store->end_history({}).error().code, ErrorCode::internal);
}

TEST_F(StateFile, ARollbackJournalOfANetworkFileSystemIsRespected) {
  make_state();
  run_sql("PRAGMA journal_mode = DELETE");
  ASSERT_EQ(in_child([&]() -> int {  // killed in the middle of a write that has reached the file
              auto database = Database::open(path(), SQLITE_OPEN_READWRITE, path()).value();
              (void)database.run("PRAGMA cache_size = 1; BEGIN IMMEDIATE; DELETE FROM records;");
              (void)database.run(
                  "CREATE TABLE filler (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                  " WHERE i < 500) INSERT INTO filler SELECT randomblob(2000) FROM n");
              _exit(7);
            }),
            7);
  ASSERT_TRUE(std::filesystem::exists(path() + "-journal"));
  const auto looking = try_open(OpenMode::read);
  ASSERT_FALSE(looking.ok());
  EXPECT_EQ(looking.error().hint, "a killed run left a write unfinished: run skep apply");
  look_at_all(*open(), 2);
  look_at_all(*open(OpenMode::read), 2);
}

/// A small file system of the test's own, unmounted at the end.
class SmallDisk : public StateFile {
 protected:
  void SetUp() override {
    StateFile::SetUp();
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to mount a small file system";
    const auto options = "size=" + std::to_string(disk_bytes) + ",mode=0700";
    if (mount("skep-test", folder().c_str(), "tmpfs", 0, options.c_str()) != 0) {
      GTEST_SKIP() << "mounting is not allowed here";
    }
    is_mounted_ = true;
  }
  void TearDown() override {
    if (is_mounted_) umount2(folder().c_str(), MNT_DETACH);
    StateFile::TearDown();
  }

  void fill_disk() const {
    std::ofstream file(folder() + "/filler", std::ios::binary | std::ios::app);
    const std::string block(4096, 'x');
    while (file.write(block.data(), 4096).flush()) continue;
  }

  static constexpr int disk_bytes = 512 << 10;

 private:
  bool is_mounted_ = false;
};

TEST_F(SmallDisk, LookingWorksWhereNothingCanBeWritten) {
  make_state_and_die();
  ASSERT_EQ(mount(nullptr, folder().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  look_at_all(*open(OpenMode::read), 2);
  const auto refused = try_open(OpenMode::write);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
  EXPECT_EQ(refused.error().message, path() + ": read-only file system");
  EXPECT_NE(refused.error().hint, "");
}

TEST_F(SmallDisk, LookingWorksOnAReadOnlyDiskAfterACleanEnd) {
  make_state(2);
  ASSERT_EQ(mount(nullptr, folder().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  look_at_all(*open(OpenMode::read), 2);
}

TEST_F(SmallDisk, AFullDiskIsSaidAndLosesNothing) {
  auto store = open();
  auto lock = store->lock(me()).value();
  int recorded = 0;
  Result<void> done = {};
  for (; recorded < 10'000; ++recorded) {
    Resource resource = server("n" + std::to_string(recorded));
    resource.inputs["padding"] = std::string(2000, 'x');
    const Entry entry = finish(resource);
    done = store->record({&entry, 1});
    if (!done.ok()) break;
  }
  ASSERT_GT(recorded, 10);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::exhausted) << done.error().message;
  EXPECT_EQ(done.error().message, path() + ": no space left on device");
  EXPECT_NE(done.error().hint, "");
  EXPECT_EQ(store->load().value().records.size(), static_cast<std::size_t>(recorded));
  lock.reset();
  store.reset();
  look_at_all(*open(OpenMode::read), static_cast<std::size_t>(recorded));
}

TEST_F(SmallDisk, WorkGoesOnWhenThereIsSpaceAgain) {
  const auto store = open();
  const auto lock = store->lock(me()).value();
  const Entry first = finish(server("a"));
  ASSERT_TRUE(store->record({&first, 1}).ok());
  fill_disk();
  Resource large = server("b");
  large.inputs["padding"] = std::string(50'000, 'x');
  const Entry entry = finish(large);
  EXPECT_EQ(store->record({&entry, 1}).error().code, ErrorCode::exhausted);
  std::filesystem::remove(folder() + "/filler");
  ASSERT_TRUE(store->record({&entry, 1}).ok());
  EXPECT_EQ(store->load().value().serial, 2);
}

TEST_F(SmallDisk, NoStateIsMadeOnAFullDiskAndTheNextRunMakesIt) {
  std::filesystem::create_directories(folder() + "/.skep");
  fill_disk();
  const auto refused = try_open(OpenMode::write);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted) << refused.error().message;
  EXPECT_TRUE(open(OpenMode::read)->load().value().records.empty());
  std::filesystem::remove(folder() + "/filler");
  make_state(1);
  look_at_all(*open(OpenMode::read), 1);
}

}  // namespace
}  // namespace skep
