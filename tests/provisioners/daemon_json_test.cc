// daemon.json: ours are set, foreign ones stay, and what was ours goes with the spec.
#include <gtest/gtest.h>

#include "provisioners/daemon_json.h"

namespace skep {
namespace {

TEST(DaemonJson, MergeTable) {
  struct Row {
    const char* name;
    const char* present;
    const char* memory;
    const char* wanted;
    const char* merged;
    bool differs, restart;
  };
  const Row rows[] = {
      {"no file yet", "", "{}", R"({"debug":true})", R"({"debug":true,"labels":["skep.uid=L"]})", true, false},
      {"foreign keys stay", R"({"bip":"10.1.0.1/24"})", "{}", R"({"log-driver":"local"})",
       R"({"bip":"10.1.0.1/24","labels":["skep.uid=L"],"log-driver":"local"})", true, true},
      {"nothing to do", R"({"debug":true,"labels":["skep.uid=L"]})", R"({"ours":{"debug":true}})", R"({"debug":true})",
       R"({"debug":true,"labels":["skep.uid=L"]})", false, false},
      {"a key that was ours goes with the spec", R"({"mtu":1400,"x":1,"labels":["skep.uid=L"]})",
       R"({"ours":{"mtu":1400}})", "{}", R"({"labels":["skep.uid=L"],"x":1})", true, true},
      {"a foreign key of the same name as nothing of ours stays", R"({"mtu":1400,"labels":["skep.uid=L"]})",
       R"({"ours":{}})", "{}", R"({"labels":["skep.uid=L"],"mtu":1400})", false, false},
      {"ours wins over theirs", R"({"mtu":1400})", "{}", R"({"mtu":1450})", R"({"labels":["skep.uid=L"],"mtu":1450})",
       true, true},
      {"labels are merged one by one", R"({"labels":["theirs=1","ours=old","skep.uid=other"]})",
       R"({"ours":{"labels":["ours=old"]}})", R"({"labels":["ours=new"]})",
       R"({"labels":["theirs=1","ours=new","skep.uid=L"]})", true, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    DaemonChange change;
    if (*row.present != '\0') change.present_text = row.present;
    change.memory = Json::parse(row.memory);
    change.wanted = Json::parse(row.wanted);
    change.label = "skep.uid=L";
    const auto merge = merge_daemon(change);
    ASSERT_TRUE(merge.ok()) << merge.error().message;
    EXPECT_EQ(Json::parse(merge.value().text).dump(), row.merged);
    EXPECT_EQ(merge.value().differs, row.differs);
    EXPECT_EQ(merge.value().needs_restart, row.restart);
    EXPECT_EQ(merge.value().memory.at("ours"), change.wanted);
  }
}

TEST(DaemonJson, MergingTwiceChangesNothing) {
  DaemonChange change = {.present_text = R"({"bip":"x","labels":["a=1"]})",
                         .wanted = {{"debug", true}, {"labels", {"b=2"}}},
                         .label = "skep.uid=u"};
  const auto first = merge_daemon(change).value();
  change.present_text = first.text;
  change.memory = first.memory;
  const auto second = merge_daemon(change).value();
  EXPECT_FALSE(second.differs);
  EXPECT_EQ(second.text, first.text);
}

TEST(DaemonJson, AFileThatCannotBeReadIsLeftAlone) {
  for (const char* text : {"{", "[1]", "\"text\""}) {
    const auto merge = merge_daemon({.present_text = text});
    ASSERT_FALSE(merge.ok()) << text;
    EXPECT_EQ(merge.error().code, ErrorCode::invalid_input);
    EXPECT_NE(merge.error().hint, "");
  }
  EXPECT_TRUE(merge_daemon({.present_text = " \n"}).ok()) << "an empty file says nothing";
}

TEST(DaemonJson, WhatWeWroteIsReportedAsItIsNow) {
  const Json memory = {{"ours", {{"debug", true}, {"mtu", 1450}, {"labels", {"b=2", "c=3"}}}}};
  EXPECT_EQ(owned_daemon_keys(R"({"debug":false,"x":1,"labels":["a=1","b=2","skep.uid=u"]})", memory),
            Json({{"debug", false}, {"labels", {"b=2"}}}));
  EXPECT_EQ(owned_daemon_keys(std::nullopt, memory), Json::object());
  EXPECT_EQ(owned_daemon_keys("broken", memory), Json::object());
}

TEST(DaemonJson, KeysAreSplitByWhatAppliesThem) {
  const auto keys = split_daemon_keys({{"debug", true}, {"log-opts", Json::object()}, {"registry-mirrors", {"m"}}});
  EXPECT_EQ(keys.reload, Json({{"debug", true}, {"registry-mirrors", {"m"}}}));
  EXPECT_EQ(keys.restart, Json({{"log-opts", Json::object()}}));
}

}  // namespace
}  // namespace skep
