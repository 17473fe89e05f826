// What exists now: lists, finds, and what is out of reach.
#include "planner/engine/observe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/fake_driver.h"

namespace skep::test {
namespace {

Resource server(const std::string& name) { return {.id = {"server", name}, .driver = "test.server", .node = name}; }
Resource engine(const std::string& name) {
  return {.id = {"engine", name},
          .driver = "host.engine",
          .inputs = {{"other", {{"$ref", "server/" + name}, {"field", "address"}}}},
          .node = name,
          .vanishes_with = {{"server", name}}};
}
Resource member(const std::string& name) {
  Resource resource = engine(name);
  resource.id.kind = "swarm_node";
  resource.vanishes_with = {{"swarm", "main"}};
  return resource;
}
Object machine(const std::string& name, const std::string& power = "on") {
  return {.remote_id = "id-" + name, .attributes = {{"address", "10.0.0." + name}, {"power", power}}};
}

struct Observe : testing::Test {
  FakeDriver servers{"test.server", true};
  FakeDriver hosts{"host.engine"};
  Driver* drivers[2] = {&servers, &hosts};
  Catalog catalog{drivers};
  FakeClock clock;
  InlineRunner runner;
  State state = {.serial = 3};

  Observe() {
    for (const char* name : {"1", "2"}) {
      servers.objects[{"server", name}] = machine(name);
      for (const auto& resource : {engine(name), member(name)}) {
        hosts.objects[resource.id] = {.remote_id = "on-" + std::string(name), .attributes = {{"seen", true}}};
        record(resource, {.remote_id = "on-" + std::string(name)});
      }
      record(server(name), machine(name));
    }
  }
  void record(Resource resource, Object object) {
    state.records[resource.id] = {.resource = resource, .object = std::move(object)};
  }
  Result<State> look(std::vector<std::string> also = {}) {
    Executor executor({.runner = runner,
                       .catalog = catalog,
                       .clock = clock,
                       .secrets = [](std::string_view) -> Result<Secret> { return Secret("x"); },
                       .digest_key = "key"});
    return observe(state, executor, catalog, "test", also, {});
  }
};

TEST_F(Observe, ReadsWithOneListADriverAndOneFindForEachOther) {
  const State now = look().value();
  EXPECT_EQ(servers.calls(), std::vector<std::string>{"list test.server"});
  EXPECT_EQ(hosts.calls().size(), 4U);
  EXPECT_EQ(now.records.at({"engine", "1"}).object.attributes.at("seen"), true);
  EXPECT_EQ(now.serial, 3);
  EXPECT_TRUE(now.unread.empty());
  EXPECT_TRUE(now.unrecorded.empty());
}

TEST_F(Observe, FindsGetWhatIsThereNow) {
  servers.objects[{"server", "1"}].attributes["address"] = "10.9.9.9";
  hosts.on_find = [](const Resource& resource, std::string_view remote_id) -> Result<std::optional<Object>> {
    if (resource.id.name == "1") {
      EXPECT_EQ(resource.inputs.at("other"), "10.9.9.9");
    }
    EXPECT_EQ(remote_id, "on-" + resource.id.name);
    return std::optional(Object{});
  };
  EXPECT_TRUE(look().ok());
}

TEST_F(Observe, WhatALaggingListLacksIsAskedForByItsId) {
  servers.on_list = [] { return std::vector<Owned>{{{"server", "1"}, machine("1")}}; };
  const State now = look().value();
  EXPECT_EQ(servers.calls(), (std::vector<std::string>{"list test.server", "find server/2"}));
  EXPECT_TRUE(now.records.contains({"server", "2"}));
  servers.objects.erase({"server", "2"});
  const State later = look().value();
  EXPECT_TRUE(later.gone.contains({"server", "2"})) << "when it is not there under its id either, it is gone";
}

TEST_F(Observe, WhatWasBeingDestroyedAndIsInNoListIsGoneThoughItsIdCannotBeAskedFor) {
  servers.on_list = [] { return std::vector<Owned>{{{"server", "1"}, machine("1")}}; };
  servers.on_find = [](const Resource&, std::string_view) -> Result<std::optional<Object>> {
    return Error{.code = ErrorCode::unavailable, .message = "503"};
  };
  EXPECT_TRUE(look().value().unread.contains({"server", "2"})) << "it may stand";
  state.open.push_back({.action = StepAction::destroy, .resource = state.records.at({"server", "2"}).resource});
  const State now = look().value();
  EXPECT_TRUE(now.gone.contains({"server", "2"}));
  EXPECT_FALSE(now.unread.contains({"server", "2"}));
}

TEST_F(Observe, WhatIsGoneIsDropped) {
  hosts.objects.erase({"engine", "1"});
  const State now = look().value();
  EXPECT_FALSE(now.records.contains({"engine", "1"}));
  EXPECT_TRUE(now.gone.contains({"engine", "1"}));
  EXPECT_TRUE(now.records.contains({"engine", "2"}));
}

TEST_F(Observe, WithItsMachineGoesWhatVanishesWithItAndTheRestIsLeftToThePlan) {
  servers.objects.erase({"server", "1"});
  const State now = look().value();
  EXPECT_FALSE(now.records.contains({"server", "1"}));
  EXPECT_FALSE(now.records.contains({"engine", "1"}));
  EXPECT_TRUE(now.records.contains({"swarm_node", "1"}));
  EXPECT_EQ(now.unread, (std::map<ResourceId, std::string>{{{"swarm_node", "1"}, "its machine is gone"}}));
  EXPECT_EQ(hosts.calls().size(), 2U);  // nothing on the lost machine is dialled
}

TEST_F(Observe, AMachineThatIsOffIsNotDialled) {
  servers.objects[{"server", "2"}].attributes["power"] = "off";
  const State now = look().value();
  EXPECT_EQ(now.unread, (std::map<ResourceId, std::string>{{{"engine", "2"}, "its machine is off"},
                                                           {{"swarm_node", "2"}, "its machine is off"}}));
  EXPECT_EQ(now.records.at({"engine", "2"}), state.records.at({"engine", "2"}));
}

// Else a second swarm would be begun while the machines of the first one are off.
TEST_F(Observe, WhatOnlyHostsOutOfReachWouldKnowIsNotGone) {
  const Resource swarm = {.id = {"swarm", "main"},
                          .driver = "host.engine",
                          .inputs = {{"other", Json::object({{"$all", "engine"}, {"field", "seen"}})}}};
  record(swarm, {.remote_id = "s"});
  servers.objects[{"server", "1"}].attributes["power"] = "off";
  const State now = look().value();
  EXPECT_TRUE(now.records.contains(swarm.id));
  EXPECT_EQ(now.unread.at(swarm.id), "not every host that would know it can be asked");
  servers.objects[{"server", "1"}].attributes["power"] = "on";
  EXPECT_FALSE(look().value().records.contains(swarm.id));
}

TEST_F(Observe, AHostThatDoesNotAnswerIsSaid) {
  hosts.on_find = [&](const Resource& resource, std::string_view) -> Result<std::optional<Object>> {
    if (resource.id.name == "1") return Error{.code = ErrorCode::unavailable, .message = "no route to host"};
    return std::optional(hosts.objects.at(resource.id));
  };
  const State now = look().value();
  EXPECT_EQ(now.unread.at({"engine", "1"}), "no route to host");
  EXPECT_EQ(now.records.at({"engine", "1"}), state.records.at({"engine", "1"}));
}

TEST_F(Observe, AProviderThatDoesNotAnswerLeavesAllAsRecorded) {
  servers.on_list = []() -> Result<std::vector<Owned>> {
    return Error{.code = ErrorCode::unavailable, .message = "503"};
  };
  const State now = look().value();
  EXPECT_EQ(now.records, state.records);
  EXPECT_EQ(now.unread.at({"server", "1"}), "503");
  EXPECT_EQ(now.unread.at({"engine", "1"}), "its machine cannot be read: 503");
  EXPECT_TRUE(hosts.calls().empty());
}

TEST_F(Observe, AWrongCredentialOrHostKeyEndsIt) {
  for (const ErrorCode code : {ErrorCode::denied, ErrorCode::invalid_input, ErrorCode::refused}) {
    servers.on_list = [&]() -> Result<std::vector<Owned>> {
      return Error{.code = code, .message = "the token expired"};
    };
    EXPECT_EQ(look().error().message, "read list/test.server: the token expired");
  }
  servers.on_list = nullptr;
  hosts.on_find = [](const Resource&, std::string_view) -> Result<std::optional<Object>> {
    return Error{.code = ErrorCode::refused, .message = "another host key"};
  };
  EXPECT_EQ(look().error().code, ErrorCode::refused);
}

TEST_F(Observe, AWrongHostKeyIsOnlyNotedWhereTheMachineIsToGo) {
  hosts.on_find = [](const Resource& resource, std::string_view) -> Result<std::optional<Object>> {
    if (resource.id.name == "2") return Error{.code = ErrorCode::refused, .message = "another host key"};
    return std::optional<Object>(Object{.remote_id = "on-1"});
  };
  Executor executor({.runner = runner, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = "key"});
  EXPECT_FALSE(observe(state, executor, catalog, "test", {}, {}, [](const auto& node) { return node == "1"; }).ok());
  const auto now = observe(state, executor, catalog, "test", {}, {}, [](const auto& node) { return node == "2"; });
  ASSERT_TRUE(now.ok()) << now.error().message;
  EXPECT_TRUE(now.value().records.contains({"engine", "2"}));
  EXPECT_TRUE(now.value().unread.contains({"engine", "2"}));
}

TEST_F(Observe, AHostThatAloneLetsUsNotInIsUnread) {
  std::set<std::string> closed = {"2"};
  hosts.on_find = [&](const Resource& resource, std::string_view) -> Result<std::optional<Object>> {
    if (closed.contains(resource.node)) return Error{.code = ErrorCode::denied, .message = "accepts none of our keys"};
    return std::optional<Object>(Object{.remote_id = "on-1"});
  };
  const auto now = look();
  ASSERT_TRUE(now.ok()) << now.error().message;
  EXPECT_EQ(now.value().unread.at({"engine", "2"}), "accepts none of our keys");
  EXPECT_FALSE(now.value().unread.contains({"engine", "1"}));
  EXPECT_TRUE(now.value().records.contains({"engine", "2"}));
  closed.insert("1");
  EXPECT_EQ(look().error().code, ErrorCode::denied) << "the key is the wrong one everywhere";
}

TEST_F(Observe, AnUnknownObjectWithOurLabelIsFound) {
  servers.objects[{"server", "9"}] = machine("9");
  const State now = look().value();
  EXPECT_EQ(now.unrecorded.at({"server", "9"}), machine("9"));
  ASSERT_EQ(now.open.size(), 1U);
  EXPECT_EQ(now.open[0].resource.driver, "test.server");
  EXPECT_EQ(now.open[0].resource.node, "9");
}

TEST_F(Observe, ALostStateIsNoReasonToSeeNothing) {
  state = {};
  EXPECT_TRUE(look().value().unrecorded.empty());
  EXPECT_EQ(look({"test.server"}).value().unrecorded.size(), 2U);
}

TEST_F(Observe, OpenIntentsAreLookedUp) {
  state.records.erase({"engine", "1"});
  state.open = {{.action = StepAction::create, .resource = engine("1")}};
  EXPECT_TRUE(look().value().unrecorded.contains({"engine", "1"}));
  hosts.objects.erase({"engine", "1"});
  const State now = look().value();
  EXPECT_FALSE(now.unrecorded.contains({"engine", "1"}));
  EXPECT_EQ(now.open.size(), 1U);  // only a plan may close it
}

TEST_F(Observe, OfTwoObjectsWithOneNameTheRecordedOneCounts) {
  servers.on_list = [&]() -> Result<std::vector<Owned>> {
    return std::vector<Owned>{
        {{"server", "1"}, {.remote_id = "twin"}}, {{"server", "1"}, machine("1")}, {{"server", "2"}, machine("2")}};
  };
  EXPECT_EQ(look().value().records.at({"server", "1"}).object.remote_id, "id-1");
}

TEST_F(Observe, AStopIsAnError) {
  Executor executor({.runner = runner, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = "key"});
  std::stop_source stop;
  stop.request_stop();
  const auto now = observe(state, executor, catalog, "test", {}, stop.get_token());
  ASSERT_FALSE(now.ok());
  EXPECT_EQ(now.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace skep::test
