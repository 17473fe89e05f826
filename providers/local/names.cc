#include "providers/local/names.h"

#include <fmt/format.h>

#include "planner/base/digest.h"

namespace skep {

std::string bridge_name(std::string_view cluster) { return "skep-" + sha256_hex(cluster).substr(0, 8); }

std::string cable_name(std::string_view uid) { return "skepv-" + std::string(uid.substr(0, 8)); }

std::string machine_name(std::string_view cluster, std::string_view node, std::string_view uid) {
  constexpr std::size_t length_limit = 63;
  std::string name = fmt::format("{}-{}", cluster, node);
  for (char& c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_plain) c = '-';
  }
  name.resize(std::min(name.size(), length_limit - uid.size() - 1));
  return fmt::format("{}-{}", name, uid);
}

std::string mac_address(std::uint32_t address) {
  return fmt::format("02:5e:{:02x}:{:02x}:{:02x}:{:02x}", address >> 24, (address >> 16) & 0xFF, (address >> 8) & 0xFF,
                     address & 0xFF);
}

std::string host_name(const ResourceId& id) {
  return id.generation == 1 ? id.name : fmt::format("{}-g{}", id.name, id.generation);
}

std::string folder_name(const ResourceId& id) {
  return id.generation == 1 ? id.name : fmt::format("{}@{}", id.name, id.generation);
}

}  // namespace skep
