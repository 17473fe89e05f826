#include "planner/system/random.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace skep {
namespace {

/// Gives out bytes that the test has laid down.
class LaidDown final : public Random {
 public:
  explicit LaidDown(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = bytes_.at(next_++);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t next_ = 0;
};

TEST(SystemRandom, FillsEveryByteAndNeverTheSame) {
  SystemRandom random;
  std::set<std::uint8_t> seen;
  for (int i = 0; i < 100; ++i) {
    std::vector<std::uint8_t> bytes(1000);
    random.fill(bytes);
    seen.insert(bytes.back());
  }
  EXPECT_GT(seen.size(), 30U);
  EXPECT_NE(random_seed(random), random_seed(random));
}

TEST(Random, BelowIsUniform) {
  SystemRandom random;
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 30'000; ++i) ++counts[random_below(random, 3)];
  ASSERT_EQ(counts.size(), 3U);
  for (const auto& [number, count] : counts) EXPECT_NEAR(count, 10'000, 600) << number;  // six standard deviations
  EXPECT_EQ(random_below(random, 1), 0U);
}

// 2^64 is no multiple of 3: the one number too many is thrown away, not folded onto 0.
TEST(Random, BelowThrowsAwayWhatWouldFavourSmallNumbers) {
  LaidDown random({255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 5});
  EXPECT_EQ(random_below(random, 3), 2U);
  LaidDown all(std::vector<std::uint8_t>(8, 0xFF));
  EXPECT_EQ(random_below(all, std::uint64_t{1} << 63), (std::uint64_t{1} << 63) - 1);
}

TEST(Random, IdsHoldAllBits) {
  LaidDown zero(std::vector<std::uint8_t>(16, 0));
  EXPECT_EQ(random_id(zero), "00000000000000000000000000");
  LaidDown one(std::vector<std::uint8_t>(16, 0xFF));
  EXPECT_EQ(random_id(one), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
  std::vector<std::uint8_t> bytes(16, 0);
  bytes[15] = 33;
  LaidDown last(bytes);
  EXPECT_EQ(random_id(last), "00000000000000000000000011");
}

}  // namespace
}  // namespace skep
