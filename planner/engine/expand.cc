#include "planner/engine/expand.h"

#include <algorithm>

#include "planner/engine/wanted_graph.h"
#include "planner/model/refs.h"

namespace skep {

namespace {

Error bug(std::string message) {
  return {.code = ErrorCode::internal,
          .message = std::move(message),
          .hint = "this is a bug in skep: please report it with the spec"};
}

Result<void> add_provider_part(const Spec& spec, const Provider& provider, const ExpandOptions& options,
                               Expanded& expanded) {
  Expansion part = TRY(provider.expand(spec, options).doing("expand " + std::string(provider.name())));
  for (auto& resource : part.resources) expanded.resources.push_back(std::move(resource));
  for (auto& [node, machine] : part.machines) {
    if (!expanded.machines.emplace(node, std::move(machine)).second)
      return bug("node " + node + " has two machines, the second one from " + std::string(provider.name()));
  }
  return {};
}

void prepare_machine(const Spec& spec, const HostKinds& hosts, const Catalog& catalog, Resource& resource) {
  const auto schema = catalog.schemas().find(resource.driver);
  if (schema != catalog.schemas().end() && is_machine_to_disturb(*schema->second)) hosts.prepare(spec, resource);
}

// Needs name each thing once, in order, and everything that a reference names.
void complete_needs(Resource& resource) {
  for (auto& id : referenced(resource.inputs)) resource.needs.push_back(std::move(id));
  std::ranges::sort(resource.needs);
  const auto repeated = std::ranges::unique(resource.needs);
  resource.needs.erase(repeated.begin(), repeated.end());
}

Result<void> check(const std::vector<Resource>& resources, const Catalog& catalog) {
  const WantedGraph graph = TRY(wanted_graph(resources));  // two of one id, or a circle
  for (const Resource& resource : resources) {
    const auto schema = catalog.schemas().find(resource.driver);
    if (schema == catalog.schemas().end())
      return bug(to_text(resource.id) + " asks for the driver \"" + resource.driver + "\", which does not exist");
    TRY(check_inputs(resource, *schema->second));
    for (const auto* ids : {&resource.needs, &resource.vanishes_with}) {
      for (const auto& id : *ids)
        if (!graph.is_wanted(id))
          return bug(to_text(resource.id) + " refers to " + to_text(id) + ", which nothing makes");
    }
  }
  return {};
}

}  // namespace

Result<Expanded> expand(const Spec& spec, std::span<Provider* const> providers, const HostKinds& hosts,
                        const Catalog& catalog, const ExpandOptions& options) {
  Expanded expanded;
  for (const Provider* provider : providers) {
    if (pools_of(spec, provider->name()).empty()) continue;
    TRY(add_provider_part(spec, *provider, options, expanded));
  }
  for (auto& resource : expanded.resources) prepare_machine(spec, hosts, catalog, resource);
  for (auto& resource : TRY(hosts.expand(spec, expanded.machines).doing("expand the hosts")))
    expanded.resources.push_back(std::move(resource));
  for (auto& resource : expanded.resources) complete_needs(resource);
  std::ranges::sort(expanded.resources, {}, &Resource::id);
  TRY(check(expanded.resources, catalog));
  return expanded;
}

}  // namespace skep
