#include "planner/store/sqlite_store.h"

#include <algorithm>
#include <random>

#include "planner/store/replay.h"
#include "planner/store/snapshot.h"
#include "store_folder.h"

namespace skep {
namespace {

class SqliteStore : public StoreFolder {};

std::string text_of(const State& state) { return dump_json_pretty(snapshot_json(state)); }

Result<void> record(Store& store, const std::vector<Entry>& entries) { return store.record(entries); }

TEST_F(SqliteStore, ANewStateIsEmptyAndHasItsOwnNames) {
  const auto store = open();
  const State state = store->load().value();
  EXPECT_EQ(state.serial, 0);
  EXPECT_EQ(state.lineage.size(), 26U);
  EXPECT_EQ(state.digest_key.size(), 64U);
  EXPECT_TRUE(state.records.empty());
  EXPECT_TRUE(state.open.empty());
  const State again = open()->load().value();
  EXPECT_EQ(again.lineage, state.lineage);
  EXPECT_EQ(again.digest_key, state.digest_key);
}

TEST_F(SqliteStore, RecordsComeBackWhole) {
  Resource resource = server("worker-1@2");
  resource.id = {"server", "worker-1", 2};
  resource.protect = true;
  resource.vanishes_with = {{"server", "worker-1", 2}, {"volume", "data"}};
  resource.inputs = {{"text", "ünï\n\"x\"\t\\"}, {"half", 0.5}, {"none", nullptr}, {"list", {1, -2, true}}};
  Record record = record_of(resource, "");
  record.applied = Attributes::object();
  {
    const auto store = open();
    const auto lock = store->lock(me()).value();
    const Entry entry = Finish{resource.id, record};
    ASSERT_TRUE(store->record({&entry, 1}).ok());
  }
  const State state = open()->load().value();
  ASSERT_EQ(state.records.size(), 1U);
  EXPECT_EQ(state.records.begin()->first, resource.id);
  EXPECT_EQ(state.records.begin()->second, record) << text_of(state);
}

TEST_F(SqliteStore, AnIntentIsOpenUntilItIsFinishedOrAbandoned) {
  const auto store = open();
  const auto lock = store->lock(me()).value();
  ASSERT_TRUE(record(*store, {begin(server("a")), begin(server("b"), StepAction::update)}).ok());
  State state = store->load().value();
  EXPECT_EQ(state.open, (std::vector<Intent>{{StepAction::create, server("a")}, {StepAction::update, server("b")}}));
  EXPECT_EQ(state.serial, 0);  // nothing is true yet
  ASSERT_TRUE(record(*store, {finish(server("a")), Abandon{server("b").id}}).ok());
  state = store->load().value();
  EXPECT_TRUE(state.open.empty());
  EXPECT_EQ(state.records.size(), 1U);
  EXPECT_EQ(state.serial, 1);
}

TEST_F(SqliteStore, TheSerialCountsChangesOfRecordsOnly) {
  const auto store = open();
  const auto lock = store->lock(me()).value();
  const auto serial_after = [&](const std::vector<Entry>& entries) {
    EXPECT_TRUE(record(*store, entries).ok());
    return store->load().value().serial;
  };
  EXPECT_EQ(serial_after({finish(server("a"))}), 1);
  EXPECT_EQ(serial_after({finish(server("a"))}), 1);  // the same again
  EXPECT_EQ(serial_after({begin(server("a"), StepAction::destroy)}), 1);
  EXPECT_EQ(serial_after({Finish{server("a").id, std::nullopt}}), 2);
  EXPECT_EQ(serial_after({Finish{server("a").id, std::nullopt}}), 2);  // nothing to forget
  EXPECT_EQ(serial_after({finish(server("a")), finish(server("b")), finish(server("a"), "other")}), 5);
}

// The rule that all stores keep stands in replay(). Here the rows are held against it, entry by entry, reopened at
// times.
TEST_F(SqliteStore, DoesWithRowsWhatReplayDoesWithValues) {
  std::mt19937 numbers(11);
  auto store = open();
  auto lock = store->lock(me()).value();
  State expected = store->load().value();
  const auto any_server = [&] { return server("n" + std::to_string(numbers() % 6), static_cast<int>(numbers() % 2)); };
  const auto any_entry = [&]() -> Entry {
    constexpr StepAction actions[] = {StepAction::create, StepAction::update, StepAction::destroy, StepAction::forget};
    switch (numbers() % 4) {
      case 0:
        return begin(any_server(), actions[numbers() % 4]);
      case 1:
        return finish(any_server(), "id-" + std::to_string(numbers() % 2));
      case 2:
        return Finish{any_server().id, std::nullopt};
      default:
        return Abandon{any_server().id};
    }
  };
  for (int turn = 0; turn < 400; ++turn) {
    std::vector<Entry> entries(numbers() % 4);
    for (auto& entry : entries) entry = any_entry();
    ASSERT_TRUE(store->record(entries).ok());
    replay(entries, expected);
    if (turn % 50 == 49) {
      lock.reset();
      store = open();
      lock = store->lock(me()).value();
    }
    ASSERT_EQ(text_of(store->load().value()), text_of(expected)) << "turn " << turn;
  }
}

TEST_F(SqliteStore, FilesAndFolderArePrivateWhateverTheUmask) {
  const mode_t before = umask(0);
  const auto store = open();
  const auto lock = store->lock(me()).value();
  umask(before);
  EXPECT_EQ(mode_of(folder() + "/.skep"), 0700U);
  EXPECT_EQ(mode_of(path()), 0600U);
  EXPECT_EQ(mode_of(path() + "-wal"), 0600U);
  EXPECT_EQ(mode_of(path() + "-shm"), 0600U);
}

TEST_F(SqliteStore, AFileThatLetsOthersInIsNarrowed) {
  { open(); }
  chmod(path().c_str(), 0644);
  const auto store = open();
  const auto lock = store->lock(me()).value();
  EXPECT_EQ(mode_of(path()), 0600U);
  EXPECT_EQ(mode_of(path() + "-wal"), 0600U);
}

TEST_F(SqliteStore, NothingButTheFileAndANoteStayAfterACleanEnd) {
  {
    const auto store = open();
    const auto lock = store->lock(me()).value();
    ASSERT_TRUE(record(*store, {finish(server("a"))}).ok());
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder() + "/.skep"))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"state.db", "state.db.seen"}));
}

TEST_F(SqliteStore, HistoryTellsWhoDidWhatNewestFirst) {
  const auto store = open();
  const auto lock = store->lock(me()).value();
  HistoryEntry entry = {.started = WallTime(std::chrono::seconds(1000)),
                        .operation = "apply",
                        .user = "anna",
                        .host = "build-7",
                        .commit = "abc+dirty"};
  entry.id = store->begin_history(entry).value();
  EXPECT_EQ(store->history().value().at(0).outcome, "");  // it runs
  ASSERT_TRUE(record(*store, {finish(server("a")), finish(server("b"))}).ok());
  entry.ended = WallTime(std::chrono::seconds(1060));
  entry.summary = "2 added";
  entry.outcome = "done";
  ASSERT_TRUE(store->end_history(entry).ok());
  HistoryEntry second = {
      .started = WallTime(std::chrono::seconds(2000)), .operation = "destroy", .user = "bert", .host = "h"};
  second.id = store->begin_history(second).value();

  const auto history = store->history().value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].operation, "destroy");
  EXPECT_EQ(history[1].id, entry.id);
  EXPECT_EQ(history[1].started, entry.started);
  EXPECT_EQ(history[1].ended, entry.ended);
  EXPECT_EQ(history[1].user, "anna");
  EXPECT_EQ(history[1].host, "build-7");
  EXPECT_EQ(history[1].commit, "abc+dirty");
  EXPECT_EQ(history[1].summary, "2 added");
  EXPECT_EQ(history[1].outcome, "done");
  EXPECT_EQ(history[1].serial_before, 0);
  EXPECT_EQ(history[1].serial_after, 2);
  EXPECT_EQ(store->end_history({.id = 99}).error().code, ErrorCode::not_found);
}

TEST_F(SqliteStore, AnApplyThatWasKilledIsShownAsKilled) {
  ASSERT_EQ(in_child([&]() -> int {
              const auto store = open();
              const auto lock = store->lock(me()).value();
              (void)store->begin_history({.started = clock_.wall(), .operation = "apply", .user = "anna", .host = "h"});
              const Entry entry = finish(server("a"));
              const bool is_recorded = store->record({&entry, 1}).ok();
              _exit(is_recorded ? 7 : 8);
            }),
            7);
  for (const auto mode : {OpenMode::read, OpenMode::write}) {
    const auto history = open(mode)->history().value();
    ASSERT_EQ(history.size(), 1U);
    EXPECT_EQ(history[0].outcome, "killed");
    EXPECT_EQ(history[0].serial_before, 0);
    EXPECT_EQ(history[0].serial_after, 1);
  }
}

TEST_F(SqliteStore, TenThousandRecordsAreReadQuickly) {
  std::vector<Entry> entries;
  for (int i = 0; i < 10'000; ++i) entries.push_back(finish(server("worker-" + std::to_string(i))));
  {
    const auto store = open();
    const auto lock = store->lock(me()).value();
    ASSERT_TRUE(store->record(entries).ok());
  }
  const auto store = open(OpenMode::read);
  const Instant begun = clock_.now();
  const State state = store->load().value();
  const Duration elapsed = clock_.now() - begun;
  EXPECT_EQ(state.records.size(), 10'000U);
  EXPECT_EQ(state.serial, 10'000);
  RecordProperty("load_ms", static_cast<int>(elapsed.count()));
}

}  // namespace
}  // namespace skep
