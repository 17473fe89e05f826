// From a spec to its resources: every provider's part, then every node's steps on its host. Pure.
#pragma once

#include <span>
#include <vector>

#include "planner/base/result.h"
#include "planner/engine/catalog.h"
#include "planner/engine/provider.h"

namespace skep {

struct Expanded {
  std::vector<Resource> resources;          // by id; needs include what refs name; all of generation 1
  std::map<std::string, Machine> machines;  // by node name
};

/// Errors: internal (a provider's bug: unknown driver or input, a reference to nothing, two of one id, a circle).
Result<Expanded> expand(const Spec& spec, std::span<Provider* const> providers, const HostKinds& hosts,
                        const Catalog& catalog, const ExpandOptions& options);

}  // namespace skep
