// The record of applies: every one stays, its steps are noted while it runs, and what older versions wrote is read.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "planner/store/history_steps.h"
#include "planner/store/new_state.h"
#include "planner/store/schema.h"
#include "planner/store/shared_store.h"
#include "planner/store/sqlite.h"
#include "planner/store/state_document.h"
#include "store_folder.h"
#include "tests/fakes/http_script.h"
#include "tests/fakes/memory_place.h"

namespace skep {
namespace {

HistoryEntry entry_with(std::vector<HistoryStep> steps) {
  return {.started = WallTime(std::chrono::seconds(1000)),
          .operation = "apply",
          .user = "anna",
          .host = "build-7",
          .commit = "1f3a",
          .change = "!12",
          .job_url = "https://gitlab.example/-/jobs/7",
          .plan_digest = "abcd",
          .steps = std::move(steps)};
}

HistoryEntry three_steps() {
  return entry_with({{.action = StepAction::create, .id = "server/a"},
                     {.action = StepAction::update, .id = "server/b"},
                     {.action = StepAction::destroy, .id = "server/c"}});
}

std::vector<std::string> outcomes_of(const HistoryEntry& entry) {
  std::vector<std::string> outcomes;
  for (const auto& step : entry.steps) outcomes.push_back(step.outcome);
  return outcomes;
}

/// Every store keeps the same promises.
class History : public StoreFolder, public ::testing::WithParamInterface<bool> {
 protected:
  std::unique_ptr<Store> open_one() {
    if (!GetParam()) return open();
    return make_shared_store(std::make_unique<testing::MemoryPlace>(place), random, manual, {.cluster = "demo"});
  }
  static void note(Store& store, const Entry& entry) { ASSERT_TRUE(store.record({&entry, 1}).ok()); }

  testing::PlaceContent place;
  testing::ManualClock manual;
  SystemRandom random;
};

TEST_P(History, AnEntryComesBackWhole) {
  HistoryEntry entry = three_steps();
  {
    const auto store = open_one();
    const auto lock = store->lock(me()).value();
    entry.id = store->begin_history(entry).value();
    entry.ended = WallTime(std::chrono::seconds(1060));
    entry.outcome = "failed: server/b: no room";
    entry.steps[0].outcome = "done";
    entry.steps[0].elapsed = std::chrono::milliseconds(1234);
    entry.steps[1].outcome = "failed: no room";
    entry.steps[2].outcome = "not tried";
    ASSERT_TRUE(store->end_history(entry).ok());
  }
  const auto store = open_one();
  const HistoryEntry read = store->history_entry(entry.id).value();
  EXPECT_EQ(read.steps, entry.steps);
  EXPECT_EQ(read.step_count, 3);
  EXPECT_EQ(read.change, "!12");
  EXPECT_EQ(read.job_url, "https://gitlab.example/-/jobs/7");
  EXPECT_EQ(read.plan_digest, "abcd");
  EXPECT_EQ(read.outcome, entry.outcome);
  const auto list = store->history().value();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].step_count, 3);
  EXPECT_TRUE(list[0].steps.empty()) << "a list needs no steps";
  EXPECT_EQ(store->history_entry(99).error().code, ErrorCode::not_found);
}

TEST_P(History, TheJournalNotesWhatBecomesOfTheSteps) {
  const auto store = open_one();
  const auto lock = store->lock(me()).value();
  const auto id = store->begin_history(three_steps()).value();
  note(*store, begin(server("a")));
  note(*store, begin(server("b"), StepAction::update));
  note(*store, begin(server("elsewhere")));
  EXPECT_EQ(outcomes_of(store->history_entry(id).value()), (std::vector<std::string>{"begun", "begun", ""}));
  note(*store, finish(server("a")));
  note(*store, Abandon{{"server", "b"}});
  EXPECT_EQ(outcomes_of(store->history_entry(id).value()), (std::vector<std::string>{"done", "failed", ""}));
}

TEST_P(History, WhoeverIsKilledLeavesAWholeRecord) {
  std::int64_t id = 0;
  {
    const auto store = open_one();
    const auto lock = store->lock(me()).value();
    id = store->begin_history(three_steps()).value();
    note(*store, begin(server("a")));
    note(*store, finish(server("a")));
    note(*store, begin(server("b"), StepAction::update));
  }  // no end is noted
  const auto store = open_one();
  const HistoryEntry read = store->history_entry(id).value();
  EXPECT_EQ(outcomes_of(read), (std::vector<std::string>{"done", "begun", ""}));
  EXPECT_EQ(read.outcome, GetParam() ? "not ended" : "killed");
  const auto lock = store->lock(me()).value();
  ASSERT_TRUE(store->load().ok());
  note(*store, finish(server("c")));
  EXPECT_EQ(outcomes_of(store->history_entry(id).value()), (std::vector<std::string>{"done", "begun", ""}))
      << "another run's journal is not its own";
}

TEST_P(History, NoRecordIsEverLost) {
  const auto store = open_one();
  const auto lock = store->lock(me()).value();
  for (int i = 0; i < 250; ++i) {
    HistoryEntry entry = three_steps();
    entry.commit = "commit " + std::to_string(i);
    entry.id = store->begin_history(entry).value();
    entry.ended = entry.started;
    entry.outcome = "done";
    ASSERT_TRUE(store->end_history(entry).ok());
  }
  const auto history = open_one()->history().value();
  ASSERT_EQ(history.size(), 250U);
  for (int i = 0; i < 250; ++i) {
    EXPECT_EQ(history[static_cast<std::size_t>(i)].commit, "commit " + std::to_string(249 - i));
    EXPECT_EQ(history[static_cast<std::size_t>(i)].step_count, 3);
  }
}

TEST_P(History, AStateThatIsPutInPlaceBringsItsRecordAlong) {
  const auto store = open_one();
  const auto lock = store->lock(me()).value();
  HistoryEntry second = three_steps();
  second.id = 2;
  second.step_count = 3;
  HistoryEntry first = entry_with({});
  first.id = 1;
  first.step_count = 7;
  ASSERT_TRUE(store->replace(new_state(random), std::vector<HistoryEntry>{second, first}).ok());
  const auto history = store->history().value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(store->history_entry(2).value().steps, second.steps);
  EXPECT_EQ(store->history_entry(1).value().step_count, 7) << "known, though its steps were dropped long ago";
}

INSTANTIATE_TEST_SUITE_P(Stores, History, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "Shared" : "Local"; });

// --- how much of it a shared state carries ---

StateDocument document_with(const std::vector<std::size_t>& step_counts) {
  StateDocument document;
  document.state.lineage = "l";
  document.state.digest_key = "k";
  for (const std::size_t count : step_counts) {
    HistoryEntry entry = entry_with({});
    entry.id = static_cast<std::int64_t>(document.history.size() + 1);
    for (std::size_t i = 0; i < count; ++i) entry.steps.push_back({.id = "server/n" + std::to_string(i)});
    entry.step_count = static_cast<std::int64_t>(count);
    document.history.push_back(entry);
  }
  return document;
}

std::vector<std::size_t> kept_steps(const std::vector<std::size_t>& step_counts) {
  const auto read = parse_document(document_text(document_with(step_counts)), "the state").value();
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < read.history.size(); ++i) {
    kept.push_back(read.history[i].steps.size());
    EXPECT_EQ(read.history[i].step_count, static_cast<std::int64_t>(step_counts[i]));
  }
  return kept;
}

TEST(HistoryDocument, TheStepsOfTheNewestAppliesAreKept) {
  using Counts = std::vector<std::size_t>;
  EXPECT_EQ(kept_steps({}), Counts());
  EXPECT_EQ(kept_steps({10, 20}), (Counts{10, 20}));
  EXPECT_EQ(kept_steps({10, history_step_limit, 20}), (Counts{0, 0, 20}));
  EXPECT_EQ(kept_steps({10, history_step_limit - 20, 20}), (Counts{0, history_step_limit - 20, 20}));
  EXPECT_EQ(kept_steps({10, 2 * history_step_limit}), (Counts{0, 2 * history_step_limit})) << "the newest always whole";
}

TEST(HistoryDocument, AnOldApplyCostsLittle) {
  const std::size_t one = document_text(document_with({0})).size();
  const std::size_t many = document_text(document_with(std::vector<std::size_t>(1001, 0))).size();
  EXPECT_LT((many - one) / 1000, 400U);
}

TEST(HistoryDocument, WhatAnOlderSkepWroteIsRead) {
  const std::string old =
      R"({"version":1,"serial":7,"lineage":"l","tool":"skep","state":{"version":1,"serial":5,"lineage":"l",)"
      R"("digest_key":"k","records":[],"open":[]},"history":[{"id":3,"started":1000,"ended":1060,"operation":"apply",)"
      R"("user":"anna","host":"build-7","commit":"1f3a","summary":"1 added","outcome":"done","serial_before":4,)"
      R"("serial_after":5}]})";
  const auto read = parse_document(old, "the state");
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().history.size(), 1U);
  EXPECT_EQ(read.value().history[0].user, "anna");
  EXPECT_EQ(read.value().history[0].step_count, 0);
  const Json next = parse_json(document_text(read.value()), "x").value();
  EXPECT_EQ(next["version"], 2) << "an older skep would drop the steps, so it must refuse";
  EXPECT_EQ(next["history"][0]["id"], 3);
  EXPECT_NE(parse_document(R"({"version":3,"tool":"skep"})", "the state").error().message.find("newer skep"),
            std::string::npos);
}

// --- a file of format 1 ---

/// As skep 0.1 made it, with one apply in it.
constexpr const char* format_1_rows = R"sql(
INSERT INTO meta VALUES (1, 'old-lineage', 'key', 5, 900);
INSERT INTO history VALUES (3, 'token', 1000, 1060, 'apply', 'anna', 'build-7', '1f3a', '1 added', 'done', 4, 5);
)sql";

class FormatOne : public StoreFolder {
 protected:
  void make_file() {
    std::filesystem::create_directories(folder() + "/.skep");
    auto database = Database::open(path(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path()).value();
    ASSERT_TRUE(database.run(state_schema_1).ok());
    ASSERT_TRUE(database.run(format_1_rows).ok());
    ASSERT_EQ(database.integer("PRAGMA user_version").value(), 1);
  }
};

TEST_F(FormatOne, IsReadAsItIs) {
  make_file();
  const std::string before = read_file(path());
  const auto store = open(OpenMode::read);
  EXPECT_EQ(store->load().value().lineage, "old-lineage");
  const auto history = store->history().value();
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].user, "anna");
  EXPECT_EQ(store->history_entry(3).value().outcome, "done");
  EXPECT_EQ(store->history_entry(4).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_file(path()), before) << "looking changes nothing";
}

TEST_F(FormatOne, IsBroughtUpToDateWhenItIsWritten) {
  make_file();
  {
    const auto store = open();
    EXPECT_EQ(store->history().value().at(0).commit, "1f3a");
    const auto lock = store->lock(me()).value();
    HistoryEntry entry = three_steps();
    entry.id = store->begin_history(entry).value();
    EXPECT_EQ(entry.id, 4);
    entry.ended = entry.started;
    entry.outcome = "done";
    ASSERT_TRUE(store->end_history(entry).ok());
  }
  const auto history = open(OpenMode::read)->history().value();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].step_count, 3);
  EXPECT_EQ(history[1].user, "anna");
  EXPECT_EQ(open(OpenMode::read)->load().value().serial, 5);
}

}  // namespace
}  // namespace skep
