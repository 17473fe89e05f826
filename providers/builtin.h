// The table of providers that ship with skep.
#pragma once

#include <memory>
#include <vector>

#include "planner/engine/provider.h"
#include "planner/system/clock.h"
#include "planner/system/files.h"
#include "planner/system/processes.h"
#include "planner/system/random.h"

namespace skep {

struct ProviderParts {
  Files& files;
  Processes& processes;
  const Clock& clock;
  Random& random;
};

/// One of each, by name. The parts must outlive them.
std::vector<std::unique_ptr<Provider>> make_providers(const ProviderParts& parts);

}  // namespace skep
