// The wanted resources as a graph: by name, needs first, grouped by what shares a generation. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "planner/base/result.h"
#include "planner/model/resource.h"

namespace skep {

/// Hash and equality of ids that differ in their generation only are the same.
struct NameHash {
  std::size_t operator()(const ResourceId& id) const;
};
struct SameName {
  bool operator()(const ResourceId& left, const ResourceId& right) const;
};

struct WantedGraph {
  std::vector<const Resource*> resources;  // by id
  std::unordered_map<ResourceId, std::size_t, NameHash, SameName> index;
  std::vector<std::size_t> order;                           // positions, each after all that it needs
  std::vector<std::size_t> group;                           // of each position
  std::unordered_map<std::string, std::size_t> node_group;  // by node
  std::vector<int> generation;                              // of each group; 1 at first

  /// The position of the resource of this kind and name, whatever its generation.
  std::optional<std::size_t> find(const ResourceId& id) const;
  int generation_at(std::size_t position) const { return generation[group[position]]; }
  /// The id with the generation that is wanted; as it is when nothing of this name is wanted.
  ResourceId current(const ResourceId& id) const;
  bool is_wanted(const ResourceId& id) const;
};

/// The resources must outlive the graph. Errors: internal (two of one id, a generation other than 1, a circle).
Result<WantedGraph> wanted_graph(std::span<const Resource> wanted);

}  // namespace skep
