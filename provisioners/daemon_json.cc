#include "provisioners/daemon_json.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {
namespace {

constexpr std::string_view label_key = "skep.uid=";

// What dockerd takes over on SIGHUP (moby: daemon/reload.go).
bool is_reloadable(const std::string& key) {
  static const std::set<std::string> keys = {
      "allow-nondistributable-artifacts",
      "debug",
      "default-runtime",
      "features",
      "insecure-registries",
      "labels",
      "max-concurrent-downloads",
      "max-concurrent-uploads",
      "max-download-attempts",
      "registry-mirrors",
      "runtimes",
      "shutdown-timeout",
  };
  return keys.contains(key);
}

bool is_our_label(const Json& label) { return label.is_string() && label.get<std::string>().starts_with(label_key); }

Json list_or_empty(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_array() ? *at : Json::array();
}

bool holds(const Json& list, const Json& value) { return std::ranges::find(list, value) != list.end(); }

// Foreign labels stay, those we set last time go, then ours are added.
Json merged_labels(const Json& present, const Json& ours_before, const Json& ours_now, const std::string& label) {
  Json labels = Json::array();
  for (const auto& one : list_or_empty(present, "labels")) {
    if (is_our_label(one) || holds(list_or_empty(ours_before, "labels"), one)) continue;
    if (!holds(list_or_empty(ours_now, "labels"), one)) labels.push_back(one);
  }
  for (const auto& one : list_or_empty(ours_now, "labels")) labels.push_back(one);
  if (!label.empty()) labels.push_back(label);
  return labels;
}

Result<Json> present_object(const std::optional<std::string>& text) {
  if (!text || trim(*text).empty()) return Json::object();
  auto parsed = parse_json(*text, "/etc/docker/daemon.json");
  if (!parsed.ok() || !parsed.value().is_object()) {
    return Error{ErrorCode::invalid_input,
                 parsed.ok() ? "/etc/docker/daemon.json is no JSON object" : parsed.error().message,
                 "repair or move the file on that host; skep does not write over what it cannot read"};
  }
  return parsed;
}

Json ours_of(const Json& memory) {
  const auto at = memory.is_object() ? memory.find("ours") : memory.end();
  return at != memory.end() && at->is_object() ? *at : Json::object();
}

bool is_unread(const Json& memory) { return memory.is_object() && memory.value("unread", false); }

}  // namespace

DaemonKeys split_daemon_keys(const Json& daemon) {
  DaemonKeys keys;
  if (!daemon.is_object()) return keys;
  for (const auto& [key, value] : daemon.items()) (is_reloadable(key) ? keys.reload : keys.restart)[key] = value;
  return keys;
}

Result<DaemonMerge> merge_daemon(const DaemonChange& change) {
  const auto present = TRY(present_object(change.present_text));
  const auto before = ours_of(change.memory);
  Json merged = present;
  for (const auto& [key, value] : before.items()) {
    if (!change.wanted.contains(key) && key != "labels") merged.erase(key);
  }
  for (const auto& [key, value] : change.wanted.items()) merged[key] = value;
  auto labels = merged_labels(present, before, change.wanted, change.label);
  merged.erase("labels");
  if (!labels.empty()) merged["labels"] = std::move(labels);

  DaemonMerge merge;
  std::set<std::string> keys;
  for (const auto& [key, value] : present.items()) keys.insert(key);
  for (const auto& [key, value] : merged.items()) keys.insert(key);
  for (const auto& key : keys) {
    if (merged.value(key, Json()) == present.value(key, Json())) continue;
    merge.changed_keys.push_back(key);
    merge.needs_restart = merge.needs_restart || !is_reloadable(key);
  }
  merge.needs_restart = merge.needs_restart || is_unread(change.memory);
  merge.memory = {{"ours", change.wanted}};
  merge.differs = !merge.changed_keys.empty() || merge.memory != change.memory;
  merge.text = dump_json_pretty(merged);
  return merge;
}

Json unread(Json memory) {
  memory["unread"] = true;
  return memory;
}

Json owned_daemon_keys(const std::optional<std::string>& present_text, const Json& memory) {
  const auto present = present_object(present_text);
  Json owned = Json::object();
  if (!present.ok() || is_unread(memory)) return owned;
  const auto ours = ours_of(memory);
  for (const auto& [key, value] : ours.items()) {
    const auto at = present.value().find(key);
    if (at == present.value().end()) continue;
    owned[key] = *at;
    if (key != "labels") continue;
    owned[key] = Json::array();
    for (const auto& one : value) {
      if (holds(*at, one)) owned[key].push_back(one);
    }
  }
  return owned;
}

}  // namespace skep
