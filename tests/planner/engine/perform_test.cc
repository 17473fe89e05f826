// How a verb is carried out: look, act, look again, wait.
#include "planner/engine/perform.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_driver.h"

namespace skep::test {
namespace {

const ResourceId thing_id = {"thing", "a"};

struct Perform : testing::Test {
  FakeDriver driver{"test.thing"};
  FakeClock clock;
  std::stop_source stop;
  std::vector<std::string> said;

  Work work(StepAction action) {
    return {.action = action,
            .resource = {.id = thing_id, .driver = "test.thing", .inputs = {{"value", 1}}},
            .driver = driver,
            .clock = clock,
            .secrets = [](std::string_view name) -> Result<Secret> {
              if (name == "env:NONE") return Error{.code = ErrorCode::invalid_input, .message = "NONE is not set"};
              return Secret("hunter22");
            },
            .stop = stop.get_token(),
            .deadline = clock.now() + std::chrono::minutes(2)};
  }
  StepResult run(const Work& one) {
    return perform(one, [&](std::string_view text) { said.emplace_back(text); });
  }
  StepResult create() { return run(work(StepAction::create)); }
};

Error lost() { return {.code = ErrorCode::unknown_outcome, .message = "no answer"}; }

TEST_F(Perform, CreateLooksFirst) {
  EXPECT_EQ(create().value().object->remote_id, "id-of-thing/a");
  EXPECT_EQ(driver.calls(), (std::vector<std::string>{"find thing/a", "create thing/a"}));
}

TEST_F(Perform, WhatIsThereIsAdopted) {
  driver.objects[thing_id] = {.remote_id = "7", .attributes = {{"value", 1}}};
  EXPECT_EQ(create().value().object->remote_id, "7");
  EXPECT_EQ(driver.calls(), std::vector<std::string>{"find thing/a"});
}

TEST_F(Perform, WhatIsThereAndDiffersIsAdoptedAndUpdated) {
  driver.objects[thing_id] = {.remote_id = "7", .attributes = {{"value", 2}}};
  EXPECT_EQ(create().value().object->attributes.at("value"), 1);
  EXPECT_EQ(driver.calls(), (std::vector<std::string>{"find thing/a", "update thing/a"}));
}

TEST_F(Perform, ALostAnswerIsLookedForUntilListsCatchUp) {
  driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    driver.keep(resource);
    return lost();
  };
  int looks = 0;
  driver.on_find = [&](const Resource&, std::string_view) -> Result<std::optional<Object>> {
    return ++looks < 5 ? std::optional<Object>() : std::optional<Object>(driver.objects.at(thing_id));
  };
  EXPECT_EQ(create().value().object->remote_id, "id-of-thing/a");
  EXPECT_GT(clock.now(), Instant{});
}

TEST_F(Perform, ALostAnswerThatIsNeverFoundStaysUnknown) {
  driver.on_create = [](const Resource&, const Context&) -> Result<Object> { return lost(); };
  const auto result = create();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::unknown_outcome);
  EXPECT_EQ(clock.now(), Instant{} + std::chrono::minutes(1)) << "the look has a limit of its own below the deadline";
}

// Its state was lost, it was found by its label, and skep was killed while it destroyed it.
TEST_F(Perform, WhatHasNoInputsIsFoundByItsLabel) {
  driver.edit_schema().listed = true;
  driver.objects[thing_id] = {.remote_id = "7"};
  Work found = work(StepAction::destroy);
  found.resource.inputs.clear();
  EXPECT_TRUE(run(found).ok());
  EXPECT_EQ(driver.calls(), (std::vector<std::string>{"list test.thing", "destroy thing/a"}));
  EXPECT_TRUE(run(found).ok()) << "gone already";
  EXPECT_EQ(driver.calls().back(), "list test.thing");
}

TEST_F(Perform, AFailedCreationIsAbandonedOnceALookProvesThatNothingIsThere) {
  driver.on_create = [](const Resource&, const Context&) -> Result<Object> {
    return Error{.code = ErrorCode::exhausted, .message = "no capacity"};
  };
  const auto result = create();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().abandoned->code, ErrorCode::exhausted);
}

TEST_F(Perform, AFailedCreationThatLeftSomethingBehindStaysOpen) {
  driver.on_create = [&](const Resource& resource, const Context&) -> Result<Object> {
    driver.keep(resource);
    return Error{.code = ErrorCode::unavailable, .message = "second request refused"};
  };
  EXPECT_FALSE(create().ok());
}

TEST_F(Perform, NothingIsCreatedWhenItCannotBeLookedFor) {
  driver.on_find = [](const Resource&, std::string_view) -> Result<std::optional<Object>> {
    return Error{.code = ErrorCode::unavailable, .message = "connection refused"};
  };
  const auto result = create();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "look for it: connection refused");
  EXPECT_EQ(driver.calls(), std::vector<std::string>{"find thing/a"});
}

TEST_F(Perform, ACreationThatNeverBecomesReadyStaysOpen) {
  driver.on_wait_ready = [](const Resource&, const Object&, const Context&) -> Result<Object> {
    return Error{.code = ErrorCode::unavailable, .message = "it does not boot"};
  };
  EXPECT_FALSE(create().ok());
  EXPECT_TRUE(driver.objects.contains(thing_id));
}

TEST_F(Perform, NothingIsCreatedAfterAStop) {
  stop.request_stop();
  const auto result = create();
  EXPECT_EQ(result.value().abandoned->code, ErrorCode::cancelled);
  EXPECT_EQ(driver.calls(), std::vector<std::string>{"find thing/a"});
}

TEST_F(Perform, DestroyFindsWhatIsNotKnownAndIsContentWithNothing) {
  EXPECT_TRUE(run(work(StepAction::destroy)).ok());
  EXPECT_EQ(driver.calls(), std::vector<std::string>{"find thing/a"});
  driver.objects[thing_id] = {.remote_id = "7"};
  EXPECT_TRUE(run(work(StepAction::destroy)).ok());
  EXPECT_TRUE(driver.objects.empty());
  Work known = work(StepAction::destroy);
  known.object = Object{.remote_id = "7"};
  EXPECT_TRUE(run(known).ok());
  EXPECT_EQ(driver.calls().back(), "destroy thing/a");
}

TEST_F(Perform, SecretsReachTheDriverAndNobodyElse) {
  Work one = work(StepAction::create);
  one.resource.inputs["token"] = {{"$secret", "env:TOKEN"}};
  driver.on_create = [](const Resource& resource, const Context& context) -> Result<Object> {
    EXPECT_EQ(resource.inputs.at("token"), "hunter22");
    context.say("logging in with hunter22");
    return Error{.code = ErrorCode::denied, .message = "hunter22 is wrong", .hint = "not hunter22"};
  };
  const auto result = run(one);
  EXPECT_EQ(result.value().abandoned->message, "*** is wrong");
  EXPECT_EQ(result.value().abandoned->hint, "not ***");
  EXPECT_EQ(said, std::vector<std::string>{"logging in with ***"});
  one.resource.inputs["token"] = {{"$secret", "env:NONE"}};
  EXPECT_EQ(run(one).error().message, "NONE is not set");
}

TEST_F(Perform, AnExceptionOfADriverIsABugAndNoCrash) {
  driver.on_create = [](const Resource& resource, const Context&) -> Result<Object> {
    return Object{.remote_id = resource.inputs.at("missing").get<std::string>()};
  };
  const auto result = create();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace skep::test
