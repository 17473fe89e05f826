#include "planner/store/snapshot.h"

#include <gtest/gtest.h>

#include "planner/store/replay.h"
#include "store_folder.h"

namespace skep {
namespace {

State some_state() {
  State state = {.lineage = "l-1", .digest_key = "k-1"};
  Resource second = server("b", 2);
  second.id.generation = 2;
  second.protect = true;
  second.vanishes_with = {{"server", "a"}};
  const std::vector<Entry> entries = {finish(server("a")), finish(second), begin(server("c")),
                                      begin(server("a"), StepAction::destroy)};
  replay(entries, state);
  return state;
}

void expect_equal(const State& left, const State& right) {
  EXPECT_EQ(left.serial, right.serial);
  EXPECT_EQ(left.lineage, right.lineage);
  EXPECT_EQ(left.digest_key, right.digest_key);
  EXPECT_EQ(left.records, right.records);
  EXPECT_EQ(left.open, right.open);
}

TEST(Snapshot, ComesBackAsItWas) {
  const State state = some_state();
  ASSERT_EQ(state.serial, 2);
  ASSERT_EQ(state.open.size(), 2U);
  const std::string text = dump_json_pretty(snapshot_json(state));
  const auto again = state_of_snapshot(parse_json(text, "x").value(), "x");
  ASSERT_TRUE(again.ok()) << again.error().message;
  expect_equal(again.value(), state);
}

TEST(Snapshot, BeginsWithVersionSerialAndLineage) {
  const Json json = snapshot_json(some_state());
  EXPECT_EQ(json.at("version"), 1);
  EXPECT_EQ(json.at("serial"), 2);
  EXPECT_EQ(json.at("lineage"), "l-1");
  EXPECT_EQ(json.at("records").at(1).at("id"), "server/b@2");
  EXPECT_EQ(json.at("open").at(0).at("action"), "destroy");
}

TEST(Snapshot, MistakesAreNamedWithTheirPlace) {
  const struct {
    const char* patch;  // as RFC 7386
    const char* message;
  } cases[] = {
      {R"({"version": 2})", "the backup was written by a newer skep (version 2, this one knows 1)"},
      {R"({"version": null})", "the backup: no snapshot of a state"},
      {R"({"serial": "x"})", "the backup.serial: expected a whole number"},
      {R"({"records": 3})", "the backup: 'records' is no list"},
      {R"({"records": [{"id": "server"}]})", "the backup: 'server' is no resource id"},
      {R"({"records": ["x"]})", "the backup.id: expected a string"},
      {R"({"records": [{"id": "server/a", "driver": "d", "inputs": []}]})",
       "the backup: server/a: 'inputs' is no mapping"},
      {R"({"records": [{"id": "server/a", "driver": "d", "inputs": {}, "needs": [1]}]})",
       "the backup: server/a: 'needs' holds 1, which is no resource id"},
      {R"({"open": [{"id": "server/a", "driver": "d", "inputs": {}, "needs": [], "vanishes_with": [], "action": "x"}]})",
       "the backup: server/a: unknown action 'x'"},
  };
  for (const auto& wrong : cases) {
    Json json = snapshot_json(some_state());
    json.merge_patch(Json::parse(wrong.patch));
    const auto state = state_of_snapshot(json, "the backup");
    ASSERT_FALSE(state.ok()) << wrong.patch;
    EXPECT_EQ(state.error().code, ErrorCode::invalid_input);
    EXPECT_EQ(state.error().message, wrong.message);
  }
  EXPECT_EQ(state_of_snapshot(Json::array(), "x").error().message, "x: no snapshot of a state");
  Json twice = snapshot_json(some_state());
  twice["records"].push_back(twice["records"][0]);
  EXPECT_EQ(state_of_snapshot(twice, "x").error().message, "x: server/a stands there twice");
}

}  // namespace
}  // namespace skep
