// What the drivers of provider `local` share: names of kinds, and how inputs and folders are read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/engine/driver.h"

namespace skep {

inline constexpr const char* network_kind = "network";
inline constexpr const char* volume_kind = "volume";
inline constexpr const char* floating_ip_kind = "floating_ip";

/// The input `cluster`. Not for destroy(): an object that nobody remembers comes without inputs.
std::string cluster_of(const Resource& resource);
/// The cluster that an object of list() or find() belongs to, from its remote id.
std::string cluster_of(const Object& object);
/// A list of texts among the inputs; none when it is absent.
std::vector<std::string> text_list(const Attributes& inputs, std::string_view key);
/// "CLUSTER/NAME": what list() and find() report as the remote id of a folder.
std::string remote_id_of(std::string_view cluster, std::string_view folder);
/// "worker-1@2" of kind "server" -> the id; none when no resource is called so.
std::optional<ResourceId> id_of_folder(std::string_view kind, std::string_view folder);
/// What was just made, or `conflict`: somebody destroyed it at the same moment.
Result<Object> must_exist(std::optional<Object> object, const Resource& resource);

}  // namespace skep
