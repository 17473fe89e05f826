// The laws: what holds in every world, whatever fails and wherever skep is cut off; each with a mutant that breaks it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/world.h"

namespace skep::sim {
namespace {

using test::Shape;
using test::shape_of;
using Problems = std::vector<std::string>;

constexpr std::uint64_t seed_count = 300;

Shape full_shape() {
  Shape shape = shape_of(3, 2);
  shape.has_floating_ip = shape.has_volumes = true;
  return shape;
}

Shape moved(Shape shape) {
  for (auto& pool : shape.pools) pool.location = "b";
  return shape;
}

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

void add(Problems& problems, const World& world, const std::string& where) {
  for (const auto& violation : world.cloud.violations) problems.push_back(where + ": " + violation);
}

void expect(Problems& problems, bool is_so, const std::string& what) {
  if (!is_so) problems.push_back(what);
}

std::string at(std::uint64_t point) { return "point " + std::to_string(point); }
std::string with(std::uint64_t seed) { return "seed " + std::to_string(seed); }

// A world in which all of the shape stands.
std::unique_ptr<World> standing(const Shape& shape, Mutant mutant) {
  auto world = std::make_unique<World>(mutant);
  converge(*world, shape, 1);
  return world;
}

// Runs `body` with a world that is cut off at each point of one apply, until an apply passes without being cut off.
template <class Body>
void at_every_point(Problems& problems, Mutant mutant, const Shape* before, const Shape& shape, const Body& body) {
  for (std::uint64_t point = 1; problems.size() < 20; ++point) {
    const auto world = before ? standing(*before, mutant) : std::make_unique<World>(mutant);
    calm(*world);
    world->faults.crash_at = point;
    const Outcome outcome = apply(*world, shape, point);
    if (!outcome.is_crashed) return;
    calm(*world);
    body(*world, at(point));
    add(problems, *world, at(point));
  }
}

// 1. Apply, then plan: nothing to do. Also after a history of edits.
Problems law_1(Mutant mutant, std::uint64_t seeds) {
  Problems problems;
  for (std::uint64_t seed = 1; seed <= seeds && problems.empty(); ++seed) {
    World world(mutant);
    for (std::uint64_t edit = 0; edit < 3; ++edit) {
      const Shape shape = random_shape(seed * 10 + edit);
      calm(world);
      const Outcome outcome = apply(world, shape, seed);
      if (outcome.error) {
        // Five managers to one in one go, and the like, may be refused; never half done.
        expect(problems, outcome.error->code == ErrorCode::refused, with(seed) + ": " + outcome.error->message);
        break;
      }
      expect(problems, outcome.is_done(), with(seed) + ": apply failed on a good day");
      const auto plan = plan_now(world, shape);
      expect(problems, plan.ok() && plan.value().empty(), with(seed) + ": not empty:" + test::plan_text(plan));
    }
    add(problems, world, with(seed));
  }
  return problems;
}

// 2. Crash anywhere, apply again: the same world as without the crash.
Problems law_2(Mutant mutant, const Shape* before, const Shape& shape) {
  Problems problems;
  const auto whole = before ? standing(*before, Mutant::none) : std::make_unique<World>();
  converge(*whole, shape, 7);
  at_every_point(problems, mutant, before, shape, [&](World& world, const std::string& where) {
    expect(problems, converge(world, shape, 7), where + ": does not converge");
    expect(problems, world.cloud.snapshot() == whole->cloud.snapshot(),
           where + ": another world:\n" + world.cloud.snapshot());
    expect(problems, world.store.state().open.empty(), where + ": something stays open");
  });
  return problems;
}

// 3. Crash anywhere, take a node out of the spec, apply: nothing without an owner remains.
Problems law_3(Mutant mutant) {
  Problems problems;
  Shape less = full_shape();
  less.has_floating_ip = false;
  less.pools[1].nodes = {"worker-2"};
  at_every_point(problems, mutant, nullptr, full_shape(), [&](World& world, const std::string& where) {
    expect(problems, converge(world, less, 3), where + ": does not converge");
    for (const auto& [id, thing] : world.cloud.things) {
      const auto record = world.store.state().records.find(thing.owner);
      const bool is_known = record != world.store.state().records.end() && record->second.object.remote_id == id;
      expect(problems, is_known, where + ": nobody knows " + to_text(thing.owner));
    }
    expect(problems, world.cloud.count("test.server") == 4, where + ": not one machine a node");
  });
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

// 6. Destroy, from any state: the world is empty.
Problems law_6(Mutant mutant) {
  Problems problems;
  at_every_point(problems, mutant, nullptr, full_shape(), [&](World& world, const std::string& where) {
    expect(problems, converge(world, Shape{}, 5), where + ": does not end");
    expect(problems, world.cloud.things.empty(), where + ": left behind:\n" + world.cloud.snapshot());
    expect(problems, world.store.state().records.empty() && world.store.state().open.empty(),
           where + ": the state is not empty");
  });
  return problems;
}

// 7. Interrupt anywhere: it ends soon, and only what was running may be open.
Problems law_7(Mutant mutant) {
  Problems problems;
  for (std::uint64_t point = 1; problems.size() < 20; ++point) {
    World world(mutant);
    world.faults.stop_at = point;
    const Outcome outcome = apply(world, full_shape(), point);
    if (!world.faults.stop.stop_requested()) break;
    if (outcome.error) {
      expect(problems, outcome.error->code == ErrorCode::cancelled, at(point) + ": " + outcome.error->message);
    } else if (outcome.summary->stopped) {
      expect(problems, outcome.summary->failures.empty(), at(point) + ": a stop is no failure");
      expect(problems, outcome.after_stop <= std::chrono::seconds(5), at(point) + ": it went on for a while");
      for (const auto& intent : world.store.state().open) {
        const auto& running = outcome.running_at_stop;
        const bool is_one = std::ranges::find(running, intent.resource.id) != running.end();
        expect(problems, is_one, at(point) + ": open: " + to_text(intent.resource.id));
      }
    }
    expect(problems, converge(world, full_shape(), point), at(point) + ": does not go on");
    add(problems, world, at(point));
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

TEST(Laws, Law2ACrashAnywhereWhileItIsMadeLeavesNoTrace) { EXPECT_LAW(law_2(Mutant::none, nullptr, full_shape())); }
TEST(Laws, Law2ACrashAnywhereWhileItIsReplacedLeavesNoTrace) {
  const Shape before = full_shape();
  EXPECT_LAW(law_2(Mutant::none, &before, moved(before)));
}
TEST(Laws, Law2ACrashAnywhereWhileItShrinksLeavesNoTrace) {
  const Shape before = full_shape();
  Shape after = before;
  after.pools[0].nodes = {"manager-2"};
  after.pools[1].nodes = {"worker-2"};
  EXPECT_LAW(law_2(Mutant::none, &before, after));
}
TEST(Laws, Law2NoticesAnExecutorThatDoesNotLookFirst) {
  EXPECT_BROKEN(law_2(Mutant::skips_first_find, nullptr, full_shape()));
}

TEST(Laws, Law3ACrashAnywhereLeavesNothingWithoutAnOwner) { EXPECT_LAW(law_3(Mutant::none)); }
TEST(Laws, Law3NoticesAMissingBegin) { EXPECT_BROKEN(law_3(Mutant::skips_begin)); }
TEST(Laws, Law3NoticesIntentsThatAreForgotten) { EXPECT_BROKEN(law_3(Mutant::forgets_open)); }

TEST(Laws, Laws4And5NoTwinsNothingEarlyNoPoolOverfullQuorumKept) { EXPECT_LAW(law_4_and_5(Mutant::none, seed_count)); }
TEST(Laws, Law4NoticesTwins) { EXPECT_BROKEN(law_4_and_5(Mutant::skips_first_find, seed_count)); }
TEST(Laws, Law5NoticesWhatIsWrittenLate) { EXPECT_BROKEN(law_4_and_5(Mutant::records_late, 5)); }
TEST(Laws, Law5NoticesWavesThatAreIgnored) { EXPECT_BROKEN(law_4_and_5(Mutant::ignores_waves, 5)); }
TEST(Laws, Law5NoticesAnOverfullPool) { EXPECT_BROKEN(law_1(Mutant::ignores_pools, 20)); }

TEST(Laws, Law6DestroyFromAnyStateLeavesNothing) { EXPECT_LAW(law_6(Mutant::none)); }
TEST(Laws, Law6NoticesWhatIsLeftBehind) { EXPECT_BROKEN(law_6(Mutant::loses_destroy)); }

TEST(Laws, Law7AnInterruptAnywhereEndsSoonAndIsResumed) { EXPECT_LAW(law_7(Mutant::none)); }
TEST(Laws, Law7NoticesAWaitThatNobodyCanEnd) { EXPECT_BROKEN(law_7(Mutant::ignores_stop)); }

TEST(Laws, Law9TheSameSeedGivesTheSameEvents) { EXPECT_LAW(law_9(Mutant::none, 100)); }
TEST(Laws, Law9NoticesWhatTheSeedDoesNotDecide) { EXPECT_BROKEN(law_9(Mutant::uses_the_clock, 20)); }

TEST(Laws, Law10AFailedStepLeavesItsMachineAlone) { EXPECT_LAW(law_10(Mutant::none, seed_count)); }
TEST(Laws, Law10NoticesARebuild) { EXPECT_BROKEN(law_10(Mutant::rebuilds_on_failure, 20)); }

}  // namespace
}  // namespace skep::sim
