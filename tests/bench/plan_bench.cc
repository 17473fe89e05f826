// How long a plan of 1 000, 3 000 and 10 000 resources takes and how much memory, from nothing and with nothing to do,
// with a provider in memory; and Terraform beside it, where it is installed. Prints one table.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "planner/engine/expand.h"
#include "planner/engine/make_plan.h"
#include "planner/engine/observe.h"
#include "planner/engine/thread_runner.h"
#include "tests/bench/terraform_peer.h"

namespace {

using namespace skep;
using namespace skep::bench;
using Seconds = std::chrono::duration<double>;

constexpr int run_count = 5;
constexpr int terraform_run_count = 3;
constexpr int sizes[] = {1'000, 3'000, 10'000};

// A node is a machine, a volume on it, and two things on its host: four resources.
constexpr int resources_of_a_node = 4;

std::string node_name(int n) { return "node-" + std::to_string(n); }

Json ref(const std::string& id, const char* field) { return {{"$ref", id}, {"field", field}}; }

// The k-th of the four; two inputs each, as Terraform's resources below have.
Resource node_resource(const std::string& node, int k) {
  switch (k) {
    case 0:
      return {.id = {"server", node},
              .driver = "memory.server",
              .inputs = {{"location", "fra1"}, {"image", "debian-12"}},
              .node = node};
    case 1:
      return {.id = {"volume", node},
              .driver = "memory.volume",
              .inputs = {{"size", 100}, {"server", ref("server/" + node, "remote_id")}}};
    case 2:
      return {.id = {"engine", node},
              .driver = "memory.engine",
              .inputs = {{"server", ref("server/" + node, "remote_id")}, {"version", "28.5"}},
              .pool = "rolling:worker",
              .node = node,
              .vanishes_with = {{"server", node}}};
    default:
      return {.id = {"member", node},
              .driver = "memory.member",
              .inputs = {{"engine", ref("engine/" + node, "remote_id")}, {"role", "worker"}},
              .node = node};
  }
}

class MemoryDriver final : public Driver {
 public:
  MemoryDriver(int k, Schema schema) : k_(k), schema_(std::move(schema)) {}

  int nodes_there = 0;  // how many nodes' objects exist: they are made up when they are listed

  const Schema& schema() const override { return schema_; }
  Result<std::vector<Owned>> list(std::string_view, const Context&) override {
    std::vector<Owned> owned;
    for (int n = 0; n < nodes_there; ++n) {
      const Resource resource = node_resource(node_name(n), k_);
      owned.push_back({resource.id, object_of(resource)});
    }
    return owned;
  }
  Result<std::optional<Object>> find(const Resource&, std::string_view, const Context&) override { return none(); }
  Result<Object> create(const Resource&, const Context&) override { return none(); }
  Result<Object> update(const Resource&, const Object&, const Context&) override { return none(); }
  Result<void> destroy(const Resource&, const Object&, const Context&) override { return none(); }

  static Object object_of(const Resource& resource) {
    Object object = {.remote_id = to_text(resource.id), .attributes = Json::object()};
    for (const auto& [name, value] : resource.inputs.items()) {
      const bool is_ref = value.is_object() && value.contains("$ref");
      object.attributes[name] = is_ref ? value.at("$ref") : value;
    }
    return object;
  }

 private:
  static Error none() { return {.code = ErrorCode::internal, .message = "a plan must not do this"}; }

  int k_;  // which of a node's resources it makes
  Schema schema_;
};

class MemoryProvider final : public Provider {
 public:
  MemoryProvider(int resource_count, bool is_there)
      : resource_count_(resource_count),
        server_(0, {.driver = "memory.server",
                    .inputs = {{"location", OnChange::replace}, {"image", OnChange::next_time}},
                    .listed = true}),
        volume_(1, {.driver = "memory.volume", .inputs = {{"size"}, {"server"}}, .listed = true}),
        engine_(2, {.driver = "memory.engine", .inputs = {{"server"}, {"version", OnChange::disrupt}}, .listed = true}),
        member_(3, {.driver = "memory.member", .inputs = {{"engine"}, {"role"}}, .listed = true}) {
    for (auto* driver : {&server_, &volume_, &engine_, &member_})
      driver->nodes_there = is_there ? resource_count / resources_of_a_node : 0;
  }

  std::string_view name() const override { return "memory"; }
  std::vector<Driver*> drivers() override { return {&server_, &volume_, &engine_, &member_}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override {
    return std::vector<std::string>{};
  }

  Result<Expansion> expand(const Spec&, const ExpandOptions&) const override {
    Expansion expansion;
    for (int n = 0; n < resource_count_ / resources_of_a_node; ++n)
      for (int k = 0; k < resources_of_a_node; ++k) expansion.resources.push_back(node_resource(node_name(n), k));
    return expansion;
  }

 private:
  int resource_count_;
  MemoryDriver server_, volume_, engine_, member_;
};

class NoHosts final : public HostKinds {
 public:
  std::vector<Driver*> drivers() override { return {}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<Resource>> expand(const Spec&, const std::map<std::string, Machine>&) const override {
    return std::vector<Resource>{};
  }
};

enum class Case { all_new, nothing_to_do };

State recorded(const std::vector<Resource>& resources) {
  State state = {.serial = 1};
  for (const auto& resource : resources) {
    const Object object = MemoryDriver::object_of(resource);
    state.records.emplace(resource.id, Record{resource, object.attributes, object});
  }
  return state;
}

double cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return cpu_seconds_of(usage);
}

// The part of `skep plan` between reading the spec and printing: expand, observe, make_plan.
Figure plan_once(int resource_count, Case which) {
  MemoryProvider provider(resource_count, which == Case::nothing_to_do);
  NoHosts hosts;
  Provider* providers[] = {&provider};
  const Catalog catalog(providers, hosts);
  const Spec spec = {.name = "bench", .pools = {{"worker", {.name = "worker", .provider = "memory"}}}};
  const SystemClock clock;
  ThreadRunner runner(4);
  Executor executor({.runner = runner, .catalog = catalog, .clock = clock, .secrets = {}, .digest_key = "key"});
  PlanOptions options = {.cluster = "bench"};
  for (int n = 0; n < resource_count / resources_of_a_node; ++n) options.node_pools[node_name(n)] = "worker";
  State state;
  if (which == Case::nothing_to_do) state = recorded(expand(spec, providers, hosts, catalog, {}).value().resources);
  std::vector<std::string> drivers;
  for (Driver* driver : provider.drivers()) drivers.push_back(driver->schema().driver);

  const double cpu_before = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  const auto wanted = expand(spec, providers, hosts, catalog, {}).value();
  const State now = observe(std::move(state), executor, catalog, "bench", drivers, {}).value();
  const Plan plan = make_plan(wanted.resources, now, catalog.schemas(), options).value();
  const Seconds elapsed = std::chrono::steady_clock::now() - begin;
  const std::size_t expected = which == Case::all_new ? wanted.resources.size() : 0;
  if (plan.steps.size() != expected) std::abort();  // a benchmark of something else
  return {.seconds = elapsed.count(), .cpu_seconds = cpu_seconds() - cpu_before};
}

Figure median(std::vector<Figure> runs) {
  std::ranges::sort(runs, {}, &Figure::seconds);
  Figure figure = runs[runs.size() / 2];
  for (const auto& run : runs) figure.peak_mib = std::max(figure.peak_mib, run.peak_mib);
  return figure;
}

// In a child, so that each run has its own peak of memory.
Figure plan_in_child(int size, Case which) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const Figure figure = plan_once(size, which);
    _exit(write(ends[1], &figure, sizeof figure) == sizeof figure ? 0 : 1);
  }
  close(ends[1]);
  Figure figure;
  const bool is_told = read(ends[0], &figure, sizeof figure) == sizeof figure;
  close(ends[0]);
  int status = 0;
  rusage usage = {};
  if (wait4(child, &status, 0, &usage) != child || status != 0 || !is_told) std::abort();
  figure.peak_mib = figure_of(usage).peak_mib;
  return figure;
}

std::vector<Figure> measure_terraform(Case which) {
  std::vector<Figure> figures;
  const auto top = std::filesystem::temp_directory_path() / fmt::format("skep-plan-bench.{}", getpid());
  for (const int size : sizes) {
    const auto folder = top / std::to_string(size);
    if (!make_terraform_folder(folder, size, which == Case::nothing_to_do)) break;
    // The code proves that the work is the same: 2 where all is new, 0 where nothing is to do.
    const int expected = which == Case::all_new ? 2 : 0;
    std::vector<Figure> runs;
    for (int run = 0; run < terraform_run_count; ++run)
      runs.push_back(run_terraform(folder, "plan -detailed-exitcode", expected));
    figures.push_back(median(runs));
  }
  std::filesystem::remove_all(top);
  return figures;
}

double exponent(const std::vector<Figure>& figures) {
  return std::log(figures.back().cpu_seconds / figures.front().cpu_seconds) / std::log(10.0);
}

std::vector<Figure> measure(Case which) {
  std::vector<Figure> figures;
  for (const int size : sizes) {
    std::vector<Figure> runs;
    for (int run = 0; run < run_count; ++run) runs.push_back(plan_in_child(size, which));
    figures.push_back(median(runs));
  }
  return figures;
}

void print_case(const char* title, const std::vector<Figure>& ours, Case which, bool with_terraform) {
  const std::vector<Figure> theirs = with_terraform ? measure_terraform(which) : std::vector<Figure>{};
  fmt::print("{}\n", title);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    fmt::print("  {:>6}  {:>8.3f}  {:>8.3f}  {:>8.1f}", sizes[i], ours[i].seconds, ours[i].cpu_seconds,
               ours[i].peak_mib);
    if (i < theirs.size() && theirs[i].seconds > 0)
      fmt::print("  {:>9.2f}  {:>8.2f}  {:>8.1f}  {:>7.0f}  {:>7.0f}  {:>7.1f}", theirs[i].seconds,
                 theirs[i].cpu_seconds, theirs[i].peak_mib, theirs[i].seconds / ours[i].seconds,
                 theirs[i].cpu_seconds / ours[i].cpu_seconds, theirs[i].peak_mib / ours[i].peak_mib);
    fmt::print("\n");
  }
  fmt::print("  growth of CPU: n^{:.2f} (goal at most n^1.1)", exponent(ours));
  if (theirs.size() == std::size(sizes)) fmt::print("; Terraform: n^{:.2f}", exponent(theirs));
  fmt::print("\n");
}

}  // namespace

int main() {
  const bool with_terraform = has_terraform();
  fmt::print("plan with a provider in memory: median of {} runs, largest peak; goal for 10 000: 0.2 s, 50 MB\n",
             run_count);
  fmt::print("  number   seconds   CPU sec.   peak MiB{}\n",
             with_terraform ? "  Terraform  CPU sec.  peak MiB   ratios: s   CPU s     MiB"
                            : "    (Terraform is not installed, or SKEP_BENCH_TERRAFORM=0)");
  // Ours before any of Terraform's: a child begins with the memory that this process has by then.
  const auto all_new = measure(Case::all_new);
  const auto nothing_to_do = measure(Case::nothing_to_do);
  print_case("all new", all_new, Case::all_new, with_terraform);
  print_case("nothing to do", nothing_to_do, Case::nothing_to_do, with_terraform);
  return 0;
}
