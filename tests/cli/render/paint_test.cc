// Columns, cutting, wrapping and colours.
#include "cli/render/paint.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

TEST(Paint, ColumnsCountCodePointsAndNoEscapes) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("± größer"), 8U);
  EXPECT_EQ(columns_of(painted("ab", Color::red, {.color = true})), 2U);
  EXPECT_EQ(columns_of(""), 0U);
}

TEST(Paint, NoColourMeansNotASingleEscape) {
  EXPECT_EQ(painted("ab", Color::red, {}), "ab");
  EXPECT_EQ(painted("", Color::red, {.color = true}), "");
}

TEST(Paint, CuttingNeverBreaksACodePoint) {
  EXPECT_EQ(cut_to("größer", 4), "grö…");
  EXPECT_EQ(cut_to("größer", 6), "größer");
  EXPECT_EQ(cut_to("größer", 0), "größer");
}

TEST(Paint, WordsAreWrappedWhole) {
  EXPECT_EQ(wrapped("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("extraordinarily long", 5), (std::vector<std::string>{"extraordinarily", "long"}));
  EXPECT_EQ(wrapped("as it is", 0), (std::vector<std::string>{"as it is"}));
}

TEST(Table, ColumnsAreAlignedAndEmptyOnesLeftOut) {
  EXPECT_EQ(table_text({{{"a"}, {""}, {"1"}}, {{"long"}, {""}, {"2"}}}, {}),
            "  a     1\n"
            "  long  2\n");
}

TEST(Table, TheLastColumnIsWrappedUnderItself) {
  EXPECT_EQ(table_text({{{"key"}, {"some words that do not fit in here"}}}, {.columns = 33}),
            "  key  some words that do not fit\n"
            "       in here\n");
}

TEST(Table, ALastColumnWithoutRoomGoesOnLinesOfItsOwn) {
  EXPECT_EQ(table_text({{{"a very long first column"}, {"and the second"}}}, {.columns = 30}),
            "  a very long first column\n"
            "      and the second\n");
}

}  // namespace
}  // namespace skep
