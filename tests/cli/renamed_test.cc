// A cluster under another name: its machines are neither taken for another cluster's nor forgotten without a word.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class RenamedTest : public SwarmAppTest {
 protected:
  void SetUp() override {
    SwarmAppTest::SetUp();
    write_swarm(1, 1);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    write("renamed.yaml", "name: other\n");
  }
  static constexpr const char* as_other = " -f cluster.yaml -f renamed.yaml";
};

TEST_F(RenamedTest, APlanSaysWhoseMachinesGoOn) {
  EXPECT_EQ(run(std::string("plan") + as_other), 0) << err;
  EXPECT_TRUE(has(err,
                  "warning: other is a new cluster; demo, whose state lies beside it, keeps its 2 machines: if you "
                  "meant to rename it, put the old name back"))
      << err;
  EXPECT_EQ(run("plan"), 0) << err;
  EXPECT_FALSE(has(err, "new cluster")) << err;
}

TEST_F(RenamedTest, ADestroyedClusterIsNotSpokenOf) {
  ASSERT_EQ(run("destroy -auto-approve"), 0) << err;
  EXPECT_EQ(run(std::string("plan") + as_other), 0) << err;
  EXPECT_FALSE(has(err, "new cluster")) << err;
}

TEST_F(RenamedTest, TheStateOfAnotherClusterIsRefusedByAllThatWouldUseIt) {
  std::filesystem::copy_file(folder / ".skep/demo.db", folder / ".skep/other.db");
  world.forget_calls();
  for (const char* command : {"plan", "apply -auto-approve", "destroy -auto-approve", "status", "output",
                              "graph --plan", "run all -- true", "state rebuild", "swarm rotate ca"}) {
    SCOPED_TRACE(command);
    std::string line = command;
    line.insert(std::min(line.find(" -- "), line.size()), as_other);
    EXPECT_EQ(run(line), 4) << out << err;
    EXPECT_TRUE(has(err, R"(the state is that of the cluster "demo", and the spec's name is "other")")) << err;
  }
  EXPECT_EQ(world.count_of_calls("facts"), 0U);
  EXPECT_EQ(run(std::string("state list") + as_other), 0) << err;  // who looks into it may
}

}  // namespace
}  // namespace skep
