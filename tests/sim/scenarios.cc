#include "tests/sim/scenarios.h"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

namespace skep::sim {

namespace {

using test::Shape;

std::string at_point(std::uint64_t point) { return "point " + std::to_string(point); }

// Runs `body` with a world that is cut off at each point of one apply, until an apply passes without being cut off.
// `node`, unless it is empty, is cut off from skep and from the others before, and stays so.
template <class Body>
void at_every_point(Findings& found, Mutant mutant, const Shape* before, const Shape& shape, const Body& body,
                    const std::string& node = "") {
  for (std::uint64_t point = 1; found.problems.size() < 20; ++point) {
    const auto world = before ? standing(*before, mutant) : std::make_unique<World>(mutant);
    calm(*world);
    if (!node.empty())
      world->cloud.cut_off(*world->cloud.find("test.server", {.kind = "server", .name = node}), true, true);
    world->faults.crash_at = point;
    const Outcome outcome = apply(*world, shape, point);
    if (!outcome.is_crashed) return;
    ++found.points;
    calm(*world);
    body(*world, at_point(point));
    add(found.problems, *world, at_point(point));
  }
}

// What is made anew after the old one is gone may bear any generation.
std::string without_generations(const std::string& snapshot) {
  return std::regex_replace(snapshot, std::regex("@[0-9]+"), "");
}

}  // namespace

Shape full_shape() {
  Shape shape = test::shape_of(3, 2);
  shape.has_floating_ip = shape.has_volumes = true;
  return shape;
}

Shape moved(Shape shape) {
  for (auto& pool : shape.pools) pool.location = "b";
  return shape;
}

Shape shrunk(Shape shape) {
  shape.pools[0].nodes = {"manager-2"};
  shape.pools[1].nodes = {"worker-2"};
  return shape;
}

void add(Problems& problems, const World& world, const std::string& where) {
  for (const auto& violation : world.cloud.violations) problems.push_back(where + ": " + violation);
}

void expect(Problems& problems, bool is_so, const std::string& what) {
  if (!is_so) problems.push_back(what);
}

std::unique_ptr<World> standing(const Shape& shape, Mutant mutant) {
  auto world = std::make_unique<World>(mutant);
  converge(*world, shape, 1);
  return world;
}

Findings crash_and_apply(Mutant mutant, const Shape* before, const Shape& shape, const std::string& node) {
  Findings found;
  Problems& problems = found.problems;
  const auto whole = before ? standing(*before, Mutant::none) : std::make_unique<World>();
  converge(*whole, shape, 7);
  const std::string goal = without_generations(whole->cloud.snapshot());
  at_every_point(
      found, mutant, before, shape,
      [&](World& world, const std::string& where) {
        expect(problems, converge(world, shape, 7), where + ": does not converge");
        const std::string snapshot = without_generations(world.cloud.snapshot());
        expect(problems, snapshot == goal, where + ": another world:\n" + snapshot);
        expect(problems, world.store.state().open.empty(), where + ": something stays open");
      },
      node);
  return found;
}

Findings crash_and_want_less(Mutant mutant) {
  Findings found;
  Problems& problems = found.problems;
  Shape less = full_shape();
  less.has_floating_ip = false;
  less.pools[1].nodes = {"worker-2"};
  at_every_point(found, mutant, nullptr, full_shape(), [&](World& world, const std::string& where) {
    expect(problems, converge(world, less, 3), where + ": does not converge");
    for (const auto& [id, thing] : world.cloud.things) {
      const auto record = world.store.state().records.find(thing.owner);
      const bool is_known = record != world.store.state().records.end() && record->second.object.remote_id == id;
      expect(problems, is_known, where + ": nobody knows " + to_text(thing.owner));
    }
    expect(problems, world.cloud.count("test.server") == 4, where + ": not one machine a node");
  });
  return found;
}

Problems lose_answer_and_want_less(Mutant mutant) {
  Problems problems;
  Shape less = full_shape();
  less.has_floating_ip = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto world = standing(less, mutant);
    calm(*world);
    world->faults.of(Fault::lost_answer) = world->faults.of(Fault::list_lag) = 1000;
    apply(*world, full_shape(), seed);
    expect(problems, converge(*world, less, seed), "does not converge");
    expect(problems, world->cloud.count("test.floating_ip") == 0, "nobody knows the address");
  }
  return problems;
}

Findings crash_and_destroy(Mutant mutant) {
  Findings found;
  Problems& problems = found.problems;
  at_every_point(found, mutant, nullptr, full_shape(), [&](World& world, const std::string& where) {
    expect(problems, converge(world, Shape{}, 5), where + ": does not end");
    expect(problems, world.cloud.things.empty(), where + ": left behind:\n" + world.cloud.snapshot());
    expect(problems, world.store.state().records.empty() && world.store.state().open.empty(),
           where + ": the state is not empty");
  });
  return found;
}

Findings lose_each_manager(Mutant mutant, const Shape& before, const Shape& shape) {
  Findings found;
  Problems& problems = found.problems;
  const auto& names = std::max(before.pools[0].nodes, shape.pools[0].nodes,
                               [](const auto& left, const auto& right) { return left.size() < right.size(); });
  for (std::size_t loss = 0; loss < 2 * names.size(); ++loss) {
    const std::string& node = names[loss / 2];
    for (std::uint64_t point = 1; problems.size() < 20; ++point) {
      const auto world = standing(before, mutant);
      calm(*world);
      world->faults.loss = {.at = point, .node = node, .is_for_good = loss % 2 == 0};
      apply(*world, shape, point);
      if (world->faults.points < point) break;
      if (world->cloud.losses == 0) continue;  // it was not there, or the quorum hung on it
      ++found.points;
      const std::string where = node + " lost at " + at_point(point);
      expect(problems, converge(*world, shape, 9), where + ": does not converge");
      const SwarmSize size = world->cloud.swarm_size();
      expect(problems, size.members == shape.pools[0].nodes.size() && size.up == size.members,
             fmt::format("{}: {} of {} managers up in the end", where, size.up, size.members));
      expect(problems, world->cloud.count("host.swarm") == 1, where + ": not one swarm");
      add(problems, *world, where);
    }
  }
  return found;
}

Findings interrupt(Mutant mutant) {
  Findings found;
  Problems& problems = found.problems;
  for (std::uint64_t point = 1; problems.size() < 20; ++point) {
    World world(mutant);
    world.faults.stop_at = point;
    const Outcome outcome = apply(world, full_shape(), point);
    if (!world.faults.stop.stop_requested()) break;
    ++found.points;
    if (outcome.error) {
      expect(problems, outcome.error->code == ErrorCode::cancelled, at_point(point) + ": " + outcome.error->message);
    } else if (outcome.summary->stopped) {
      expect(problems, outcome.summary->failures.empty(), at_point(point) + ": a stop is no failure");
      expect(problems, outcome.after_stop <= std::chrono::seconds(5), at_point(point) + ": it went on for a while");
      for (const auto& intent : world.store.state().open) {
        const auto& running = outcome.running_at_stop;
        const bool is_one =
            world.along.contains(intent.resource.id) || std::ranges::find(running, intent.resource.id) != running.end();
        expect(problems, is_one, at_point(point) + ": open: " + to_text(intent.resource.id));
      }
    }
    expect(problems, converge(world, full_shape(), point), at_point(point) + ": does not go on");
    add(problems, world, at_point(point));
  }
  return found;
}

std::vector<Scenario> scenarios() {
  return {{"made", [](Mutant mutant) { return crash_and_apply(mutant, nullptr, full_shape()); }},
          {"replaced",
           [](Mutant mutant) {
             const Shape before = full_shape();
             return crash_and_apply(mutant, &before, moved(before));
           }},
          {"replaced, machines hold their volumes",
           [](Mutant mutant) {
             Shape before = full_shape();
             before.hold_volumes = true;
             return crash_and_apply(mutant, &before, moved(before));
           }},
          {"shrunk",
           [](Mutant mutant) {
             const Shape before = full_shape();
             return crash_and_apply(mutant, &before, shrunk(before));
           }},
          {"replaced, a worker cut off",
           [](Mutant mutant) {
             const Shape before = full_shape();
             return crash_and_apply(mutant, &before, moved(before), "worker-1");
           }},
          {"replaced, a manager cut off",
           [](Mutant mutant) {
             const Shape before = full_shape();
             return crash_and_apply(mutant, &before, moved(before), "manager-3");
           }},
          {"shrunk, a worker cut off",
           [](Mutant mutant) {
             const Shape before = full_shape();
             return crash_and_apply(mutant, &before, shrunk(before), "worker-1");
           }},
          {"managers 3 to 5, each lost",
           [](Mutant mutant) { return lose_each_manager(mutant, test::shape_of(3, 1), test::shape_of(5, 1)); }},
          {"managers 5 to 3, each lost",
           [](Mutant mutant) { return lose_each_manager(mutant, test::shape_of(5, 1), test::shape_of(3, 1)); }},
          {"managers 1 to 3, each lost",
           [](Mutant mutant) { return lose_each_manager(mutant, test::shape_of(1, 1), test::shape_of(3, 1)); }},
          {"managers 3 to 1, each lost",
           [](Mutant mutant) { return lose_each_manager(mutant, test::shape_of(3, 1), test::shape_of(1, 1)); }},
          {"made, then less is wanted", crash_and_want_less},
          {"made, then destroyed", crash_and_destroy},
          {"made, interrupted", interrupt}};
}

}  // namespace skep::sim
