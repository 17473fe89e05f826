// The simulated world: a fake cloud, a store in memory, and one simulated run of skep on them.
#pragma once

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
#include "tests/sim/scheduler.h"

namespace skep::sim {

/// Ways in which skep, or a driver, could be wrong. Each breaks a law; a law that no mutant breaks proves nothing.
enum class Mutant {
  none,
  skips_first_find,     // create without a look
  skips_begin,          // intents are not written down
  records_late,         // results and intents reach the disk one call too late
  forgets_open,         // open intents are lost with the process
  ignores_pools,        // every step that is ready runs
  ignores_waves,        // nothing waits for anything of another node
  reports_nonsense,     // a driver reports something else than it was given
  ignores_stop,         // a wait that a stop does not end
  rebuilds_on_failure,  // a failed step destroys its machine
  loses_destroy,        // a destroyed thing stays on record and in the world
  uses_the_clock,       // something outside the seed decides
};

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
  std::set<ResourceId> durable_when_started = {};

  const Catalog& catalog() const { return *catalog_; }

 private:
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

/// Applies on good days until nothing is left to do, at most five times; returns whether that came.
bool converge(World& world, const test::Shape& shape, std::uint64_t seed);

}  // namespace skep::sim
