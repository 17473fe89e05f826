// One world from a seed: a spec, a history of edits, applies under faults, and what must hold at the end of each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace skep::sim {

struct WorldReport {
  std::vector<std::string> problems = {};  // empty: every law holds
  FaultCounts counts = {};
  std::uint64_t applies = 0;
  std::uint64_t points = 0;  // at which something could have gone wrong
};

/// The same seed and mutant give the same world, to the last event. `trace` is told of each edit and run.
WorldReport run_random_world(std::uint64_t seed, Mutant mutant = Mutant::none,
                             std::function<void(const std::string&)> trace = {});

/// A mutant, and what is said of a world in which the law is broken that it breaks.
struct MutantCase {
  Mutant mutant = Mutant::none;
  const char* what = "";
};
std::vector<MutantCase> mutant_cases();
/// The first seed under which the mutant is noticed; 0: it is not, under any of so many.
std::uint64_t first_noticed(const MutantCase& one, std::uint64_t seeds);

/// What is there is what is wanted, once each, and the state knows it: for a world that has come to rest.
std::vector<std::string> differences(const World& world, const test::Shape& shape);

}  // namespace skep::sim
