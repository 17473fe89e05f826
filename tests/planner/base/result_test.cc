#include "planner/base/result.h"

#include <gtest/gtest.h>

#include "planner/base/secret.h"

namespace skep {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::invalid_input, std::to_string(number) + " is odd", "double it"};
  return number / 2;
}

Result<int> quarter(int number) { return TRY(half(TRY(half(number)))); }

Result<void> check(int number) {
  TRY(half(number));
  return {};
}

TEST(Result, TryPassesTheErrorOnAndNests) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(quarter(5).error().hint, "double it");
  EXPECT_TRUE(check(2).ok());
  EXPECT_EQ(check(3).error().code, ErrorCode::invalid_input);
}

TEST(Result, DoingReadsFromTheOutsideIn) {
  EXPECT_EQ(half(3).doing("inner").doing("outer").error().message, "outer: inner: 3 is odd");
  EXPECT_EQ(half(4).doing("inner").value(), 2);
  EXPECT_EQ(check(3).doing("check").error().message, "check: 3 is odd");
  EXPECT_EQ(half(3).value_or(9), 9);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereStopsTheProgram) {
  EXPECT_DEATH((void)half(3).value(), "ok");
  EXPECT_DEATH((void)half(4).error(), "ok");
}

TEST(Secret, IsWipedWhenItMovesOn) {
  Secret first("swordfish-and-more-than-16-bytes");
  const Secret second = std::move(first);
  EXPECT_EQ(second.reveal(), "swordfish-and-more-than-16-bytes");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
}

}  // namespace
}  // namespace skep
