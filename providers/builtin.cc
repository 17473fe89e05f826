#include "providers/builtin.h"

#include "providers/existing/existing.h"
#include "providers/local/local.h"
#include "providers/local/paths.h"

namespace skep {

std::vector<std::unique_ptr<Provider>> make_providers(const ProviderParts& parts) {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(make_existing_provider());
  providers.push_back(
      make_local_provider({parts.files, parts.processes, parts.clock, parts.random, local_paths_from_environment()}));
  return providers;
}

}  // namespace skep
