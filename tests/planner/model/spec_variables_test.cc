#include "planner/model/spec_variables.h"

#include <gtest/gtest.h>

namespace skep::model {
namespace {

const Environment& environment() {
  static const Environment values = {{"A", "x"}, {"EMPTY", ""}, {"DOLLAR", "$A"}, {"A_1", "one"}, {"B", "}"}};
  return values;
}

TEST(Substitute, KnowsTheFormsOfComposeFiles) {
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"${A}", "x"},
      {"$A", "x"},
      {"<$A-${A}>", "<x-x>"},
      {"${A_1}$A_1", "oneone"},
      {"$$A", "$A"},
      {"$$$A$$", "$x$"},
      {"$${A}", "${A}"},
      {"${A:-d}", "x"},
      {"${NONE:-d}", "d"},
      {"${EMPTY:-d}", "d"},
      {"${EMPTY-d}", ""},
      {"${NONE-d}", "d"},
      {"${NONE:-}", ""},
      {"${NONE:-~/.ssh/id:x}", "~/.ssh/id:x"},
      {"${NONE:-$$5}", "$5"},
      {"${NONE:-${A}}", "x"},
      {"${NONE:-${ALSO:-${A}y}}z", "xyz"},
      {"${A:?must be set}", "x"},
      {"${EMPTY?must be set}", ""},
      {"${A:+other}", "other"},
      {"${EMPTY:+other}", ""},
      {"${EMPTY+other}", "other"},
      {"${NONE+other}", ""},
      {"${DOLLAR}", "$A"},  // a value is never looked into
      {"${B}", "}"},
  };
  for (const auto& c : cases) {
    const Substituted result = substitute(c.text, environment());
    EXPECT_TRUE(result.errors.empty()) << c.text << ": " << result.errors[0].message;
    EXPECT_EQ(result.text, c.expected) << c.text;
  }
}

TEST(Substitute, SaysWhetherThereWasAVariable) {
  EXPECT_TRUE(substitute("a${A}", environment()).has_variable);
  EXPECT_TRUE(substitute("${NONE:-d}", environment()).has_variable);
  EXPECT_FALSE(substitute("$$5", environment()).has_variable);
}

TEST(Substitute, AMissingVariableIsAnErrorAndAllAreNamed) {
  const Substituted result = substitute("${ONE} $TWO ${EMPTY:?say why} ${THREE?}", environment());
  ASSERT_EQ(result.errors.size(), 4U);
  EXPECT_EQ(result.errors[0].message, "variable 'ONE' is not set");
  EXPECT_EQ(result.errors[0].hint, "set it: export ONE=..., or give a default in the spec: ${ONE:-...}");
  EXPECT_EQ(result.errors[1].message, "variable 'TWO' is not set");
  EXPECT_EQ(result.errors[2].message, "variable 'EMPTY' is empty: say why");
  EXPECT_EQ(result.errors[3].message, "variable 'THREE' is not set");
}

TEST(Substitute, RefusesWhatIsNoForm) {
  for (const char* text : {"$", "$5", "a $ b", "${", "${A", "${}", "${5}", "${A B}", "${A::-x}", "${A:}", "${A/b}",
                           "${-x}", "${NONE:-${A}", "$("}) {
    EXPECT_EQ(substitute(text, environment()).errors.size(), 1U) << text;
  }
}

TEST(Substitute, StopsWhereNestingOrLengthHaveNoReason) {
  std::string nested = "x";
  for (int i = 0; i < 40; ++i) nested = "${NONE:-" + nested + "}";
  EXPECT_EQ(substitute(nested, environment()).errors.size(), 1U);

  const Environment long_value = {{"L", std::string(100'000, 'l')}};
  std::string many;
  for (int i = 0; i < 20; ++i) many += "${L}";
  const Substituted result = substitute(many, long_value);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].message, "is longer than 1 MiB");
}

}  // namespace
}  // namespace skep::model
