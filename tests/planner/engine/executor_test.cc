// The loop: what is durable when, what a failure stops, what a stop leaves.
#include "planner/engine/executor.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_driver.h"
#include "tests/fakes/memory_store.h"

namespace skep::test {
namespace {

struct ExecutorTest : testing::Test {
  FakeDriver driver{"test.thing"};
  Driver* drivers[1] = {&driver};
  Catalog catalog{drivers};
  FakeClock clock;
  InlineRunner runner;
  MemoryStore store;
  std::stop_source stop;
  std::vector<std::string> events;
  Plan plan = {.cluster = "test"};

  // Steps are named after letters: "b" after "a".
  void add(const std::string& name, std::vector<StepId> after = {}, StepAction action = StepAction::create) {
    plan.steps.push_back({.id = static_cast<StepId>(plan.steps.size()),
                          .action = action,
                          .resource = {.id = {"thing", name}, .driver = "test.thing", .inputs = {{"value", name}}},
                          .after = std::move(after)});
  }
  Result<Summary> run() {
    static const char* const kinds[] = {"started", "said", "finished", "failed", "stopped", "skipped", "stopping"};
    Executor executor({.runner = runner,
                       .catalog = catalog,
                       .clock = clock,
                       .secrets = [](std::string_view) -> Result<Secret> { return Secret("hunter22"); },
                       .digest_key = "key",
                       .events =
                           [&](const Event& event) {
                             events.push_back(std::string(kinds[static_cast<int>(event.kind)]) + " " + event.id.name);
                           }});
    return executor.run(plan, store, stop.get_token());
  }
};

using Texts = std::vector<std::string>;

TEST_F(ExecutorTest, WhatCannotBePreparedIsNotDisturbedAndNoJournalKnowsOfIt) {
  const auto with_object = [&](StepAction action, std::vector<StepId> after) {
    add("a", std::move(after), action);
    plan.steps.back().object = Object{"id-of-thing/a", {}};
  };
  with_object(StepAction::prepare, {});
  with_object(StepAction::update, {0});
  driver.on_prepare_update = [](const Resource&) -> Result<void> {
    return Error{ErrorCode::unavailable, "no such package"};
  };
  const auto summary = run().value();
  ASSERT_EQ(summary.failures.size(), 1U);
  EXPECT_EQ(summary.failures[0].error.message, "no such package");
  EXPECT_EQ(events, (Texts{"started a", "failed a", "skipped a"}));
  EXPECT_TRUE(store.state().open.empty());
  EXPECT_TRUE(store.state().records.empty());

  events.clear();
  driver.on_prepare_update = nullptr;
  EXPECT_TRUE(run().value().failures.empty());
  EXPECT_EQ(events, (Texts{"started a", "finished a", "started a", "finished a"}));
  EXPECT_EQ(driver.calls(), (Texts{"prepare thing/a", "prepare thing/a", "update thing/a"}));
}

TEST_F(ExecutorTest, RunsAPlanAndRecordsWhatIsTrue) {
  add("a");
  add("b", {0});
  plan.steps[1].resource.inputs = {{"value", {{"$ref", "thing/a"}, {"field", "remote_id"}}},
                                   {"token", {{"$secret", "env:TOKEN"}}}};
  const auto summary = run().value();
  EXPECT_EQ(summary.created, 2U);
  EXPECT_EQ(events, (Texts{"started a", "finished a", "started b", "finished b"}));
  const Record& b = store.state().records.at({"thing", "b"});
  EXPECT_EQ(b.resource, plan.steps[1].resource);  // references as they were
  EXPECT_EQ(b.applied.at("value"), "id-of-thing/a");
  EXPECT_EQ(b.applied.at("token").at("$secret"), "env:TOKEN");
  EXPECT_EQ(dump_json(b.applied).find("hunter22"), std::string::npos);
  EXPECT_TRUE(store.state().open.empty());
}

TEST_F(ExecutorTest, OneTransactionATurn) {
  for (const char* name : {"a", "b", "c", "d"}) add(name);
  EXPECT_EQ(run().value().created, 4U);
  EXPECT_EQ(store.record_count(), 5U);  // all four begin in one, then one for each end
}

/// A journal whose writes have their price.
struct CostlyJournal final : Journal {
  explicit CostlyJournal(MemoryStore& next) : store(next) {}
  Result<void> record(std::span<const Entry> entries) override { return store.record(entries); }
  Duration gathering_time() const override { return std::chrono::milliseconds(100); }
  MemoryStore& store;
};

/// Tells one end at a time, and further ones when it is asked for more.
struct GatheringRunner final : Runner {
  InlineRunner inner;
  std::size_t capacity() const override { return inner.capacity(); }
  void start(StepId step, std::function<StepResult(Say)> job) override { ++running, inner.start(step, std::move(job)); }
  std::vector<Notice> wait() override { return counted(inner.wait()); }
  std::vector<Notice> wait_for_more(Duration) override {
    std::vector<Notice> all;
    while (running > 0)
      for (auto& one : counted(inner.wait())) all.push_back(std::move(one));
    return all;
  }
  std::vector<Notice> counted(std::vector<Notice> notices) {
    for (const auto& one : notices)
      if (one.kind == Notice::Kind::finished) --running;
    return notices;
  }
  int running = 0;
};

// "e" to "h" after "a" to "d": the ends of the first four and the beginnings of the others are one write.
TEST_F(ExecutorTest, WhatEndsAtAboutTheSameTimeIsWrittenAtOnceWhereWritingHasItsPrice) {
  for (const char* name : {"a", "b", "c", "d"}) add(name);
  for (const StepId first : {0U, 1U, 2U, 3U}) add(std::string(1, static_cast<char>('e' + first)), {first});
  CostlyJournal journal(store);
  GatheringRunner gathering;
  store.before_record = [&](std::span<const Entry> entries) -> std::optional<Error> {
    EXPECT_EQ(entries.size(), store.record_count() == 1 ? 8U : 4U);
    return std::nullopt;
  };
  Executor executor({.runner = gathering, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = "key"});
  EXPECT_EQ(executor.run(plan, journal, {}).value().created, 8U);
  EXPECT_EQ(store.record_count(), 3U);
  EXPECT_EQ(store.state().records.size(), 8U);
  EXPECT_TRUE(store.state().open.empty());
}

// One at a time, and nobody to wait for: results alone wait for what begins next, but not longer than ten seconds.
TEST_F(ExecutorTest, ResultsAloneWaitForTheNextIntentsButNotForLong) {
  for (const char* name : {"a", "b", "c", "d"}) add(name);
  CostlyJournal journal(store);
  const auto count_with = [&](Duration pause) {
    driver.objects.clear();
    store.set_state({});
    driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
      static_cast<void>(clock.sleep(pause, {}));
      return driver.keep(resource);
    };
    const std::size_t before = store.record_count();
    InlineRunner one_by_one;
    Executor executor({.runner = one_by_one, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = "key"});
    EXPECT_EQ(executor.run(plan, journal, {}).value().created, 4U);
    EXPECT_EQ(store.state().records.size(), 4U);
    return store.record_count() - before;
  };
  EXPECT_EQ(count_with(std::chrono::seconds(1)), 2U);
  EXPECT_EQ(count_with(std::chrono::seconds(11)), 5U);
}

TEST_F(ExecutorTest, BeginIsDurableBeforeTheDeedAndFinishBeforeWhatDependsOnIt) {
  add("a");
  add("b", {0});
  driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    EXPECT_EQ(store.state().open.size(), 1U);
    EXPECT_EQ(store.state().open[0].resource.id, resource.id);
    EXPECT_EQ(store.state().records.contains({"thing", "a"}), resource.id.name == "b");
    return driver.keep(resource);
  };
  EXPECT_TRUE(run().ok());
}

TEST_F(ExecutorTest, AFailureStopsOnlyWhatDependsOnIt) {
  add("a");
  add("b", {0});
  add("c");
  add("d", {2});
  driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    if (resource.id.name == "a") return Error{.code = ErrorCode::exhausted, .message = "no capacity"};
    return driver.keep(resource);
  };
  const auto summary = run().value();
  ASSERT_EQ(summary.failures.size(), 1U);
  EXPECT_EQ(summary.failures[0].error.message, "no capacity");
  EXPECT_EQ(summary.skipped, (std::vector<ResourceId>{{"thing", "b"}}));
  EXPECT_EQ(summary.created, 2U);
  EXPECT_FALSE(summary.stopped);
  EXPECT_TRUE(store.state().open.empty());  // abandoned: a look proved that nothing is there
}

TEST_F(ExecutorTest, AFailedUpdateKeepsItsRecordAndItsIntent) {
  add("a");
  ASSERT_TRUE(run().ok());
  const Record before = store.state().records.at({"thing", "a"});
  plan.steps[0].action = StepAction::update;
  plan.steps[0].object = before.object;
  driver.on_update = [](const Resource&, const Object&, const Context&) -> Result<Object> {
    return Error{.code = ErrorCode::unavailable, .message = "connection reset"};
  };
  EXPECT_EQ(run().value().failures.size(), 1U);
  EXPECT_EQ(store.state().records.at({"thing", "a"}), before);
  EXPECT_EQ(store.state().open.size(), 1U);
}

TEST_F(ExecutorTest, ForgettingTouchesNothingButTheRecord) {
  add("a");
  ASSERT_TRUE(run().ok());
  const auto calls = driver.calls();
  plan.steps[0].action = StepAction::forget;
  EXPECT_EQ(run().value().destroyed, 0U);
  EXPECT_TRUE(store.state().records.empty());
  EXPECT_EQ(driver.calls(), calls);
}

TEST_F(ExecutorTest, DestroyingEndsTheRecord) {
  add("a");
  ASSERT_TRUE(run().ok());
  plan.steps[0].action = StepAction::destroy;
  plan.steps[0].resource.inputs["other"] = {{"$ref", "thing/gone"}};  // what it refers to may be gone
  plan.steps[0].object = driver.objects.begin()->second;
  EXPECT_EQ(run().value().destroyed, 1U);
  EXPECT_TRUE(store.state().records.empty());
  EXPECT_TRUE(driver.objects.empty());
}

TEST_F(ExecutorTest, AStopStartsNothingMore) {
  add("a");
  add("b", {0});
  driver.on_create = [&](const Resource& resource, const Context& context) -> Result<Object> {
    stop.request_stop();
    EXPECT_TRUE(context.stop.stop_requested());
    return driver.keep(resource);  // a request that was sent is finished
  };
  const auto summary = run().value();
  EXPECT_TRUE(summary.stopped);
  EXPECT_EQ(summary.created, 1U);
  EXPECT_EQ(summary.skipped, (std::vector<ResourceId>{{"thing", "b"}}));
  EXPECT_TRUE(summary.failures.empty());
  EXPECT_EQ(events, (Texts{"started a", "finished a", "stopping "}));
  EXPECT_TRUE(store.state().records.contains({"thing", "a"}));
}

TEST_F(ExecutorTest, AStepThatAStopCutsOffIsNoFailure) {
  add("a");
  add("b", {0});
  driver.on_create = [&](const Resource&, const Context&) -> Result<Object> {
    stop.request_stop();
    return Error{ErrorCode::cancelled, "stopped on request"};
  };
  const auto summary = run().value();
  EXPECT_TRUE(summary.stopped);
  EXPECT_TRUE(summary.failures.empty());
  EXPECT_EQ(summary.skipped, (std::vector<ResourceId>{{"thing", "a"}, {"thing", "b"}}));
  EXPECT_EQ(events, (Texts{"started a", "stopped a", "skipped b"}));
  EXPECT_TRUE(store.state().open.empty()) << "a look showed that nothing came of it";
}

TEST_F(ExecutorTest, AStopAfterTheLastStepIsNone) {
  add("a");
  driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    stop.request_stop();
    return driver.keep(resource);
  };
  EXPECT_FALSE(run().value().stopped);
}

TEST_F(ExecutorTest, WithoutAJournalNothingStarts) {
  add("a");
  store.before_record = [](std::span<const Entry>) -> std::optional<Error> {
    return Error{.code = ErrorCode::exhausted, .message = "disk full"};
  };
  const auto summary = run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().message, "write down what was done and what comes next: disk full");
  EXPECT_TRUE(driver.calls().empty());
}

TEST_F(ExecutorTest, WhatRunsWhenTheJournalFailsIsWaitedForAndWrittenOnceMore) {
  add("a");
  add("b");
  add("c", {0});
  int calls = 0;
  store.before_record = [&](std::span<const Entry>) -> std::optional<Error> {
    if (++calls != 2) return std::nullopt;
    return Error{.code = ErrorCode::unavailable, .message = "I/O error"};
  };
  EXPECT_FALSE(run().ok());
  EXPECT_EQ(driver.objects.size(), 2U);
  EXPECT_EQ(store.state().records.size(), 2U);
  EXPECT_TRUE(store.state().open.empty());
}

// Where it was, only an open intent tells those who come next.
TEST_F(ExecutorTest, WhatComesIntoBeingAlongIsWrittenDownWithTheResult) {
  driver.edit_schema().brings_along = {"member"};
  driver.on_create = [&](const Resource&, const Context&) -> Result<Object> {
    stop.request_stop();
    return Object{"swarm-id", {{"manager", {{"node", "m1"}, {"generation", 2}}}}};
  };
  add("main");
  for (const ResourceId& id :
       {ResourceId{"member", "m1", 2}, {"member", "m1", 1}, {"member", "m2", 2}, {"other", "m1", 2}}) {
    add("", {0});
    plan.steps.back().resource.id = id;
  }
  EXPECT_TRUE(run().value().stopped);
  EXPECT_TRUE(store.state().records.contains({"thing", "main"}));
  ASSERT_EQ(store.state().open.size(), 1U);
  EXPECT_EQ(to_text(store.state().open[0].resource.id), "member/m1@2");
  EXPECT_EQ(store.state().open[0].action, StepAction::create);
}

TEST_F(ExecutorTest, AReferenceToNothingFailsBeforeAnythingBegins) {
  add("a");
  plan.steps[0].resource.inputs["value"] = {{"$ref", "thing/none"}, {"field", "remote_id"}};
  EXPECT_EQ(run().value().failures.size(), 1U);
  EXPECT_TRUE(store.entries().empty());
}

TEST_F(ExecutorTest, PoolsAndCapacityHold) {
  for (int i = 0; i < 8; ++i) {
    add(std::string(1, static_cast<char>('a' + i)));
    plan.steps.back().resource.pool = "p";
  }
  plan.pools = {{"p", 2}};
  EXPECT_EQ(run().value().created, 8U);
  EXPECT_EQ(runner.most_at_once, 2U);
  plan.pools.clear();
  runner.most_at_once = 0;
  EXPECT_TRUE(run().ok());
  EXPECT_EQ(runner.most_at_once, 8U);
}

TEST_F(ExecutorTest, EachStepHasItsDeadline) {
  add("a");
  driver.edit_schema().timeout_create = std::chrono::seconds(7);
  driver.on_create = [&](const Resource& resource, const Context& context) -> Result<Object> {
    EXPECT_EQ(context.deadline, clock.now() + std::chrono::seconds(7));
    return driver.keep(resource);
  };
  EXPECT_TRUE(run().ok());
}

TEST_F(ExecutorTest, TheSlowestPathIsTheChainThatDecided) {
  add("a");
  add("b");
  add("c", {0, 1});
  driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    clock.advance(std::chrono::seconds(resource.id.name == "b" ? 5 : 1));
    return driver.keep(resource);
  };
  const auto summary = run().value();
  Texts path;
  for (const auto& timing : summary.slowest_path) path.push_back(timing.id.name);
  EXPECT_EQ(path, (Texts{"b", "c"}));
  EXPECT_EQ(summary.elapsed, std::chrono::seconds(7));
  EXPECT_EQ(summary.timings.size(), 3U);
}

TEST_F(ExecutorTest, AnUnknownDriverIsSaid) {
  add("a");
  plan.steps[0].resource.driver = "other.thing";
  EXPECT_EQ(run().value().failures.at(0).error.message, "there is no driver \"other.thing\"");
}

}  // namespace
}  // namespace skep::test
