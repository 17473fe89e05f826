#include "planner/engine/expand.h"

#include <algorithm>
#include <set>

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

// Needs name each thing once, in order, and everything that a reference names.
void complete_needs(Resource& resource) {
  for (auto& id : referenced(resource.inputs)) resource.needs.push_back(std::move(id));
  std::ranges::sort(resource.needs);
  const auto repeated = std::ranges::unique(resource.needs);
  resource.needs.erase(repeated.begin(), repeated.end());
}

Result<std::size_t> index_of(const std::vector<Resource>& sorted, const ResourceId& id, const Resource& from) {
  const auto found = std::ranges::lower_bound(sorted, id, {}, &Resource::id);
  if (found == sorted.end() || found->id != id)
    return bug(to_text(from.id) + " refers to " + to_text(id) + ", which nothing makes");
  return static_cast<std::size_t>(found - sorted.begin());
}

// Takes away, again and again, what waits for nothing more; what is left goes round in a circle.
Result<void> check_no_circle(const std::vector<Resource>& sorted) {
  std::vector<std::size_t> waits(sorted.size(), 0);
  std::vector<std::vector<std::size_t>> users(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (const auto& need : sorted[i].needs) {
      users[TRY(index_of(sorted, need, sorted[i]))].push_back(i);
      ++waits[i];
    }
  }
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (waits[i] == 0) free.push_back(i);
  for (std::size_t next = 0; next < free.size(); ++next) {
    for (const auto user : users[free[next]])
      if (--waits[user] == 0) free.push_back(user);
  }
  if (free.size() == sorted.size()) return {};
  const auto stuck = std::ranges::find_if(waits, [](std::size_t count) { return count > 0; });
  return bug(to_text(sorted[static_cast<std::size_t>(stuck - waits.begin())].id) + " needs itself in the end");
}

Result<void> check(const std::vector<Resource>& sorted, const Catalog& catalog) {
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Resource& resource = sorted[i];
    if (i > 0 && sorted[i - 1].id == resource.id) return bug("two resources are called " + to_text(resource.id));
    if (resource.id.generation != 1) return bug(to_text(resource.id) + ": only the planner gives generations");
    const auto schema = catalog.schemas().find(resource.driver);
    if (schema == catalog.schemas().end())
      return bug(to_text(resource.id) + " asks for the driver \"" + resource.driver + "\", which does not exist");
    TRY(check_inputs(resource, *schema->second));
    for (const auto& id : resource.vanishes_with) TRY(index_of(sorted, id, resource));
  }
  return check_no_circle(sorted);
}

}  // namespace

Result<Expanded> expand(const Spec& spec, std::span<Provider* const> providers, const HostKinds& hosts,
                        const Catalog& catalog, const ExpandOptions& options) {
  Expanded expanded;
  for (const Provider* provider : providers) {
    if (pools_of(spec, provider->name()).empty()) continue;
    TRY(add_provider_part(spec, *provider, options, expanded));
  }
  for (auto& resource : TRY(hosts.expand(spec, expanded.machines).doing("expand the hosts")))
    expanded.resources.push_back(std::move(resource));
  for (auto& resource : expanded.resources) complete_needs(resource);
  std::ranges::sort(expanded.resources, {}, &Resource::id);
  TRY(check(expanded.resources, catalog));
  return expanded;
}

}  // namespace skep
