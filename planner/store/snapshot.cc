#include "planner/store/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/model/plan_json.h"

namespace skep {

namespace {

Json ids_json(const std::vector<ResourceId>& ids) {
  Json list = Json::array();
  for (const auto& id : ids) list.push_back(to_text(id));
  return list;
}

Json resource_json(const Resource& resource) {
  return {{"id", to_text(resource.id)},  {"driver", resource.driver},
          {"inputs", resource.inputs},   {"needs", ids_json(resource.needs)},
          {"pool", resource.pool},       {"node", resource.node},
          {"protect", resource.protect}, {"vanishes_with", ids_json(resource.vanishes_with)}};
}

/// Reads one snapshot; knows where it is, so that each error can say it.
class Reader {
 public:
  explicit Reader(std::string_view what) : what_(what) {}

  Result<State> state(const Json& json) const {
    TRY(check_version(json));
    State state;
    state.serial = TRY(json_int(json, "serial", what_));
    state.lineage = TRY(json_string(json, "lineage", what_));
    state.digest_key = TRY(json_string(json, "digest_key", what_));
    for (const auto& entry : *TRY(list(json, "records", what_))) {
      Record record = TRY(this->record(entry));
      ResourceId id = record.resource.id;
      const std::string text = to_text(id);
      if (!state.records.emplace(std::move(id), std::move(record)).second)
        return wrong(what_, text + " stands there twice");
    }
    for (const auto& entry : *TRY(list(json, "open", what_))) state.open.push_back(TRY(intent(entry)));
    std::ranges::sort(state.open, {}, [](const Intent& intent) { return intent.resource.id; });
    return state;
  }

 private:
  static Error wrong(std::string_view where, std::string_view message) {
    return {ErrorCode::invalid_input, fmt::format("{}: {}", where, message), "use a text that skep state pull printed"};
  }

  Result<void> check_version(const Json& json) const {
    const std::int64_t version = json_int_or(json, "version", 0);
    if (version < 1) return wrong(what_, "no snapshot of a state");
    if (version <= snapshot_version) return {};
    return Error{
        ErrorCode::invalid_input,
        fmt::format("{} was written by a newer skep (version {}, this one knows {})", what_, version, snapshot_version),
        "use that skep, or a newer one"};
  }

  static Result<const Json*> list(const Json& json, const char* key, std::string_view where) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array()) return wrong(where, fmt::format("'{}' is no list", key));
    return &*found;
  }

  static Result<Attributes> attributes(const Json& json, const char* key, std::string_view where) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_object()) return wrong(where, fmt::format("'{}' is no mapping", key));
    return *found;
  }

  static Result<std::vector<ResourceId>> ids(const Json& json, const char* key, std::string_view where) {
    std::vector<ResourceId> ids;
    for (const auto& entry : *TRY(list(json, key, where))) {
      const auto id = entry.is_string() ? parse_resource_id(entry.get_ref<const std::string&>()) : std::nullopt;
      if (!id) return wrong(where, fmt::format("'{}' holds {}, which is no resource id", key, dump_json(entry)));
      ids.push_back(*id);
    }
    return ids;
  }

  Result<Resource> resource(const Json& json) const {
    const std::string text = TRY(json_string(json, "id", what_));
    const auto id = parse_resource_id(text);
    if (!id) return wrong(what_, fmt::format("'{}' is no resource id", text));
    const std::string where = fmt::format("{}: {}", what_, text);
    Resource resource;
    resource.id = *id;
    resource.driver = TRY(json_string(json, "driver", where));
    resource.inputs = TRY(attributes(json, "inputs", where));
    resource.needs = TRY(ids(json, "needs", where));
    resource.pool = json_string_or(json, "pool");
    resource.node = json_string_or(json, "node");
    resource.protect = json.value("protect", Json()) == true;
    resource.vanishes_with = TRY(ids(json, "vanishes_with", where));
    return resource;
  }

  Result<Record> record(const Json& json) const {
    Record record;
    record.resource = TRY(resource(json));
    const std::string where = fmt::format("{}: {}", what_, to_text(record.resource.id));
    record.applied = TRY(attributes(json, "applied", where));
    record.object.remote_id = TRY(json_string(json, "remote_id", where));
    record.object.attributes = TRY(attributes(json, "attributes", where));
    return record;
  }

  Result<Intent> intent(const Json& json) const {
    Intent intent;
    intent.resource = TRY(resource(json));
    const std::string name = json_string_or(json, "action");
    const auto action = step_action_of(name);
    if (!action)
      return wrong(fmt::format("{}: {}", what_, to_text(intent.resource.id)), fmt::format("unknown action '{}'", name));
    intent.action = *action;
    return intent;
  }

  std::string what_;
};

}  // namespace

Json snapshot_json(const State& state) {
  Json records = Json::array();
  for (const auto& [id, record] : state.records) {
    Json entry = resource_json(record.resource);
    entry["applied"] = record.applied;
    entry["remote_id"] = record.object.remote_id;
    entry["attributes"] = record.object.attributes;
    records.push_back(std::move(entry));
  }
  Json open = Json::array();
  for (const auto& intent : state.open) {
    Json entry = resource_json(intent.resource);
    entry["action"] = step_action_name(intent.action);
    open.push_back(std::move(entry));
  }
  return {{"version", snapshot_version},    {"serial", state.serial},        {"lineage", state.lineage},
          {"digest_key", state.digest_key}, {"records", std::move(records)}, {"open", std::move(open)}};
}

Result<State> state_of_snapshot(const Json& snapshot, std::string_view what) { return Reader(what).state(snapshot); }

}  // namespace skep
