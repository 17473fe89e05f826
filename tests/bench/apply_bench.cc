// An apply of 1 000 resources that take no time to make, each with its intent and its result on disk before and after;
// and Terraform beside it, where it is installed. Prints one table. On a disk: in memory, flushing costs nothing.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "planner/engine/catalog.h"
#include "planner/engine/executor.h"
#include "planner/engine/make_plan.h"
#include "planner/engine/thread_runner.h"
#include "planner/store/sqlite_store.h"
#include "planner/system/random.h"
#include "tests/bench/terraform_peer.h"

namespace skep::bench {
namespace {

constexpr int count = 1'000;
constexpr int run_count = 5;

class InstantDriver final : public Driver {
 public:
  const Schema& schema() const override { return schema_; }
  Result<std::vector<Owned>> list(std::string_view, const Context&) override { return std::vector<Owned>{}; }
  Result<std::optional<Object>> find(const Resource&, std::string_view, const Context&) override {
    return std::optional<Object>();
  }
  Result<Object> create(const Resource& resource, const Context&) override {
    return Object{.remote_id = resource.id.name, .attributes = resource.inputs};
  }
  Result<Object> update(const Resource& resource, const Object&, const Context& context) override {
    return create(resource, context);
  }
  Result<void> destroy(const Resource&, const Object&, const Context&) override { return {}; }

 private:
  const Schema schema_ = {.driver = "memory.thing", .inputs = {{"location"}, {"name"}}, .listed = true};
};

std::vector<Resource> things() {
  std::vector<Resource> resources;
  for (int n = 0; n < count; ++n) {
    const std::string name = "r" + std::to_string(n);
    resources.push_back(
        {.id = {"thing", name}, .driver = "memory.thing", .inputs = {{"name", name}, {"location", "fra1"}}});
  }
  return resources;
}

/// Whether all of them are made and on record.
bool apply_once(const std::filesystem::path& folder) {
  InstantDriver driver;
  Driver* drivers[] = {&driver};
  const Catalog catalog(drivers);
  const SystemClock clock;
  SystemRandom random;
  std::filesystem::create_directories(folder);
  const auto store = open_sqlite_store((folder / "bench.db").string(), OpenMode::write, random, clock);
  if (!store.ok()) return false;
  const auto lock = store.value()->lock({.user = "bench", .host = "here", .operation = "apply"});
  const auto state = store.value()->load();
  const auto plan = make_plan(things(), state.value(), catalog.schemas(), {.cluster = "bench"});
  ThreadRunner runner;
  Executor executor({.runner = runner, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = "key"});
  const auto summary = executor.run(plan.value(), *store.value(), {});
  return summary.ok() && summary.value().created == count && store.value()->load().value().records.size() == count;
}

/// In a child, so that the kernel counts what it alone writes.
Figure apply_in_child(const std::filesystem::path& folder) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) _exit(apply_once(folder) ? 0 : 1);
  int status = 0;
  rusage usage = {};
  if (wait4(child, &status, 0, &usage) != child || status != 0) std::abort();
  Figure figure = figure_of(usage);
  figure.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return figure;
}

void print_row(const char* name, const Figure& figure, const std::string& spread) {
  fmt::print("{:<11} {:>8.2f} {:>9.2f} {:>11.1f} {:>9.1f}   {}\n", name, figure.seconds, figure.cpu_seconds,
             figure.peak_mib, figure.written_mb, spread);
}

void run() {
  const auto top = std::filesystem::temp_directory_path() / fmt::format("skep-apply-bench.{}", getpid());
  std::vector<Figure> runs;
  for (int i = 0; i < run_count; ++i) runs.push_back(apply_in_child(top / std::to_string(i)));
  std::ranges::sort(runs, {}, &Figure::seconds);
  const Figure ours = runs[run_count / 2];
  fmt::print("{:<11} {:>8} {:>9} {:>11} {:>9}\n", "", "seconds", "CPU sec.", "peak MiB", "MB to disk");
  print_row("skep", ours,
            fmt::format("{:.2f} to {:.2f} s in {} runs", runs.front().seconds, runs.back().seconds, run_count));
  if (has_terraform() && make_terraform_folder(top / "terraform", count, false)) {
    const Figure theirs = run_terraform(top / "terraform", "apply -auto-approve", 0);
    print_row("Terraform", theirs, "1 run");
    fmt::print("{:<11} {:>8.0f} {:>9.0f} {:>11.1f} {:>8.2f}%   goals: 10, 20, -, 1%\n", "ratio",
               theirs.seconds / ours.seconds, theirs.cpu_seconds / ours.cpu_seconds, theirs.peak_mib / ours.peak_mib,
               100 * ours.written_mb / theirs.written_mb);
  }
  std::filesystem::remove_all(top);
}

}  // namespace
}  // namespace skep::bench

int main() {
  fmt::print("an apply of {} resources that take no time\n", skep::bench::count);
  skep::bench::run();
}
