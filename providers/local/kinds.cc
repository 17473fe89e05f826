#include "providers/local/kinds.h"

namespace skep {

std::string cluster_of(const Resource& resource) { return json_string_or(resource.inputs, "cluster"); }

std::string cluster_of(const Object& object) { return object.remote_id.substr(0, object.remote_id.find('/')); }

std::vector<std::string> text_list(const Attributes& inputs, std::string_view key) {
  std::vector<std::string> texts;
  const auto found = inputs.find(key);
  if (found == inputs.end() || !found->is_array()) return texts;
  for (const auto& item : *found) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::string remote_id_of(std::string_view cluster, std::string_view folder) {
  return std::string(cluster) + "/" + std::string(folder);
}

std::optional<ResourceId> id_of_folder(std::string_view kind, std::string_view folder) {
  return parse_resource_id(std::string(kind) + "/" + std::string(folder));
}

Result<Object> must_exist(std::optional<Object> object, const Resource& resource) {
  if (object) return std::move(*object);
  return Error{ErrorCode::conflict, to_text(resource.id) + " vanished while it was made",
               "somebody destroys this cluster at the same time; run the command again when that has ended"};
}

}  // namespace skep
