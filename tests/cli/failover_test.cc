// skep failover: where the address goes, what stands against it, and what the plan says afterwards.
#include <gtest/gtest.h>

#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class FailoverTest : public SwarmAppTest {
 protected:
  void make_cluster() {
    write_swarm(1, 3, "floating_ips: {ingress: {pool: worker}}\n");
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    ASSERT_EQ(holder("ingress"), "worker-1");
  }
};

TEST_F(FailoverTest, TheAddressLeavesItsHolderAndStaysWhereItWent) {
  make_cluster();
  ASSERT_EQ(run("failover ingress"), 0) << err;
  EXPECT_EQ(holder("ingress"), "worker-2");
  EXPECT_TRUE(has(out, "ingress (192.0.2.9): worker-1 → worker-2 after "));
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
  EXPECT_EQ(run("state history -json"), 0);
  EXPECT_EQ(json_out()["entries"][0]["operation"], "failover");
  EXPECT_EQ(json_out()["entries"][0]["summary"], "ingress to worker-2");
  EXPECT_EQ(json_out()["entries"][0]["outcome"], "done");
}

TEST_F(FailoverTest, ANodeCanBeNamed) {
  make_cluster();
  ASSERT_EQ(run("failover ingress worker-3 -json"), 0) << err;
  EXPECT_EQ(holder("ingress"), "worker-3");
  EXPECT_EQ(json_out()["from"], "worker-1");
  EXPECT_EQ(json_out()["to"], "worker-3");
  EXPECT_EQ(json_out()["moved"], true);
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
  ASSERT_EQ(run("failover ingress worker-3"), 0) << err;
  EXPECT_TRUE(has(out, "ingress (192.0.2.9) is on worker-3 already"));
}

TEST_F(FailoverTest, ADeadHolderHoldsNothingBack) {
  make_cluster();
  world.power_off("worker-1");
  servers.objects[{"server", "worker-1"}].attributes["power"] = "off";
  const Instant begun = jumping_.now();
  ASSERT_EQ(run("failover ingress"), 0) << err;
  EXPECT_EQ(holder("ingress"), "worker-2");
  EXPECT_LT(jumping_.now() - begun, std::chrono::seconds(5));
  EXPECT_EQ(run("plan"), 0);
  EXPECT_EQ(out.find("floating_ip"), std::string::npos) << out;
}

TEST_F(FailoverTest, OnlyAHealthyNodeGetsIt) {
  make_cluster();
  world.host("worker-2").engine->runs = false;
  world.host("worker-3").local_state = "locked";
  EXPECT_EQ(run("failover ingress worker-2"), 4);
  EXPECT_TRUE(has(err, "worker-2 cannot have ingress: it has no engine that answers"));
  EXPECT_EQ(run("failover ingress"), 1);
  EXPECT_TRUE(has(err, "worker-2 has no engine that answers; worker-3 is locked"));
  EXPECT_EQ(holder("ingress"), "worker-1");
  world.host("worker-3").local_state = "active";
  EXPECT_EQ(run("failover ingress"), 0) << err;
  EXPECT_EQ(holder("ingress"), "worker-3");
}

TEST_F(FailoverTest, WhatTheManagersSeeDownGetsNothing) {
  make_cluster();
  world.swarm().nodes.at(world.host("worker-2").node_id).seen = jumping_.now() - std::chrono::minutes(1);
  EXPECT_EQ(run("failover ingress worker-2"), 4);
  EXPECT_TRUE(has(err, "it is down in the swarm"));
}

TEST_F(FailoverTest, ANodeThatTakesTasksComesBeforeADrainedOne) {
  make_cluster();
  world.swarm().nodes.at(world.host("worker-2").node_id).availability = "drain";
  ASSERT_EQ(run("failover ingress"), 0) << err;
  EXPECT_EQ(holder("ingress"), "worker-3");
}

TEST_F(FailoverTest, UnknownNamesAreAnsweredWithWhatMayBeMeant) {
  make_cluster();
  EXPECT_EQ(run("failover ingres"), 1);
  EXPECT_TRUE(has(err, "no floating IP is named \"ingres\""));
  EXPECT_TRUE(has(err, "did you mean \"ingress\"?"));
  EXPECT_EQ(run("failover ingress worker-4"), 1);
  EXPECT_TRUE(has(err, "no node is named \"worker-4\""));
  EXPECT_EQ(run("failover ingress manager-1"), 1);
  EXPECT_TRUE(has(err, "manager-1 is not in the pool of ingress"));
  EXPECT_TRUE(has(err, "it may go to: worker-1, worker-2, worker-3"));
  EXPECT_EQ(run("failover"), 64);
}

TEST_F(FailoverTest, ALostAnswerIsFinishedByTheNextApply) {
  make_cluster();
  floating_ips.on_update = [&](const Resource& resource, const Object&, const Context&) -> Result<Object> {
    static_cast<void>(floating_ips.keep(resource));
    return Error{ErrorCode::unknown_outcome, "the answer was lost"};
  };
  EXPECT_EQ(run("failover ingress"), 1);
  EXPECT_TRUE(has(err, "the answer was lost"));
  const auto state = open_state()->load();
  ASSERT_TRUE(state.ok());
  ASSERT_EQ(state.value().open.size(), 1U) << "the intent was written first";
  EXPECT_EQ(to_text(state.value().open[0].resource.id), "floating_ip/ingress");
  floating_ips.on_update = nullptr;
  EXPECT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_EQ(holder("ingress"), "worker-2");
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
}

TEST_F(FailoverTest, NothingIsMovedWhileSomebodyElseWorks) {
  make_cluster();
  const auto store = open_state();
  const auto lock = store->lock({.user = "bert", .host = "build-9", .operation = "apply", .since = now()});
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(run("failover ingress"), 3);
  EXPECT_EQ(holder("ingress"), "worker-1");
}

TEST_F(FailoverTest, WithoutAClusterThereIsNothingToMove) {
  write_swarm(1, 1, "floating_ips: {ingress: {pool: worker}}\n");
  EXPECT_EQ(run("failover ingress"), 1);
  EXPECT_TRUE(has(err, "demo has not been made yet"));
}

}  // namespace
}  // namespace skep
