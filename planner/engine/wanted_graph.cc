#include "planner/engine/wanted_graph.h"

#include <algorithm>
#include <functional>

namespace skep {

namespace {

Error bug(std::string message) {
  return {.code = ErrorCode::internal,
          .message = std::move(message),
          .hint = "this is a bug in skep: please report it with the spec"};
}

// Takes what waits for nothing, in the order of ids, then what waits for nothing more.
Result<std::vector<std::size_t>> needs_first(const WantedGraph& graph) {
  std::vector<std::size_t> waits(graph.resources.size(), 0);
  std::vector<std::vector<std::size_t>> users(graph.resources.size());
  for (std::size_t i = 0; i < graph.resources.size(); ++i) {
    for (const auto& need : graph.resources[i]->needs) {
      if (const auto at = graph.find(need); at) {
        users[*at].push_back(i);
        ++waits[i];
      }
    }
  }
  std::vector<std::size_t> order;
  order.reserve(graph.resources.size());
  for (std::size_t i = 0; i < waits.size(); ++i)
    if (waits[i] == 0) order.push_back(i);
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const auto user : users[order[next]])
      if (--waits[user] == 0) order.push_back(user);
  }
  if (order.size() == graph.resources.size()) return order;
  const auto stuck = std::ranges::find_if(waits, [](std::size_t count) { return count > 0; });
  return bug(to_text(graph.resources[static_cast<std::size_t>(stuck - waits.begin())]->id) +
             " needs itself in the end");
}

}  // namespace

std::size_t NameHash::operator()(const ResourceId& id) const {
  const std::hash<std::string> hash;
  return hash(id.kind) * 31 + hash(id.name);
}

bool SameName::operator()(const ResourceId& left, const ResourceId& right) const {
  return left.name == right.name && left.kind == right.kind;
}

std::optional<std::size_t> WantedGraph::find(const ResourceId& id) const {
  const auto found = index.find(id);
  return found == index.end() ? std::nullopt : std::optional(found->second);
}

ResourceId WantedGraph::current(const ResourceId& id) const {
  ResourceId renamed = id;
  if (const auto at = find(id); at) renamed.generation = generation_at(*at);
  return renamed;
}

bool WantedGraph::is_wanted(const ResourceId& id) const {
  const auto at = find(id);
  return at && generation_at(*at) == id.generation;
}

Result<WantedGraph> wanted_graph(std::span<const Resource> wanted) {
  WantedGraph graph;
  graph.resources.reserve(wanted.size());
  for (const auto& resource : wanted) graph.resources.push_back(&resource);
  const auto by_id = [](const Resource* resource) -> const ResourceId& { return resource->id; };
  if (!std::ranges::is_sorted(graph.resources, {}, by_id)) std::ranges::sort(graph.resources, {}, by_id);
  graph.index.reserve(wanted.size());
  graph.group.reserve(wanted.size());
  for (std::size_t i = 0; i < graph.resources.size(); ++i) {
    const Resource& resource = *graph.resources[i];
    if (resource.id.generation != 1) return bug(to_text(resource.id) + ": only the planner gives generations");
    if (!graph.index.emplace(resource.id, i).second) return bug("two resources are called " + to_text(resource.id));
    std::size_t group = graph.generation.size();
    if (!resource.node.empty()) group = graph.node_group.emplace(resource.node, group).first->second;
    if (group == graph.generation.size()) graph.generation.push_back(1);
    graph.group.push_back(group);
  }
  graph.order = TRY(needs_first(graph));
  return graph;
}

}  // namespace skep
