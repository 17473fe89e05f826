// A plan that would give members of the swarm other addresses is refused, whatever else it holds.
#include <gtest/gtest.h>

#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

class SpanningTest : public AppTest {};

TEST_F(SpanningTest, WhatWouldMoveTheAddressesOfMembersIsRefused) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  Record member{.resource = {.id = {member_kind, "manager-1"}, .driver = "local.server", .node = "manager-1"}};
  member.resource.inputs = {{"host", {{"$ref", "server/manager-1"}}}};
  {
    const auto store = open_state();
    const auto lock = store->lock({.user = "bert", .host = "build-9", .operation = "apply", .since = now()});
    ASSERT_TRUE(lock.ok());
    const Entry entries[] = {Finish{member.resource.id, member}};
    ASSERT_TRUE(store->record(entries).ok());
  }
  write("cluster.yaml", text_of("cluster.yaml") + "  edge: {provider: existing, nodes: {}}\n");
  EXPECT_EQ(run("plan -refresh=false"), 4) << out;
  EXPECT_TRUE(has(err, "manager-1 reach one another over a private network")) << err;
  EXPECT_EQ(run("destroy -auto-approve"), 0) << err;
}

}  // namespace
}  // namespace skep
