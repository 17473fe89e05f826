// Fixed scenarios that are cut off at every single point: what must hold however far skep came.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace skep::sim {

using Problems = std::vector<std::string>;

struct Findings {
  Problems problems = {};
  std::uint64_t points = 0;  // at which it was cut off
};

/// Three managers, two workers, an address and volumes.
test::Shape full_shape();
/// The same in another location: every machine is replaced.
test::Shape moved(test::Shape shape);
/// One manager and one worker of it are left.
test::Shape shrunk(test::Shape shape);
/// A world in which all of the shape stands.
std::unique_ptr<World> standing(const test::Shape& shape, Mutant mutant);

void add(Problems& problems, const World& world, const std::string& where);
void expect(Problems& problems, bool is_so, const std::string& what);

/// 2. Crash anywhere, apply again: the same world as without the crash, but for generations. `before`: what stood,
/// nullptr for nothing. `node`, unless it is empty, runs on and cannot be reached by anybody, from before to the end.
Findings crash_and_apply(Mutant mutant, const test::Shape* before, const test::Shape& shape,
                         const std::string& node = "");
/// 3. Crash anywhere, take a node out of the spec, apply: nothing without an owner remains.
Findings crash_and_want_less(Mutant mutant);
/// 3. The answer to a creation is lost where lists lag, and then it is wanted no longer: it does not remain either.
Problems lose_answer_and_want_less(Mutant mutant);
/// 6. Destroy, from any state: the world is empty.
Findings crash_and_destroy(Mutant mutant);
/// As many managers as `shape` wants, instead of those that stand in `before`, while each of them vanishes or loses its
/// power at each point, where the quorum can bear it: one swarm in the end, with just the managers that are wanted.
Findings lose_each_manager(Mutant mutant, const test::Shape& before, const test::Shape& shape);
/// 7. Interrupt anywhere: it ends soon, and only what was running may be open.
Findings interrupt(Mutant mutant);

struct Scenario {
  std::string name;
  Findings (*run)(Mutant) = nullptr;
};
/// All of these, by name.
std::vector<Scenario> scenarios();

}  // namespace skep::sim
