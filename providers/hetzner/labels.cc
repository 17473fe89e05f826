#include "providers/hetzner/labels.h"

#include <fmt/format.h>

#include <charconv>

namespace skep::hetzner {

Json owner_labels(std::string_view cluster, const ResourceId& id) {
  return {{label_cluster, cluster}, {label_name, id.name}, {label_generation, std::to_string(id.generation)}};
}

std::string label_of(const Json& object, const char* label) {
  const auto labels = object.find("labels");
  return labels == object.end() || !labels->is_object() ? "" : json_string_or(*labels, label);
}

std::optional<ResourceId> owner_of(const Json& object, std::string_view kind, std::string_view cluster) {
  if (label_of(object, label_cluster) != cluster) return std::nullopt;
  const std::string generation = label_of(object, label_generation);
  ResourceId id{std::string(kind), label_of(object, label_name), 0};
  const auto [end, error] = std::from_chars(generation.data(), generation.data() + generation.size(), id.generation);
  if (error != std::errc() || end != generation.data() + generation.size() || id.generation < 1) return std::nullopt;
  if (!parse_resource_id(to_text(id))) return std::nullopt;
  return id;
}

std::string cluster_selector(std::string_view cluster) { return fmt::format("{}=={}", label_cluster, cluster); }

}  // namespace skep::hetzner
