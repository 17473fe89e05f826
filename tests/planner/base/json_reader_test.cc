#include "planner/base/json_reader.h"

#include <gtest/gtest.h>

#include <random>

namespace skep {
namespace {

/// What the full parser says; nothing when the text is wrong.
std::optional<Json> parsed(std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? std::nullopt : std::optional(std::move(value));
}

TEST(JsonReader, ReadsPlainTextsAsTheFullParserDoes) {
  for (const std::string_view text :
       {R"({})", R"([])", R"("")", R"(0)", R"(-1)", R"(true)", R"(false)", R"(null)", R"( [ 1 , "a" ] )",
        R"({"a":1,"b":[{"c":null}],"d":"x"})", R"({"b":1,"a":2})", R"({"a":1,"a":2})", R"("line\nline\t\"q\" \\ \/")",
        R"(999999999999999999)", R"(-999999999999999999)", R"([[],{},[[]]])", "{\n  \"a\": [\n    1\n  ]\n}\n"}) {
    SCOPED_TRACE(text);
    const auto plain = read_plain_json(text);
    ASSERT_TRUE(plain);
    EXPECT_EQ(*plain, parsed(text));
    EXPECT_EQ(dump_json(*plain), dump_json(*parsed(text)));
    if (plain->is_number()) {
      EXPECT_EQ(plain->type(), parsed(text)->type());  // signed or not
    }
  }
}

TEST(JsonReader, LeavesTheUnusualToTheFullParser) {
  const std::vector<std::string> texts = {
      "1.5", "1e3", R"("\u00e9")", "\"\xc3\xa9\"", "1000000000000000000", "-0", std::string(100, '[')};
  for (const auto& text : texts) {
    EXPECT_FALSE(read_plain_json(text)) << text;
  }
  EXPECT_EQ(parse_json(R"({"a":1.5,"b":"\u00e9"})", "x").value(), (Json{{"a", 1.5}, {"b", "é"}}));
  EXPECT_EQ(parse_json("18446744073709551615", "x").value(), 18446744073709551615U);
}

// Texts that are broken at random: whatever is accepted must be what the full parser accepts, with the same value.
TEST(JsonReader, NeverAcceptsWhatTheFullParserRefuses) {
  const std::string whole = R"({"a":[1,-20,true,false,null,"x\n\"y\""],"bc":{"d":{},"e":[]},"f":"", "g" : 0})";
  const std::string letters = "{}[]\",:\\0123456789-+.eEtrufalsn \n\x01\x7f\xc3";
  std::mt19937 numbers(42);
  std::size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = whole;
    for (unsigned edits = numbers() % 4; edits > 0 && !text.empty(); --edits) {
      const std::size_t place = numbers() % text.size();
      const char letter = letters[numbers() % letters.size()];
      switch (numbers() % 4) {
        case 0:
          text[place] = letter;
          break;
        case 1:
          text.insert(place, 1, letter);
          break;
        case 2:
          text.erase(place, 1);
          break;
        default:
          text.resize(place + 1);
      }
    }
    const auto plain = read_plain_json(text);
    if (!plain) continue;
    ++accepted;
    ASSERT_EQ(plain, parsed(text)) << text;
  }
  EXPECT_GT(accepted, 50'000U);
}

}  // namespace
}  // namespace skep
