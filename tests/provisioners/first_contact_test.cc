// The host key of the first boot gives way to one that the host made itself; floating addresses reach the system.
#include <gtest/gtest.h>

#include "planner/base/ssh_key.h"
#include "tests/provisioners/cluster_kit.h"

namespace skep::test {
namespace {

/// What a provider would remember: written by the test's own driver below.
class FakePin final : public Driver {
 public:
  const Schema& schema() const override {
    static const Schema schema = {.driver = "fake.pin",
                                  .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true},
                                             {.name = "server", .required = true},
                                             {.name = "key", .required = true}}};
    return schema;
  }
  Result<std::optional<Object>> find(const Resource&, std::string_view, const Context&) override { return pinned; }
  Result<Object> create(const Resource& resource, const Context&) override {
    if (is_down) return Error{ErrorCode::unavailable, "the provider does not answer"};
    pinned = Object{"1", {{"key", resource.inputs["key"]}}};
    return *pinned;
  }
  Result<Object> update(const Resource& resource, const Object&, const Context& context) override {
    return create(resource, context);
  }
  Result<void> destroy(const Resource&, const Object&, const Context&) override { return {}; }
  std::optional<Object> pinned;
  bool is_down = false;
};

/// One cloud machine, and what happens to its key.
class FirstContact : public ::testing::Test {
 protected:
  FirstContact() {
    kit.cloud = true;
    kit.extra = &pin;
    first_key = kit.world.host("manager-1").host_key;
  }
  const std::string& shown() { return kit.world.host("manager-1").host_key; }
  /// As the provider reports the machine after the pin is set.
  void observe_pin() {
    auto& machine = kit.objects.at({"server", "manager-1"}).attributes;
    if (!pin.pinned) return;
    machine["host_key"] = pin.pinned->attributes["key"];
    machine["first_host_key"] = first_key;
  }

  ClusterKit kit{1, 0};
  FakePin pin;
  std::string first_key;
};

TEST_F(FirstContact, TheHostMakesItselfAKeyAndNoOtherIsAcceptedAnyMore) {
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_NE(shown(), first_key);
  EXPECT_EQ(kit.objects.at({"login", "manager-1"}).attributes["host_key"], shown());
  EXPECT_EQ(pin.pinned->attributes["key"], shown());
  observe_pin();
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "");

  kit.world.host("manager-1").host_key = first_key;  // somebody who read the user-data stands in between
  kit.restart();
  const std::string plan = lines(kit.plan());
  EXPECT_NE(plan.find("? login/manager-1: "), std::string::npos) << plan;
  EXPECT_EQ(plan.find("gone login/manager-1"), std::string::npos) << plan;
}

TEST_F(FirstContact, NothingElseIsDoneWithTheFirstKey) {
  EXPECT_EQ(lines(kit.apply()), "");
  bool has_switched = false;
  for (const auto& call : kit.world.calls()) {
    has_switched = has_switched || call == "manager-1 host_key_switch";
    if (has_switched) break;
    EXPECT_TRUE(call == "manager-1 host_key_prepare" || call == "manager-1 facts") << call;
  }
  EXPECT_TRUE(has_switched);
}

// Each call fails once, before and after its effect; the next run, a new process, brings it to its end.
TEST_F(FirstContact, CutOffAnywhereTheNextRunGoesOn) {
  for (const auto fault : {Fault::not_sent, Fault::answer_lost}) {
    for (std::size_t at = 0; at < 12; ++at) {
      SCOPED_TRACE(std::to_string(at) + (fault == Fault::not_sent ? " not sent" : " answer lost"));
      ClusterKit one(1, 0);
      FakePin remembered;
      one.cloud = true;
      one.extra = &remembered;
      const std::string first = one.world.host("manager-1").host_key;
      one.world.fault = [&](std::size_t number, const std::string&) { return number == at ? fault : Fault::none; };
      one.apply();
      one.restart();
      if (remembered.pinned) {
        auto& machine = one.objects.at({"server", "manager-1"}).attributes;
        machine["host_key"] = remembered.pinned->attributes["key"];
        machine["first_host_key"] = first;
      }
      EXPECT_EQ(lines(one.apply()), "");
      EXPECT_NE(one.world.host("manager-1").host_key, first);
    }
  }
}

TEST_F(FirstContact, TheHostDoesNotChangeOverBeforeTheProviderRemembers) {
  pin.is_down = true;
  EXPECT_EQ(lines(kit.apply()), "pin/manager-1: the provider does not answer");
  EXPECT_EQ(shown(), first_key);
  pin.is_down = false;
  kit.restart();
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(shown(), pin.pinned->attributes["key"]);
}

TEST_F(FirstContact, AfterTheStateIsLostTheProviderStillKnowsTheKey) {
  EXPECT_EQ(lines(kit.apply()), "");
  const std::string key = shown();
  observe_pin();
  const Object machine = kit.objects.at({"server", "manager-1"});
  kit.objects = {{{"server", "manager-1"}, machine}};
  kit.restart();
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(shown(), key);
}

TEST_F(FirstContact, AFloatingAddressIsPutOnEachHostAndTakenAwayAgain) {
  kit.objects[{"floating_ip", "ingress"}] = {"7", {{"address", "203.0.113.9"}}};
  kit.floating = {{"ingress", {"floating_ip", "ingress"}}};
  EXPECT_EQ(lines(kit.apply()), "");
  observe_pin();
  const FakeHost& host = kit.world.host("manager-1");
  EXPECT_TRUE(host.floating_addresses.contains("203.0.113.9"));
  EXPECT_EQ(lines(kit.plan()), "");

  kit.objects[{"floating_ip", "ingress"}].attributes["address"] = "203.0.113.10";
  EXPECT_EQ(lines(kit.plan()), R"(~ address/manager-1-ingress: address "203.0.113.9" -> "203.0.113.10")");
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(host.floating_addresses, std::set<std::string>{"203.0.113.10"});

  kit.world.host("manager-1").addresses.erase("203.0.113.10");  // somebody took it away
  kit.restart();
  EXPECT_EQ(lines(kit.plan()), "gone address/manager-1-ingress");
  EXPECT_EQ(lines(kit.apply()), "");
  EXPECT_EQ(kit.destroy("address/manager-1-ingress"), "");
  EXPECT_TRUE(host.floating_addresses.empty());
}

}  // namespace
}  // namespace skep::test
