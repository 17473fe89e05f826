#include "planner/base/number.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

TEST(Number, TheWholeTextIsOne) {
  EXPECT_EQ(parse_integer("3600"), 3600);
  EXPECT_EQ(parse_integer("-1"), -1);
  for (const char* text : {"", " 1", "1 ", "+1", "1.5", "0x1", "one", "9223372036854775808"})
    EXPECT_FALSE(parse_integer(text)) << text;
}

}  // namespace
}  // namespace skep
