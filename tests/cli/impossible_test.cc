// What cannot become as the spec wants it: said by the plan, with the code of a refusal, before anything is touched.
#include <gtest/gtest.h>

#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

using ImpossibleTest = SwarmAppTest;

TEST_F(ImpossibleTest, WhatASwarmBeganWithIsFixed) {
  write_swarm(1, 1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write("other.yaml",
        "swarm: {address_pool: 172.30.0.0/16, data_path_port: 4790}\npools: {worker: {labels: {a: b}}}\n");
  world.forget_calls();
  for (const char* command : {"plan", "apply -auto-approve"}) {
    EXPECT_EQ(run(std::string(command) + " -f cluster.yaml -f other.yaml"), 4) << out;
    EXPECT_TRUE(has(err, "swarm/main: its address_pools cannot change: [] → [\"172.30.0.0/16\"]")) << err;
    EXPECT_TRUE(has(err, "swarm/main: its data_path_port cannot change: 4789 → 4790")) << err;
    EXPECT_TRUE(has(err, "put the old value back into the spec")) << err;
  }
  EXPECT_EQ(world.count_of_calls("node_update"), 0U);
  EXPECT_EQ(run("apply -auto-approve -f cluster.yaml -f other.yaml -except swarm"), 0) << err;
}

}  // namespace
}  // namespace skep
