// How long a rolling restart takes over what its waves demand: the wall clock over the sum of the chain of steps that
// decides, for pools of workers whose engines change. Each simulated restart takes its own time, 40 to 60 ms.
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "planner/engine/executor.h"
#include "planner/engine/make_plan.h"
#include "planner/engine/thread_runner.h"
#include "planner/system/clock.h"
#include "tests/bench/critical_path.h"
#include "tests/fakes/fake_driver.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

constexpr int base_ms = 40;

Duration restart_time(const std::string& name) {
  std::size_t spread = 0;
  for (const char letter : name) spread = (spread * 31 + static_cast<unsigned char>(letter)) % 21;
  return std::chrono::milliseconds(base_ms + static_cast<int>(spread));
}

void run(int workers, CountOrPercent share) {
  Shape shape = shape_of(3, workers);
  const State state = state_of(shape);
  shape.pools[1].engine = "28";
  auto options = options_of(shape);
  options.rollout.max_unavailable = share;
  const Plan plan = make_plan(wanted_of(shape), state, kit_schemas(), options).value();
  FakeDriver driver("host.engine");
  driver.on_update = [](const Resource& resource, const Object& object, const Context&) {
    std::this_thread::sleep_for(restart_time(resource.id.name));
    return Result<Object>(object);
  };
  std::vector<Driver*> drivers = {&driver};
  const Catalog catalog(drivers);
  ThreadRunner runner(64);
  SystemClock clock;
  MemoryStore store;
  Executor executor({.runner = runner, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = {}});
  const auto begun = std::chrono::steady_clock::now();
  const auto summary = executor.run(plan, store, {});
  const double wall = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
  const bool is_whole = summary.ok() && summary.value().updated == static_cast<std::size_t>(workers);
  const auto critical = static_cast<double>(
      critical_path(plan, [](const Step& step) { return restart_time(step.resource.id.name); }).count());
  fmt::print("{:>8} {:>15} {:>12.0f} {:>14.0f} {:>8.2f}{}\n", workers,
             fmt::format("{}{}", share.value, share.percent ? "%" : ""), wall, critical, wall / critical,
             is_whole ? "" : "  INCOMPLETE");
}

}  // namespace
}  // namespace skep::test

int main() {
  fmt::print("rolling restart of simulated workers (goal: at most 1.1)\n{:>8} {:>15} {:>12} {:>14} {:>8}\n", "workers",
             "max_unavailable", "wall ms", "critical ms", "ratio");
  skep::test::run(20, {25, true});
  skep::test::run(20, {1, false});
  skep::test::run(200, {25, true});
}
