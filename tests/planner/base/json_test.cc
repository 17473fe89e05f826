#include "planner/base/json.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

TEST(JsonText, ErrorsNameTheTextAndThePlace) {
  const auto parsed = parse_json("{\"a\": }", "the saved plan");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(parsed.error().message, "the saved plan: not valid JSON at byte 7");
  EXPECT_FALSE(parse_json("", "x").ok());
  EXPECT_FALSE(parse_json("{} {}", "x").ok());
}

TEST(JsonText, LimitsAreErrorsToo) {
  const auto message_of = [](const std::string& text) { return parse_json(text, "the answer").error().message; };
  EXPECT_EQ(message_of(R"({"a": 1e999999})"), "the answer: JSON with a number too large");
  const std::string opened(100'000, '[');
  EXPECT_EQ(message_of(opened + std::string(opened.size(), ']')), "the answer: JSON nested too deep");
  const std::string brackets_in_text = dump_json({opened, 1.5, "\\\"", opened});
  EXPECT_TRUE(parse_json(brackets_in_text + "  ", "the answer").ok());
}

TEST(JsonText, EqualValuesPrintAsEqualBytes) {
  EXPECT_EQ(dump_json(parse_json(R"({"b": 1, "a": [true, null]})", "x").value()), R"({"a":[true,null],"b":1})");
  EXPECT_EQ(dump_json_pretty(Json{{"a", 1}}), "{\n  \"a\": 1\n}\n");
}

TEST(JsonText, InvalidUtf8IsReplacedNotThrownAt) { EXPECT_EQ(dump_json(Json("a\xff")), "\"a\xEF\xBF\xBD\""); }

TEST(JsonText, MembersAreReadWithTheirPathInTheError) {
  const Json object = {{"name", "x"}, {"count", 3}};
  EXPECT_EQ(json_string(object, "name", "spec").value(), "x");
  EXPECT_EQ(json_int(object, "count", "spec").value(), 3);
  EXPECT_EQ(json_string(object, "count", "spec").error().message, "spec.count: expected a string");
  EXPECT_EQ(json_int(object, "absent", "spec").error().message, "spec.absent: expected a whole number");
  EXPECT_EQ(json_string_or(object, "count", "other"), "other");
  EXPECT_EQ(json_int_or(object, "count", 9), 3);
  EXPECT_EQ(json_int_or(Json::array(), "count", 9), 9);
}

}  // namespace
}  // namespace skep
