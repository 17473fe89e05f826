// The laws: what holds in every world, whatever fails and wherever skep is cut off; each with a mutant that breaks it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/scenarios.h"
#include "tests/sim/world.h"

namespace skep::sim {
namespace {

using test::Shape;
using test::shape_of;

constexpr std::uint64_t seed_count = 100;

// A random cluster: 1, 3 or 5 managers, some workers, with or without volumes and an address.
Shape random_shape(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Shape shape = shape_of(static_cast<int>(1 + 2 * (random() % 3)), static_cast<int>(random() % 4));
  shape.has_floating_ip = random() % 2 == 0;
  shape.has_volumes = random() % 3 == 0;
  shape.pools[0].location = random() % 4 == 0 ? "b" : "a";
  shape.pools[1].location = random() % 4 == 0 ? "b" : "a";
  shape.pools[1].engine = random() % 2 == 0 ? "27" : "28";
  return shape;
}

std::string with(std::uint64_t seed) { return "seed " + std::to_string(seed); }

// 1. Apply, then plan: nothing to do. Also after a history of edits.
Problems law_1(Mutant mutant, std::uint64_t seeds) {
  Problems problems;
  for (std::uint64_t seed = 1; seed <= seeds && problems.empty(); ++seed) {
    World world(mutant);
    for (std::uint64_t edit = 0; edit < 3; ++edit) {
      const Shape shape = random_shape(seed * 10 + edit);
      calm(world);
      const Outcome outcome = apply(world, shape, seed);
      expect(problems, outcome.is_done(), with(seed) + ": apply failed on a good day");
      const auto plan = plan_now(world, shape);
      expect(problems, plan.ok() && plan.value().empty(), with(seed) + ": not empty:" + test::plan_text(plan));
    }
    add(problems, world, with(seed));
  }
  return problems;
}

// 4 and 5, under faults of every kind: no two objects of one name; nothing before its time, pools and surge kept.
Problems law_4_and_5(Mutant mutant, std::uint64_t seeds) {
  Problems problems;
  for (std::uint64_t seed = 1; seed <= seeds && problems.empty(); ++seed) {
    const auto world = standing(full_shape(), mutant);
    calm(*world);
    world->cloud.most_machines = 0;
    world->faults.of(Fault::unavailable) = 20;
    world->faults.of(Fault::lost_answer) = 20;
    world->faults.of(Fault::lost_request) = 10;
    world->faults.of(Fault::exhausted) = 20;
    for (int attempt = 0; attempt < 3; ++attempt) {
      world->faults.crash_at = seed % 3 == 0 ? world->faults.points + 1 + seed % 97 : 0;
      apply(*world, moved(full_shape()), seed);
      world->faults.is_crashed = false;
    }
    const bool is_done = converge(*world, moved(full_shape()), seed);
    expect(problems, is_done, with(seed) + ": does not converge");
    expect(problems, world->cloud.most_machines <= 7, with(seed) + ": more than one machine to spare a pool");
    expect(problems, world->cloud.count("host.swarm_manager") == 3, with(seed) + ": not three managers");
    add(problems, *world, with(seed));
  }
  return problems;
}

// 8. A planted secret is in no event and no state. (Outputs, command lines and user data: the tests of the commands.)

// 9. The same seed gives the same events.
Problems law_9(Mutant mutant, std::uint64_t seeds) {
  Problems problems;
  for (std::uint64_t seed = 1; seed <= seeds && problems.empty(); ++seed) {
    std::vector<std::string> events[2];
    for (auto& run : events) {
      World world(mutant);
      world.faults.of(Fault::unavailable) = 30;
      run = apply(world, random_shape(seed), seed).events;
    }
    expect(problems, events[0] == events[1], with(seed) + ": other events");
  }
  return problems;
}

// 10. A failed step leaves its machine alone.
Problems law_10(Mutant mutant, std::uint64_t seeds) {
  Problems problems;
  for (std::uint64_t seed = 1; seed <= seeds && problems.empty(); ++seed) {
    World world(mutant);
    world.faults.of(Fault::unavailable) = 50;
    world.faults.of(Fault::exhausted) = 50;
    world.faults.of(Fault::lost_answer) = 50;
    for (int attempt = 0; attempt < 3; ++attempt) apply(world, full_shape(), seed + 1000);
    expect(problems, converge(world, full_shape(), seed), with(seed) + ": does not converge");
    expect(problems, world.cloud.destroyed.empty(), with(seed) + ": something was destroyed that no plan named");
    add(problems, world, with(seed));
  }
  return problems;
}

std::string text(const Problems& problems) {
  std::string all;
  for (const auto& problem : problems) all += problem + "\n";
  return all;
}

#define EXPECT_LAW(problems) EXPECT_EQ(text(problems), "")
#define EXPECT_BROKEN(problems) EXPECT_FALSE((problems).empty()) << "the mutant was not noticed"

TEST(Laws, Law1ApplyThenPlanIsEmpty) { EXPECT_LAW(law_1(Mutant::none, seed_count)); }
TEST(Laws, Law1NoticesADriverThatReportsNonsense) { EXPECT_BROKEN(law_1(Mutant::reports_nonsense, 5)); }

TEST(Laws, Laws2And3And6And7CutOffAnywhereLeavesNoTrace) {
  for (const auto& scenario : scenarios()) {
    SCOPED_TRACE(scenario.name);
    const Findings found = scenario.run(Mutant::none);
    EXPECT_LAW(found.problems);
    EXPECT_GT(found.points, 50U);
  }
}

TEST(Laws, Law2NoticesAnExecutorThatDoesNotLookFirst) {
  EXPECT_BROKEN(crash_and_apply(Mutant::skips_first_find, nullptr, full_shape()).problems);
}

TEST(Laws, Law3NoticesAMissingBegin) { EXPECT_BROKEN(crash_and_want_less(Mutant::skips_begin).problems); }
TEST(Laws, Law3NoticesIntentsThatAreForgotten) { EXPECT_BROKEN(crash_and_want_less(Mutant::forgets_open).problems); }

TEST(Laws, Law3ALostAnswerIsNoProofOfAnything) { EXPECT_LAW(lose_answer_and_want_less(Mutant::none)); }
TEST(Laws, Law3NoticesALostAnswerThatIsTakenForProof) {
  EXPECT_BROKEN(lose_answer_and_want_less(Mutant::mistakes_lost_answers));
}

TEST(Laws, Laws4And5NoTwinsNothingEarlyNoPoolOverfullQuorumKept) { EXPECT_LAW(law_4_and_5(Mutant::none, seed_count)); }
TEST(Laws, Law4NoticesTwins) { EXPECT_BROKEN(law_4_and_5(Mutant::skips_first_find, seed_count)); }
TEST(Laws, Law5NoticesWhatIsWrittenLate) { EXPECT_BROKEN(law_4_and_5(Mutant::records_late, 5)); }
TEST(Laws, Law5NoticesWavesThatAreIgnored) { EXPECT_BROKEN(law_4_and_5(Mutant::ignores_waves, 5)); }
TEST(Laws, Law5NoticesAnOverfullPool) { EXPECT_BROKEN(law_1(Mutant::ignores_pools, 20)); }

TEST(Laws, Law6NoticesWhatIsLeftBehind) { EXPECT_BROKEN(crash_and_destroy(Mutant::loses_destroy).problems); }

TEST(Laws, Law7NoticesAWaitThatNobodyCanEnd) { EXPECT_BROKEN(interrupt(Mutant::ignores_stop).problems); }

TEST(Laws, Law9TheSameSeedGivesTheSameEvents) { EXPECT_LAW(law_9(Mutant::none, 100)); }
TEST(Laws, Law9NoticesWhatTheSeedDoesNotDecide) { EXPECT_BROKEN(law_9(Mutant::uses_the_clock, 20)); }

TEST(Laws, Law10AFailedStepLeavesItsMachineAlone) { EXPECT_LAW(law_10(Mutant::none, seed_count)); }
TEST(Laws, Law10NoticesARebuild) { EXPECT_BROKEN(law_10(Mutant::rebuilds_on_failure, 20)); }

}  // namespace
}  // namespace skep::sim
