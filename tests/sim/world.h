// The simulated world: a fake cloud, a store in memory, and one simulated run of skep on them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "planner/engine/executor.h"
#include "planner/engine/make_plan.h"
#include "tests/fakes/fake_cloud.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/plan_kit.h"
#include "tests/sim/faults.h"
#include "tests/sim/mutant.h"
#include "tests/sim/scheduler.h"

namespace skep::sim {

class SimDriver;

class World {
 public:
  explicit World(Mutant mutant = Mutant::none);
  ~World();

  FakeCloud cloud;
  Faults faults;
  MemoryStore store;
  Mutant mutant;
  Scheduler* scheduler = nullptr;  // of the run that is going on
  FaultCounts counts = {};
  int losses_when_planned = 0;
  std::set<ResourceId> along = {};               // what was written down as come into being with something else
  Instant now = Instant(std::chrono::hours(1));  // when the next run begins

  std::function<void(const std::string&)> trace = {};  // is told of every run, for replays

  /// Where skep may be stopped or gone, or a machine lost, in a call of this kind.
  void point(Call call);

  const Catalog& catalog() const { return *catalog_; }

 private:
  void lose_node(Call call);

  std::vector<std::unique_ptr<SimDriver>> drivers_;
  std::unique_ptr<Catalog> catalog_;
};

struct Outcome {
  bool is_crashed = false;
  std::optional<Error> error = {};  // of observing, planning or the journal
  std::optional<Summary> summary = {};
  Plan plan = {};
  std::vector<std::string> events = {};
  Duration after_stop = {};  // simulated time between the stop and the end
  std::vector<ResourceId> running_at_stop = {};

  bool is_done() const { return summary && summary->failures.empty() && !summary->stopped; }
};

/// One `skep apply`: load, observe, plan, run. `seed` decides the order of everything.
Outcome apply(World& world, const test::Shape& shape, std::uint64_t seed);

/// The plan that `skep plan` would print now, without faults.
Result<Plan> plan_now(World& world, const test::Shape& shape);

/// No faults any more, as for a run on a good day.
void calm(World& world);

/// Applies on good days until nothing is left to do, at most five times; returns whether that came. Where a plan is
/// refused because machines are off, somebody switches them on.
bool converge(World& world, const test::Shape& shape, std::uint64_t seed);

}  // namespace skep::sim
