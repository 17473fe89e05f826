#include "planner/store/last_seen.h"

#include "planner/base/json.h"
#include "planner/system/files.h"

namespace skep {

namespace {

constexpr std::size_t seen_limit_bytes = 4096;

std::string seen_path(const std::string& path) { return path + ".seen"; }

}  // namespace

void note_last_seen(const std::string& path, const std::string& lineage, std::int64_t serial) {
  static_cast<void>(SystemFiles().write(seen_path(path), dump_json({{"lineage", lineage}, {"serial", serial}}), 0600));
}

std::int64_t newer_serial_seen(const std::string& path, const State& state) {
  const auto text = SystemFiles().read(seen_path(path), seen_limit_bytes);
  if (!text.ok()) return 0;
  const auto seen = parse_json(text.value(), seen_path(path));
  if (!seen.ok() || json_string_or(seen.value(), "lineage") != state.lineage) return 0;
  const std::int64_t serial = json_int_or(seen.value(), "serial", 0);
  return serial > state.serial ? serial : 0;
}

}  // namespace skep
