// What is known to go wrong with versions of the engine is said in the plan, and nothing else is.
#include "provisioners/advisories.h"

#include <gtest/gtest.h>

#include "planner/base/text.h"

namespace skep {
namespace {

std::string told(const EngineMove& move, const std::vector<std::string>& staying = {}) {
  std::string text;
  for (const auto& line : engine_advisories(std::vector<EngineMove>{move}, staying)) text += line.substr(0, 24) + "\n";
  return text;
}

TEST(Advisories, OfVersions) {
  struct Case {
    const char* name;
    EngineMove move;
    std::vector<std::string> staying;
    const char* told;
  };
  const Case cases[] = {
      {"within a series", {"n", "28.4.0", "28.5.2"}, {"28.4.0"}, ""},
      {"29.3 is as before", {"n", "29.0.1", "29.3.0"}, {}, ""},
      {"clients of before", {"n", "29.3.0", "29.1.2"}, {}, "Engine 29.0 to 29.2 answe\n"},
      {"clients are thought of", {"n", "29.3.0", "29.1.2", R"({"min-api-version":"1.40"})"}, {}, ""},
      {"a series says nothing of patches", {"n", "29.0.0", "29"}, {}, ""},
      {"a new node", {"n", "", "29.4.0"}, {}, "Engine 29 comes with con\n"},
      {"a new node of any version", {"n", "", ""}, {"28.5.2"}, ""},
      {"a new node with limits", {"n", "", "29.4.0", R"({"default-ulimits":{}})"}, {}, ""},
      {"an old node", {"n", "", "28.5.2"}, {}, ""},
      {"over the border", {"n", "28.5.2", "29.4.0"}, {}, "while engines before and\n"},
      {"a new node beside old ones", {"n", "", "28.5.2"}, {"29.4.0"}, "while engines before and\n"},
      {"holes", {"n", "28.1.1", "28.2.2"}, {}, "Engine 28.2 loses ways b\n"},
      {"from long ago", {"n", "19.03.15", "20.10.24"}, {}, "From before 20.10 to 20.\n"},
      {"not so long ago", {"n", "20.10.24", "28.5.2"}, {}, ""},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    std::string expected;
    for (const auto& line : split_lines(each.told)) expected += line.substr(0, 24) + "\n";
    EXPECT_EQ(told(each.move, each.staying), expected);
  }
}

State with_engine(const std::string& node, const std::string& version) {
  State state;
  const ResourceId id{"engine", node};
  state.records[id] = {.resource = {.id = id, .node = node}, .object = {.remote_id = node}};
  state.records[id].object.attributes["engine_version"] = version;
  return state;
}

TEST(Advisories, OfAPlan) {
  State state = with_engine("worker-1", "28.5.2");
  state.records.merge(with_engine("worker-2", "28.5.2").records);
  Plan plan;
  Resource engine = {.id = {"engine", "worker-1"}, .node = "worker-1"};
  engine.inputs["version"] = "29.1.0";
  plan.steps.push_back({.action = StepAction::update, .resource = engine, .object = Object{"worker-1", {}}});
  const auto moves = engine_moves(plan, state);
  ASSERT_EQ(moves.size(), 1U);
  EXPECT_EQ(moves[0].from, "28.5.2");
  EXPECT_EQ(moves[0].to, "29.1.0");
  EXPECT_EQ(engine_advisories(plan, state).size(), 2U);

  plan.steps[0].resource.inputs["version"] = "28.5.2";  // only its daemon.json changes
  EXPECT_TRUE(engine_moves(plan, state).empty());
  EXPECT_TRUE(engine_advisories(plan, state).empty());
}

}  // namespace
}  // namespace skep
