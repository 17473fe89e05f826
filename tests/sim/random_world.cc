#include "tests/sim/random_world.h"

#include <algorithm>
#include <random>
#include <set>

namespace skep::sim {

namespace {

using test::PoolShape;
using test::Shape;

constexpr Duration longest_stop = std::chrono::seconds(5);

std::vector<std::string> names_of(const std::string& pool, std::initializer_list<int> numbers) {
  std::vector<std::string> names;
  for (const int number : numbers) names.push_back(pool + "-" + std::to_string(number));
  return names;
}

std::string text_of(const Shape& shape) {
  std::string text = "spec:";
  for (const auto& pool : shape.pools) {
    text += " " + pool.name + " in " + pool.location + ", engine " + pool.engine + ":";
    for (const auto& node : pool.nodes) text += " " + node;
    text += ";";
  }
  if (shape.has_floating_ip) text += " an address;";
  if (shape.has_volumes) text += shape.hold_volumes ? " machines with volumes" : " volumes with machines";
  return text;
}

class RandomWorld {
 public:
  RandomWorld(std::uint64_t seed, Mutant mutant, std::function<void(const std::string&)> trace)
      : random_(seed), world_(mutant) {
    world_.trace = std::move(trace);
  }

  WorldReport go();

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t number) { return below(number) == 0; }
  void first_spec();
  void edit();
  void edit_managers();
  void edit_workers();
  void bad_days();
  void one_bad_day();
  void good_days(const Shape& shape);
  void problem(std::string text) { report_.problems.push_back(std::move(text)); }

  std::mt19937_64 random_;
  World world_;
  Shape shape_ = {};
  WorldReport report_ = {};
};

void RandomWorld::first_spec() {
  shape_.pools = {{.name = "manager", .is_manager = true}, {.name = "worker"}};
  edit_managers();
  edit_workers();
  shape_.has_floating_ip = one_in(2);
  shape_.has_volumes = one_in(2);
  shape_.hold_volumes = one_in(2);
}

void RandomWorld::edit_managers() {
  auto& nodes = shape_.pools[0].nodes;
  switch (below(6)) {
    case 0:
      nodes = names_of("manager", {1});
      break;
    case 1:
      nodes = names_of("manager", {2});
      break;
    case 2:
      nodes = names_of("manager", {2, 3, 4});
      break;
    case 3:
      nodes = names_of("manager", {1, 2, 3, 4, 5});
      break;
    default:
      nodes = names_of("manager", {1, 2, 3});
  }
}

void RandomWorld::edit_workers() {
  auto& nodes = shape_.pools[1].nodes;
  nodes.clear();
  for (int number = 1; number <= 3; ++number)
    if (one_in(2)) nodes.push_back("worker-" + std::to_string(number));
}

void RandomWorld::edit() {
  for (std::uint64_t changes = 1 + below(2); changes > 0; --changes) {
    PoolShape& pool = shape_.pools[below(2)];
    switch (below(8)) {
      case 0:
        edit_managers();
        break;
      case 1:
      case 2:
        edit_workers();
        break;
      case 3:
      case 4:
        pool.location = pool.location == "a" ? "b" : "a";
        break;
      case 5:
        pool.engine = pool.engine == "27" ? "28" : "27";
        break;
      case 6:
        shape_.has_floating_ip = !shape_.has_floating_ip;
        break;
      default:
        shape_.has_volumes = !shape_.has_volumes;
    }
  }
}

// A run in which anything may happen, and which may be cut off anywhere.
void RandomWorld::one_bad_day() {
  calm(world_);
  for (std::size_t fault = 0; fault < fault_names.size(); ++fault)
    if (one_in(2)) world_.faults.permille[fault] = static_cast<int>(1 + below(30));
  for (const Fault rare :
       {Fault::power_off, Fault::machine_lost, Fault::partition, Fault::clock_jump, Fault::disk_full}) {
    int& permille = world_.faults.of(rare);
    permille = std::min(permille, one_in(2) ? 2 : 0);
  }
  world_.faults.of(Fault::list_lag) *= 10;                             // strikes few calls
  world_.faults.of(Fault::stop) = world_.faults.of(Fault::crash) = 0;  // once, below
  if (one_in(4)) world_.faults.stop_at = 1 + below(400);
  if (one_in(3)) world_.faults.crash_at = 1 + below(400);
  const Outcome outcome = apply(world_, shape_, random_());
  ++report_.applies;
  report_.points += world_.faults.points;
  if (outcome.summary && outcome.summary->stopped && outcome.after_stop > longest_stop)
    problem("after it was asked to stop, it went on for a while");
}

// Once the faults stop, everything is as wanted within a few runs.
void RandomWorld::good_days(const Shape& shape) {
  if (world_.trace) world_.trace("good days");
  world_.cloud.heal();
  if (!converge(world_, shape, random_())) return problem("does not come to rest");
  for (auto& difference : differences(world_, shape)) problem(std::move(difference));
}

WorldReport RandomWorld::go() {
  first_spec();
  for (std::uint64_t edits = 1 + below(3); edits > 0 && report_.problems.empty(); --edits) {
    if (world_.trace) world_.trace(text_of(shape_));
    for (std::uint64_t days = below(3); days > 0; --days) one_bad_day();
    if (edits == 1 || one_in(2)) good_days(shape_);
    if (edits > 1) edit();
  }
  if (report_.problems.empty() && one_in(4)) {
    if (one_in(2)) {
      const Shape whole = std::exchange(shape_, Shape{});
      one_bad_day();
    }
    good_days(Shape{});
    if (!world_.cloud.things.empty()) problem("left behind:\n" + world_.cloud.snapshot());
  }
  for (const auto& violation : world_.cloud.violations) problem(violation);
  report_.counts = world_.counts;
  return std::move(report_);
}

}  // namespace

WorldReport run_random_world(std::uint64_t seed, Mutant mutant, std::function<void(const std::string&)> trace) {
  return RandomWorld(seed, mutant, std::move(trace)).go();
}

std::vector<MutantCase> mutant_cases() {
  return {MutantCase{Mutant::skips_first_find, "two objects are called"},
          MutantCase{Mutant::skips_begin, "before it was written down"},
          MutantCase{Mutant::records_late, "started too early"},
          MutantCase{Mutant::forgets_open, "nobody knows"},
          MutantCase{Mutant::ignores_pools, "is overfull"},
          MutantCase{Mutant::ignores_waves, "more than one machine to spare"},
          MutantCase{Mutant::reports_nonsense, "does not come to rest"},
          MutantCase{Mutant::ignores_stop, "went on for a while"},
          MutantCase{Mutant::rebuilds_on_failure, "no plan named it"},
          MutantCase{Mutant::loses_destroy, "there too often"},
          MutantCase{Mutant::demotes_early, "cost the quorum"},
          MutantCase{Mutant::overlooks_swarm, "a second swarm"},
          MutantCase{Mutant::takes_volumes_along, "which is still wanted"},
          MutantCase{Mutant::detaches_mounted, "taken from under"},
          MutantCase{Mutant::hides_power, "is off"},
          MutantCase{Mutant::removes_the_silent, "may still run"}};
}

std::uint64_t first_noticed(const MutantCase& one, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto problems = run_random_world(seed, one.mutant).problems;
    const auto names_it = [&](const std::string& problem) { return problem.find(one.what) != std::string::npos; };
    if (std::ranges::any_of(problems, names_it)) return seed;
  }
  return 0;
}

std::vector<std::string> differences(const World& world, const Shape& shape) {
  std::vector<std::string> found;
  const State& state = world.store.state();
  std::multiset<std::string> there;
  for (const auto& [id, thing] : world.cloud.things) {
    there.insert(thing.owner.kind + "/" + thing.owner.name);
    const std::string owner = to_text(thing.owner);
    const auto record = state.records.find(thing.owner);
    if (record == state.records.end() || record->second.object.remote_id != id)
      found.push_back("nobody knows " + owner);
    if (!thing.is_ready) found.push_back(owner + " is not ready");
    if (thing.is_off) found.push_back(owner + " is off");
    if (json_string_or(thing.inputs, "availability", "active") != "active") found.push_back(owner + " takes no tasks");
    if (!thing.inputs.value("serving", true)) found.push_back(owner + " is behind no balancer");
  }
  std::multiset<std::string> wanted;
  for (const auto& resource : test::wanted_of(shape)) wanted.insert(resource.id.kind + "/" + resource.id.name);
  for (const auto& name : wanted)
    if (!there.contains(name)) found.push_back(name + " is missing");
  for (const auto& name : there)
    if (!wanted.contains(name) || there.count(name) > 1) found.push_back(name + " is there too often");
  for (const auto& [id, record] : state.records)
    if (!wanted.contains(id.kind + "/" + id.name)) found.push_back("the state still has " + to_text(id));
  for (const auto& intent : state.open) found.push_back(to_text(intent.resource.id) + " stays open");
  return found;
}

}  // namespace skep::sim
