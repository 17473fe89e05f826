// Random worlds: a sample of them, and the mutants that they must notice. Many more: skep_sim.
#include "tests/sim/random_world.h"

#include <gtest/gtest.h>

namespace skep::sim {
namespace {

constexpr std::uint64_t sample = 300;

TEST(RandomWorlds, KeepEveryLaw) {
  for (std::uint64_t seed = 1; seed <= sample; ++seed) {
    const WorldReport report = run_random_world(seed);
    ASSERT_TRUE(report.problems.empty()) << "seed " << seed << ": " << report.problems.front();
  }
}

TEST(RandomWorlds, AreTheSameAgainToTheLastWord) {
  const auto told = [](std::uint64_t seed) {
    std::string all;
    run_random_world(seed, Mutant::none, [&](const std::string& text) { all += text; });
    return all;
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(told(seed), told(seed));
  EXPECT_NE(told(1), told(2));
}

TEST(RandomWorlds, NoticeEachMutant) {
  for (const auto& one : mutant_cases())
    EXPECT_NE(first_noticed(one, 10'000), 0U) << mutant_names[static_cast<std::size_t>(one.mutant)];
}

}  // namespace
}  // namespace skep::sim
