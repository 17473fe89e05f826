// References when a step starts, and those to things that are gone.
#include "planner/engine/resolve.h"

#include <gtest/gtest.h>

#include "planner/engine/last_known.h"

namespace skep {
namespace {

Json ref(const std::string& id) { return Json::object({{"$ref", id}, {"field", "address"}}); }
Json all(const std::string& kind) { return Json::object({{"$all", kind}, {"field", "address"}}); }

const Objects objects = {{{"server", "a"}, {.remote_id = "1", .attributes = {{"address", "10.0.0.1"}}}},
                         {{"server", "b"}, {.remote_id = "2"}},  // has no address yet
                         {{"server", "c"}, {.remote_id = "3", .attributes = {{"address", "10.0.0.3"}}}},
                         {{"zone", "a"}, {.remote_id = "4", .attributes = {{"address", "none"}}}}};

TEST(Resolve, ForMakingEverythingNamedMustBeThere) {
  EXPECT_EQ(resolve_for_making({{"at", ref("server/a")}}, objects).value(), (Json{{"at", "10.0.0.1"}}));
  EXPECT_EQ(resolve_for_making({{"at", ref("server/z")}}, objects).error().code, ErrorCode::not_found);
  EXPECT_EQ(resolve_for_making({{"at", ref("server/b")}}, objects).error().code, ErrorCode::not_found);
}

TEST(Resolve, AllIsWhateverIsThereAndReportsTheField) {
  EXPECT_EQ(resolve_for_making({{"all", all("server")}}, objects).value(), (Json{{"all", {"10.0.0.1", "10.0.0.3"}}}));
  EXPECT_EQ(resolve_for_making({{"all", all("moon")}}, objects).value(), (Json{{"all", Json::array()}}));
}

TEST(Resolve, WhatIsGoneIsLeftOutOrNull) {
  const Json inputs = {{"at", ref("server/z")}, {"list", {ref("server/a"), ref("server/z"), nullptr}}, {"n", 1}};
  EXPECT_EQ(resolve_what_is_there(inputs, objects), (Json{{"at", nullptr}, {"list", {"10.0.0.1", nullptr}}, {"n", 1}}));
}

TEST(LastKnown, StandsForWhatIsGone) {
  Attributes inputs = {{"host", {{"$ref", "server/z"}}}, {"peer", ref("server/a")}, {"gone", {ref("server/y")}}};
  const Attributes applied = {{"host", {{"address", "10.0.0.9"}, {"power", "on"}}}, {"peer", "x"}, {"gone", {"y"}}};
  use_last_known(inputs, applied, [](const ResourceId& id) { return id.name == "a"; });
  EXPECT_EQ(
      inputs,
      (Attributes{{"host", {{"address", "10.0.0.9"}, {"power", "off"}}}, {"peer", ref("server/a")}, {"gone", {"y"}}}));
}

}  // namespace
}  // namespace skep
