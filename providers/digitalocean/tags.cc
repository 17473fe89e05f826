#include "providers/digitalocean/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "planner/base/text.h"
#include "providers/cloud/host_key_text.h"

namespace skep::digitalocean {

namespace {

constexpr const char* prefix = "skep";
constexpr const char* key_word = "key";
constexpr const char* pool_word = "pool";

// Places in a tag of a server: skep, cluster, kind, name, generation, user, key.
constexpr std::size_t kind_place = 2;
constexpr std::size_t user_place = 5;
constexpr std::size_t key_place = 6;

std::optional<int> generation_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

std::vector<std::string> parts_of(std::string_view tag) {
  auto parts = split(tag, ':');
  if (parts.empty() || parts[0] != prefix) parts.clear();
  return parts;
}

/// The part at a place of the droplet's own tag.
std::string server_part(const Json& droplet, std::size_t place) {
  for (const auto& tag : tags_of(droplet)) {
    const auto parts = parts_of(tag);
    if (parts.size() == key_place + 1 && parts[kind_place] == machine_kind) return parts[place];
  }
  return "";
}

std::optional<ResourceId> checked(ResourceId id) {
  if (!parse_resource_id(to_text(id))) return std::nullopt;
  return id;
}

}  // namespace

std::string cluster_tag(std::string_view cluster) { return fmt::format("{}:{}", prefix, cluster); }

std::string pool_tag(std::string_view cluster, std::string_view pool) {
  return fmt::format("{}:{}:{}", cluster_tag(cluster), pool_word, pool);
}

std::string key_tag(std::string_view cluster, std::string_view public_line) {
  return fmt::format("{}:{}:{}", cluster_tag(cluster), key_word, cloud::host_key_to_label(public_line));
}

std::string owner_text(std::string_view cluster, const ResourceId& id) {
  return fmt::format("{}:{}:{}:{}", cluster_tag(cluster), id.kind, id.name, id.generation);
}

std::string server_tag(std::string_view cluster, const ResourceId& id, std::string_view user,
                       std::string_view public_line) {
  return fmt::format("{}:{}:{}", owner_text(cluster, id), user, cloud::host_key_to_label(public_line));
}

std::optional<ResourceId> owner_in(std::string_view text, std::string_view kind, std::string_view cluster) {
  const auto parts = parts_of(text);
  if (parts.size() < user_place || parts[1] != cluster || parts[kind_place] != kind) return std::nullopt;
  const auto generation = generation_in(parts[4]);
  if (!generation) return std::nullopt;
  return checked({std::string(kind), parts[3], *generation});
}

std::vector<std::string> tags_of(const Json& object) {
  std::vector<std::string> tags;
  const auto list = object.find("tags");
  if (list == object.end() || !list->is_array()) return tags;
  for (const auto& tag : *list) {
    if (tag.is_string()) tags.push_back(tag);
  }
  return tags;
}

bool has_tag(const Json& object, std::string_view tag) {
  const auto tags = tags_of(object);
  return std::ranges::find(tags, tag) != tags.end();
}

std::vector<std::string> own_tags_of(const Json& object) {
  std::vector<std::string> own;
  for (const auto& tag : tags_of(object)) {
    const auto parts = parts_of(tag);
    if (parts.size() > kind_place + 1 && parts[kind_place] != pool_word) own.push_back(tag);
  }
  return own;
}

bool has_pool_tag(const Json& droplet) {
  const auto tags = tags_of(droplet);
  return std::ranges::any_of(tags, [](const std::string& tag) {
    const auto parts = parts_of(tag);
    return parts.size() == kind_place + 2 && parts[kind_place] == pool_word;
  });
}

std::string user_of(const Json& droplet) { return server_part(droplet, user_place); }

std::string first_host_key_of(const Json& droplet) {
  return cloud::host_key_from_label(server_part(droplet, key_place));
}

std::string own_host_key_of(const Json& droplet) {
  for (const auto& tag : tags_of(droplet)) {
    const auto parts = parts_of(tag);
    if (parts.size() == kind_place + 2 && parts[kind_place] == key_word) return cloud::host_key_from_label(parts[3]);
  }
  return "";
}

std::optional<ResourceId> owner_by_name(std::string_view name, std::string_view kind, std::string_view cluster) {
  if (!name.starts_with(cluster) || !name.substr(cluster.size()).starts_with('-')) return std::nullopt;
  ResourceId id{std::string(kind), std::string(name.substr(cluster.size() + 1))};
  const std::size_t mark = id.name.rfind("-g");
  if (mark != std::string::npos) {
    if (const auto generation = generation_in(std::string_view(id.name).substr(mark + 2))) {
      id.generation = *generation;
      id.name.resize(mark);
    }
  }
  return checked(std::move(id));
}

}  // namespace skep::digitalocean
