#include "planner/model/plan_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "planner/base/digest.h"

namespace skep {

namespace {

constexpr const char* file_kind = "skep.plan";

struct ActionName {
  Action action;
  std::string_view name;
};
constexpr std::array<ActionName, 7> action_names = {{{Action::none, "none"},
                                                     {Action::create, "create"},
                                                     {Action::update, "update"},
                                                     {Action::replace, "replace"},
                                                     {Action::destroy, "destroy"},
                                                     {Action::forget, "forget"},
                                                     {Action::read, "read"}}};

struct StepActionName {
  StepAction action;
  std::string_view name;
};
constexpr std::array<StepActionName, 6> step_action_names = {{{StepAction::create, "create"},
                                                              {StepAction::update, "update"},
                                                              {StepAction::destroy, "destroy"},
                                                              {StepAction::forget, "forget"},
                                                              {StepAction::read, "read"},
                                                              {StepAction::prepare, "prepare"}}};

Error damaged(std::string message) {
  return {ErrorCode::invalid_input, std::move(message), "make the plan again: skep plan -out FILE"};
}

Json ids_json(const std::vector<ResourceId>& ids) {
  Json list = Json::array();
  for (const auto& id : ids) list.push_back(to_text(id));
  return list;
}

Json resource_json(const Resource& resource) {
  Json json = {{"id", to_text(resource.id)}, {"driver", resource.driver}, {"inputs", resource.inputs}};
  if (!resource.needs.empty()) json["needs"] = ids_json(resource.needs);
  if (!resource.pool.empty()) json["pool"] = resource.pool;
  if (!resource.node.empty()) json["node"] = resource.node;
  if (resource.protect) json["protect"] = true;
  if (!resource.vanishes_with.empty()) json["vanishes_with"] = ids_json(resource.vanishes_with);
  return json;
}

Json object_json(const Object& object) { return {{"remote_id", object.remote_id}, {"attributes", object.attributes}}; }

Json choices_json(const PlanChoices& choices) {
  return {{"destroy", choices.destroy},
          {"refresh", choices.refresh},
          {"allow_protected", choices.allow_protected},
          {"allow_unschedulable", choices.allow_unschedulable},
          {"only", choices.only},
          {"except", choices.except},
          {"replace", choices.replace}};
}

Json step_json(const Step& step) {
  Json json = {{"id", step.id},
               {"action", step_action_name(step.action)},
               {"resource", resource_json(step.resource)},
               {"after", step.after}};
  if (step.object) json["object"] = object_json(*step.object);
  return json;
}

// --- the other way ---

/// The member of an object, or null when there is none.
const Json& member(const Json& json, const char* key) {
  static const Json absent;
  if (!json.is_object()) return absent;
  const auto found = json.find(key);
  return found == json.end() ? absent : *found;
}

Result<const Json*> list_at(const Json& json, const char* key, std::string_view what) {
  const Json& list = member(json, key);
  if (!list.is_array()) return damaged(std::string(what) + ": '" + key + "' is no list");
  return &list;
}

Result<ResourceId> id_of(const Json& json, std::string_view what) {
  if (!json.is_string()) return damaged(std::string(what) + ": a resource id is no text");
  const auto id = parse_resource_id(json.get_ref<const std::string&>());
  if (!id) return damaged(std::string(what) + ": '" + json.get<std::string>() + "' is no resource id");
  return *id;
}

Result<std::vector<ResourceId>> ids_of(const Json& list, std::string_view what) {
  std::vector<ResourceId> ids;
  if (list.is_null()) return ids;
  if (!list.is_array()) return damaged(std::string(what) + ": a list of resource ids is no list");
  for (const auto& entry : list) ids.push_back(TRY(id_of(entry, what)));
  return ids;
}

Result<std::vector<std::string>> texts_of(const Json& json, const char* key) {
  std::vector<std::string> texts;
  for (const auto& entry : *TRY(list_at(json, key, "the plan"))) {
    if (!entry.is_string()) return damaged(std::string("the plan: '") + key + "' holds something that is no text");
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

Result<PlanChoices> choices_of(const Json& json) {
  PlanChoices choices;
  choices.destroy = member(json, "destroy") == true;
  choices.refresh = member(json, "refresh") == true;
  choices.allow_protected = member(json, "allow_protected") == true;
  choices.allow_unschedulable = member(json, "allow_unschedulable") == true;
  choices.only = TRY(texts_of(json, "only"));
  choices.except = TRY(texts_of(json, "except"));
  choices.replace = TRY(texts_of(json, "replace"));
  return choices;
}

Result<Resource> resource_of(const Json& json, std::string_view what) {
  Resource resource;
  resource.id = TRY(id_of(member(json, "id"), what));
  resource.driver = TRY(json_string(json, "driver", what));
  resource.inputs = member(json, "inputs");
  if (!resource.inputs.is_object()) return damaged(std::string(what) + ": 'inputs' is no mapping");
  resource.needs = TRY(ids_of(member(json, "needs"), what));
  resource.pool = json_string_or(json, "pool");
  resource.node = json_string_or(json, "node");
  resource.protect = member(json, "protect") == true;
  resource.vanishes_with = TRY(ids_of(member(json, "vanishes_with"), what));
  return resource;
}

Result<Object> object_of(const Json& json, std::string_view what) {
  Object object;
  object.remote_id = TRY(json_string(json, "remote_id", what));
  object.attributes = member(json, "attributes");
  if (!object.attributes.is_object()) return damaged(std::string(what) + ": 'attributes' is no mapping");
  return object;
}

template <class Table>
auto named_action(const Table& table, const Json& json, std::string_view what)
    -> Result<decltype(table.front().action)> {
  const std::string name = TRY(json_string(json, "action", what));
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.name == name; });
  if (found == table.end()) return damaged(std::string(what) + ": unknown action '" + name + "'");
  return found->action;
}

Result<Change> change_of(const Json& json) {
  Change change;
  change.id = TRY(id_of(member(json, "id"), "a change of the plan"));
  const std::string what = "change " + to_text(change.id);
  change.driver = TRY(json_string(json, "driver", what));
  change.node = json_string_or(json, "node");
  change.action = TRY(named_action(action_names, json, what));
  change.why = json_string_or(json, "why");
  change.disruptive = member(json, "disruptive") == true;
  for (const auto& field : *TRY(list_at(json, "fields", what))) {
    FieldChange& read = change.fields.emplace_back();
    read.field = TRY(json_string(field, "field", what));
    read.before = TRY(json_string(field, "before", what));
    read.after = TRY(json_string(field, "after", what));
  }
  return change;
}

Result<Step> step_of(const Json& json, std::size_t position) {
  const std::string what = "step " + std::to_string(position);
  if (json_int_or(json, "id", -1) != static_cast<std::int64_t>(position)) return damaged(what + ": wrong number");
  Step step;
  step.id = static_cast<StepId>(position);
  step.action = TRY(named_action(step_action_names, json, what));
  step.resource = TRY(resource_of(member(json, "resource"), what));
  if (const Json& object = member(json, "object"); !object.is_null()) step.object = TRY(object_of(object, what));
  for (const auto& before : *TRY(list_at(json, "after", what))) {
    const bool is_number = before.is_number_integer() && before.get<std::int64_t>() >= 0 &&
                           before.get<std::int64_t>() <= std::numeric_limits<StepId>::max();
    if (!is_number) return damaged(what + ": waits for something that is no step");
    step.after.push_back(before.get<StepId>());
  }
  return step;
}

/// Every step waits for steps of the plan only, and no circle of them waits for itself.
Result<void> check_order(const std::vector<Step>& steps) {
  std::vector<std::size_t> waits_for(steps.size(), 0);
  std::vector<std::vector<StepId>> waiting(steps.size());
  for (const auto& step : steps) {
    for (const StepId before : step.after) {
      if (before >= steps.size()) return damaged("step " + std::to_string(step.id) + ": waits for an unknown step");
      ++waits_for[step.id];
      waiting[before].push_back(step.id);
    }
  }
  std::vector<StepId> ready;
  for (const auto& step : steps) {
    if (waits_for[step.id] == 0) ready.push_back(step.id);
  }
  std::size_t done = 0;
  while (!ready.empty()) {
    const StepId step = ready.back();
    ready.pop_back();
    ++done;
    for (const StepId next : waiting[step]) {
      if (--waits_for[next] == 0) ready.push_back(next);
    }
  }
  if (done != steps.size()) return damaged("the plan: some steps wait for one another");
  return {};
}

Result<void> check_header(const Json& json) {
  if (!json.is_object() || json_string_or(json, "kind") != file_kind) {
    return Error{ErrorCode::invalid_input, "this is no saved plan of skep", "save one with: skep plan -out FILE"};
  }
  const std::int64_t format = json_int_or(json, "format_version", 0);
  if (format > plan_format) {
    return Error{ErrorCode::invalid_input,
                 "the plan was saved by a newer skep (format " + std::to_string(format) + ", this one knows " +
                     std::to_string(plan_format) + ")",
                 "use that skep, or make the plan again with this one"};
  }
  if (format < 1) return damaged("the plan: 'format_version' is missing");
  if (format < plan_format) return damaged("the plan was saved by an older skep");
  return {};
}

}  // namespace

std::string_view action_name(Action action) {
  const auto* found = std::find_if(action_names.begin(), action_names.end(),
                                   [&](const ActionName& entry) { return entry.action == action; });
  return found == action_names.end() ? "unknown" : found->name;
}

std::string_view step_action_name(StepAction action) {
  const auto* found = std::find_if(step_action_names.begin(), step_action_names.end(),
                                   [&](const StepActionName& entry) { return entry.action == action; });
  return found == step_action_names.end() ? "unknown" : found->name;
}

std::optional<StepAction> step_action_of(std::string_view name) {
  const auto* found = std::find_if(step_action_names.begin(), step_action_names.end(),
                                   [&](const StepActionName& entry) { return entry.name == name; });
  return found == step_action_names.end() ? std::nullopt : std::optional(found->action);
}

Json change_json(const Change& change) {
  Json fields = Json::array();
  for (const auto& field : change.fields) {
    fields.push_back({{"field", field.field}, {"before", field.before}, {"after", field.after}});
  }
  return {{"id", to_text(change.id)},    {"kind", change.id.kind}, {"name", change.id.name},
          {"driver", change.driver},     {"node", change.node},    {"action", action_name(change.action)},
          {"fields", std::move(fields)}, {"why", change.why},      {"disruptive", change.disruptive}};
}

Json plan_json(const Plan& plan) {
  Json changes = Json::array();
  for (const auto& change : plan.changes) changes.push_back(change_json(change));
  Json steps = Json::array();
  for (const auto& step : plan.steps) steps.push_back(step_json(step));
  Json known = Json::array();
  for (const auto& [id, object] : plan.known) {
    Json entry = object_json(object);
    entry["id"] = to_text(id);
    known.push_back(std::move(entry));
  }
  return {{"kind", file_kind},
          {"format_version", plan_format},
          {"cluster", plan.cluster},
          {"spec_digest", plan.spec_digest},
          {"commit", plan.commit},
          {"choices", choices_json(plan.choices)},
          {"lineage", plan.lineage},
          {"state_serial", plan.state_serial},
          {"changes", std::move(changes)},
          {"steps", std::move(steps)},
          {"pools", plan.pools},
          {"known", std::move(known)},
          {"warnings", plan.warnings},
          {"quorum", plan.quorum}};
}

Result<Plan> plan_from_json(const Json& json) {
  TRY(check_header(json));
  const std::string_view what = "the plan";
  Plan plan;
  plan.cluster = TRY(json_string(json, "cluster", what));
  plan.spec_digest = TRY(json_string(json, "spec_digest", what));
  plan.commit = TRY(json_string(json, "commit", what));
  plan.choices = TRY(choices_of(member(json, "choices")));
  plan.lineage = TRY(json_string(json, "lineage", what));
  plan.state_serial = TRY(json_int(json, "state_serial", what));
  for (const auto& change : *TRY(list_at(json, "changes", what))) plan.changes.push_back(TRY(change_of(change)));
  for (const auto& step : *TRY(list_at(json, "steps", what))) {
    plan.steps.push_back(TRY(step_of(step, plan.steps.size())));
  }
  TRY(check_order(plan.steps));
  const Json& pools = member(json, "pools");
  if (!pools.is_object()) return damaged("the plan: 'pools' is no mapping");
  for (const auto& [pool, limit] : pools.items()) {
    if (!limit.is_number_integer() || limit < 1 || limit > std::numeric_limits<std::uint32_t>::max())
      return damaged("the plan: pool '" + pool + "' has no limit");
    plan.pools[pool] = limit.get<std::uint32_t>();
  }
  for (const auto& entry : *TRY(list_at(json, "known", what))) {
    const ResourceId id = TRY(id_of(member(entry, "id"), "a known object of the plan"));
    plan.known[id] = TRY(object_of(entry, "known object " + to_text(id)));
  }
  plan.warnings = TRY(texts_of(json, "warnings"));
  plan.quorum = TRY(texts_of(json, "quorum"));
  return plan;
}

std::string digest_of(const Plan& plan) { return sha256_hex(dump_json(plan_json(plan))); }

}  // namespace skep
