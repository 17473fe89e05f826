// Which candidate a $one_of stands for.
#include "planner/engine/choose.h"

#include <gtest/gtest.h>

#include <map>

namespace skep {
namespace {

struct ChooseCase {
  std::string name;
  std::map<std::string, std::string> candidates;  // name -> "" or one of: new, off, shaken, left
  Json applied = nullptr;
  Json reported = nullptr;
  std::string expected;
};

const ChooseCase choose_cases[] = {
    {"the first when none exists", {{"a", "new"}, {"b", "new"}}, nullptr, nullptr, "server/a"},
    {"the first that exists", {{"a", "new"}, {"b", ""}}, nullptr, nullptr, "server/b"},
    {"the first that is on", {{"a", "off"}, {"b", ""}}, nullptr, nullptr, "server/b"},
    {"the first when all are off", {{"a", "off"}, {"b", "off"}}, nullptr, nullptr, "server/a"},
    {"the holder stays", {{"a", ""}, {"b", ""}}, "id-b", "id-b", "server/b"},
    {"the holder by report, not by record", {{"a", ""}, {"b", ""}}, "id-b", "id-a", "server/a"},
    {"the holder by record where nothing is reported", {{"a", ""}, {"b", ""}}, "id-b", nullptr, "server/b"},
    {"the holder is off", {{"a", ""}, {"b", "off"}}, "id-b", "id-b", "server/a"},
    {"the holder is replaced", {{"a", ""}, {"b", "new"}}, "id-b", "id-b", "server/a"},
    {"the holder is out of service for a while", {{"a", "left"}, {"b", ""}}, "id-a", "id-a", "server/b"},
    {"all are: one that nothing leaves", {{"a", "left"}, {"b", "shaken"}}, "id-a", "id-a", "server/b"},
    {"all are left: the holder stays", {{"a", "left"}, {"b", "left"}}, "id-b", "id-b", "server/b"},
    {"nobody holds it", {{"a", ""}, {"b", ""}}, "id-b", "", "server/a"},
};

TEST(Choose, TheHolderWhileItCanStayElseTheFirstThatCan) {
  for (const auto& one : choose_cases) {
    SCOPED_TRACE(one.name);
    std::map<std::string, Object> objects;
    Json names = Json::array();
    for (const auto& [name, how] : one.candidates) {
      names.push_back("server/" + name);
      if (how != "new") objects["server/" + name] = {.remote_id = "id-" + name};
    }
    Attributes inputs = {{"server", {{"$one_of", names}, {"field", "remote_id"}}}};
    make_choices(inputs, {{"server", one.applied}}, {{"server", one.reported}}, [&](const ResourceId& id) {
      const auto found = objects.find(to_text(id));
      const bool exists = found != objects.end();
      return Candidate{.object = exists ? &found->second : nullptr,
                       .stays = exists,
                       .is_usable = exists && one.candidates.at(id.name) != "off",
                       .burden = one.candidates.at(id.name) == "left"     ? 2
                                 : one.candidates.at(id.name) == "shaken" ? 1
                                                                          : 0};
    });
    EXPECT_EQ(inputs, (Attributes{{"server", Json::object({{"$ref", one.expected}, {"field", "remote_id"}})}}));
  }
}

TEST(Choose, NothingToChooseFromIsNothing) {
  Attributes inputs = {{"server", {{"$one_of", Json::array()}, {"field", "remote_id"}}}};
  EXPECT_TRUE(holds_choice(inputs));
  make_choices(inputs, nullptr, nullptr, [](const ResourceId&) { return Candidate{}; });
  EXPECT_TRUE(inputs.at("server").is_null());
}

TEST(Choose, TheValueThatTheObjectHasElseTheFirst) {
  struct Case {
    const char* name;
    Json applied;
    Json reported;
    const char* expected;
  };
  const Case cases[] = {
      {"nothing is there", nullptr, nullptr, "a"},
      {"the object has another of them", "a", "b", "b"},
      {"nothing is reported", "b", nullptr, "b"},
      {"the object has what is wanted no longer", "c", "c", "a"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    Attributes inputs = {{"type", {{"$any_of", {"a", "b"}}}}};
    EXPECT_TRUE(holds_choice(inputs));
    make_choices(inputs, one.applied.is_null() ? Json() : Json{{"type", one.applied}},
                 one.reported.is_null() ? Json() : Json{{"type", one.reported}},
                 [](const ResourceId&) { return Candidate{}; });
    EXPECT_EQ(inputs["type"], one.expected);
  }
}

}  // namespace
}  // namespace skep
