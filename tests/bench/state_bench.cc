// How often the state that a team shares is written while a cluster of 30 nodes is made, and what that costs: with
// every result at once, and gathered. Clouds, hosts and the place of the state take a twentieth of their usual time.
#include <fmt/format.h>

#include <thread>

#include "planner/engine/executor.h"
#include "planner/engine/make_plan.h"
#include "planner/engine/thread_runner.h"
#include "planner/store/shared_store.h"
#include "planner/system/clock.h"
#include "tests/fakes/fake_driver.h"
#include "tests/fakes/plan_kit.h"

namespace skep::test {
namespace {

using std::chrono::milliseconds;

constexpr int faster = 20;

/// A place in memory that takes its time.
class SlowPlace final : public SharedState {
 public:
  struct Figures {
    int writes = 0;
    std::size_t bytes = 0;
  };
  SlowPlace(Duration latency, Figures& figures) : latency_(latency), figures_(figures) {}
  std::string what() const override { return "the state in memory"; }
  Result<std::optional<std::string>> read(const Context&) override { return std::optional<std::string>(); }
  Result<void> write(const std::string& text, const std::string&, const Context&) override {
    std::this_thread::sleep_for(latency_ / faster);
    ++figures_.writes;
    figures_.bytes += text.size();
    return {};
  }
  Result<std::optional<LockInfo>> lock(const LockInfo&, const Context&) override { return std::optional<LockInfo>(); }
  Result<void> unlock(const LockInfo&, const Context&) override { return {}; }

 private:
  const Duration latency_;
  Figures& figures_;
};

/// The same journal, for an executor that waits for nothing.
class AtOnce final : public Journal {
 public:
  explicit AtOnce(Journal& next) : next_(next) {}
  Result<void> record(std::span<const Entry> entries) override { return next_.record(entries); }

 private:
  Journal& next_;
};

/// No two take the same time.
Duration time_of(const Resource& resource) {
  std::size_t spread = 0;
  for (const char letter : to_text(resource.id)) spread = (spread * 31 + static_cast<unsigned char>(letter)) % 1000;
  const bool is_machine = resource.id.kind == "server";
  const int shortest_ms = is_machine ? 10'000 : 2'000;
  const int range = is_machine ? 5 : 3;
  return milliseconds((shortest_ms + static_cast<int>(spread) * range) / faster);
}

void run(Duration latency, bool gathers) {
  const Shape shape = shape_of(3, 27);
  const Plan plan = make_plan(wanted_of(shape), State{}, kit_schemas(), options_of(shape)).value();
  std::vector<std::unique_ptr<FakeDriver>> drivers;
  std::vector<Driver*> known;
  for (const auto& [name, schema] : kit_schemas()) {
    drivers.push_back(std::make_unique<FakeDriver>(name));
    drivers.back()->edit_schema() = *schema;
    drivers.back()->on_create = [](const Resource& resource, const Context&) {
      std::this_thread::sleep_for(time_of(resource));
      Object object = {.remote_id = "id-of-" + to_text(resource.id), .attributes = resource.inputs};
      object.attributes["address"] = "10.0.0.1";
      return Result<Object>(std::move(object));
    };
    known.push_back(drivers.back().get());
  }
  const Catalog catalog(known);
  ThreadRunner runner(64);
  SystemClock clock;
  SystemRandom random;
  SlowPlace::Figures figures;
  const auto store = make_shared_store(std::make_unique<SlowPlace>(latency, figures), random, clock, {});
  const auto lock = store->lock({.user = "bench", .host = "here", .operation = "apply"});
  AtOnce at_once(*store);
  Executor executor({.runner = runner, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = {}});
  const auto begun = std::chrono::steady_clock::now();
  const auto summary = executor.run(plan, gathers ? static_cast<Journal&>(*store) : at_once, {});
  const auto wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() * faster;
  const bool is_whole = summary.ok() && summary.value().created == plan.steps.size();
  fmt::print("{:>10} {:>9} {:>6} {:>7} {:>8.1f} {:>9.0f}{}\n", latency.count(), gathers ? "gathered" : "at once",
             plan.steps.size(), figures.writes, static_cast<double>(figures.bytes) / 1e6, wall,
             is_whole ? "" : "  INCOMPLETE");
}

}  // namespace
}  // namespace skep::test

int main() {
  fmt::print("a cluster of 30 nodes is made, its state shared\n{:>10} {:>9} {:>6} {:>7} {:>8} {:>9}\n", "ms a write",
             "results", "steps", "writes", "MB sent", "seconds");
  for (const int latency : {20, 100, 300, 1000})
    for (const bool gathers : {false, true}) skep::test::run(std::chrono::milliseconds(latency), gathers);
}
