#include "planner/engine/draft.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "planner/engine/choose.h"
#include "planner/engine/diff.h"
#include "planner/engine/patterns.h"
#include "planner/engine/unwanted.h"
#include "planner/engine/wanted_graph.h"
#include "planner/model/refs.h"

namespace skep {

namespace {

class Drafting {
 public:
  Drafting(WantedGraph graph, const State& state, const Schemas& schemas);

  Result<void> force_replacements(std::span<const std::string> patterns);
  void decide_all();
  void leave_disturbed_nodes();
  Result<void> add_unwanted();
  void add_warnings();
  Draft result() &&;

 private:
  ResourceId current_id(std::size_t at) const;
  Resource view(std::size_t at, const Record* record) const;
  Item decide(std::size_t at);
  void decide_create(std::size_t at, Item& item, const Resource& wanted, const Schema& schema);
  void decide_present(std::size_t at, Item& item, const Resource& wanted, const Schema& schema);
  bool is_host_gone(std::size_t at, const Schema& schema) const;
  bool is_on_doomed_machine(std::size_t at) const;
  bool uses_what_goes(const Record& record) const;
  void replace(std::size_t at, std::string why, std::vector<FieldChange> fields);
  bool exists(const ResourceId& id) const { return state_.records.contains(id) || state_.unrecorded.contains(id); }
  Referent refer(const Json& reference) const;
  Candidate candidate(const ResourceId& id) const;
  bool is_disturbed(const ResourceId& id) const;

  WantedGraph graph_;
  const State& state_;
  const Schemas& schemas_;
  Lookup lookup_ = [this](const Json& reference) { return refer(reference); };
  std::map<ResourceId, const Intent*> open_ = {};
  std::vector<const Record*> newest_;    // of each position
  std::vector<int> oldest_;              // generation known of each position; 0: none
  std::vector<bool> is_forced_;          // by group: goes to the next generation in this plan
  std::vector<std::string> forced_why_;  // by group
  std::vector<std::size_t> decided_;     // by group: members decided in this pass
  std::map<std::size_t, std::pair<std::string, std::vector<FieldChange>>> causes_ = {};  // of replacements
  bool is_plain_ = true;                                                                 // every wanted generation is 1
  std::set<std::string> disturbed_ = {};  // nodes that are out of service for a while
  std::set<ResourceId> left_ = {};        // what choices stood for that is on such a node
  bool is_again_ = false;                 // a group was forced after some of it was decided
  std::vector<Item> items_;               // of the wanted, by position
  std::vector<Item> unwanted_ = {};
  std::set<std::string> warnings_ = {};
};

Drafting::Drafting(WantedGraph graph, const State& state, const Schemas& schemas)
    : graph_(std::move(graph)),
      state_(state),
      schemas_(schemas),
      newest_(graph_.resources.size(), nullptr),
      oldest_(graph_.resources.size(), 0),
      is_forced_(graph_.generation.size(), false),
      forced_why_(graph_.generation.size()),
      decided_(graph_.generation.size(), 0),
      items_(graph_.resources.size()) {
  const auto note = [&](const ResourceId& id, const std::string& node, const Record* record = nullptr) {
    if (const auto at = graph_.find(id); at) {
      if (record) newest_[*at] = record;  // generations come in rising order
      int& newest = graph_.generation[graph_.group[*at]];
      newest = std::max(newest, id.generation);
      oldest_[*at] = oldest_[*at] == 0 ? id.generation : std::min(oldest_[*at], id.generation);
    }
    if (const auto group = graph_.node_group.find(node); group != graph_.node_group.end())
      graph_.generation[group->second] = std::max(graph_.generation[group->second], id.generation);
  };
  for (const auto& [id, record] : state.records) note(id, record.resource.node, &record);
  for (const auto& [id, object] : state.unrecorded) note(id, "");
  for (const auto& intent : state.open) {
    note(intent.resource.id, intent.resource.node);
    open_[intent.resource.id] = &intent;
  }
  for (const auto& [id, record] : state.gone) {  // its name is not given to another one
    if (const auto at = graph_.find(id); at)
      graph_.generation[graph_.group[*at]] = std::max(graph_.generation[graph_.group[*at]], id.generation);
  }
  is_plain_ = std::ranges::all_of(graph_.generation, [](int generation) { return generation == 1; });
}

ResourceId Drafting::current_id(std::size_t at) const {
  ResourceId id = graph_.resources[at]->id;
  id.generation = graph_.generation_at(at);
  return id;
}

// The wanted resource with the generations that are wanted now, and its choices made.
Resource Drafting::view(std::size_t at, const Record* record) const {
  Resource resource = *graph_.resources[at];
  if (!is_plain_) {
    const auto rename = [&](const ResourceId& id) { return graph_.current(id); };
    resource.id = current_id(at);
    rename_references(resource.inputs, rename);
    for (auto* ids : {&resource.needs, &resource.vanishes_with})
      for (auto& id : *ids) id = rename(id);
  }
  if (holds_choice(resource.inputs)) {
    const std::vector<ResourceId> possible = referenced(resource.inputs);
    // What was found and is on no record was made by a run that ended too early: its choices stand as well.
    const auto found = state_.unrecorded.find(resource.id);
    const Attributes none;
    const Attributes& reported = record                             ? record->object.attributes
                                 : found != state_.unrecorded.end() ? found->second.attributes
                                                                    : none;
    make_choices(resource.inputs, record ? record->applied : none, reported,
                 [&](const ResourceId& id) { return candidate(id); });
    const std::vector<ResourceId> chosen = referenced(resource.inputs);
    std::erase_if(resource.needs, [&](const ResourceId& id) {
      return std::ranges::find(possible, id) != possible.end() && std::ranges::find(chosen, id) == chosen.end();
    });
  }
  return resource;
}

Candidate Drafting::candidate(const ResourceId& id) const {
  const auto at = graph_.find(id);
  if (!at) return {};
  const Item& item = items_[*at];
  return {.object = item.object,
          .stays = item.object != nullptr,
          .is_usable = item.object && json_string_or(item.object->attributes, "power") != "off" &&
                       !state_.unread.contains(item.id),
          .burden = !is_disturbed(item.id)    ? 0
                    : left_.contains(item.id) ? 2
                                              : 1};
}

bool Drafting::is_disturbed(const ResourceId& id) const {
  if (disturbed_.empty()) return false;
  const auto at = graph_.find(id);
  return at && disturbed_.contains(graph_.resources[*at]->node);
}

// Choices are made once more when it is known which nodes are out of service for a while: what can be elsewhere then is
// moved there before (a floating IP).
void Drafting::leave_disturbed_nodes() {
  for (const Item& item : items_)
    if (item.is_disruptive && item.action == Action::update && !item.node.empty()) disturbed_.insert(item.node);
  if (disturbed_.empty()) return;
  const auto place_of = [&](std::size_t at) -> std::optional<ResourceId> {
    const auto possible = referenced(graph_.resources[at]->inputs);
    for (const auto& id : view(at, items_[at].record).needs) {
      const bool is_choice = std::ranges::any_of(possible, [&](auto other) { return graph_.current(other) == id; });
      if (is_choice && is_disturbed(id)) return id;
    }
    return std::nullopt;
  };
  std::vector<std::size_t> touched;
  for (std::size_t at = 0; at < items_.size(); ++at) {
    const Resource& wanted = *graph_.resources[at];
    if (!wanted.node.empty() || !items_[at].record || !holds_choice(wanted.inputs)) continue;
    if (const auto place = place_of(at)) {
      left_.insert(*place);
      touched.push_back(at);
    }
  }
  for (const std::size_t at : touched) {
    items_[at] = decide(at);
    if (const auto place = place_of(at); place && left_.contains(*place))
      warnings_.insert(to_text(items_[at].id) + " stays on " + graph_.resources[*graph_.find(*place)]->node +
                       ", which is out of service for a while");
  }
}

Referent Drafting::refer(const Json& reference) const {
  const auto id = parse_resource_id(json_string_or(reference, "$ref"));
  const auto at = id ? graph_.find(*id) : std::nullopt;
  if (!at) return {};
  const Item& target = items_[*at];
  if (target.action == Action::create && !target.object) return {.kind = Referent::Kind::unknown};
  if (!target.object) return {};
  const std::string field = json_string_or(reference, "field");
  if (field == "remote_id") return {.kind = Referent::Kind::value, .value = target.object->remote_id};
  if (field.empty()) return {.kind = Referent::Kind::value, .value = target.object->attributes};
  const auto reported = target.object->attributes.find(field);
  if (reported == target.object->attributes.end()) return {};
  const bool is_changed = std::ranges::any_of(target.fields, [&](const FieldChange& change) {
    return change.field == field || change.field.starts_with(field + ".");
  });
  if (!is_changed) return {.kind = Referent::Kind::value, .value = *reported};
  const auto wanted = target.resource.inputs.find(field);
  const bool is_known = wanted != target.resource.inputs.end() && !wanted->is_structured();
  return is_known ? Referent{.kind = Referent::Kind::value, .value = *wanted}
                  : Referent{.kind = Referent::Kind::unknown};
}

Result<void> Drafting::force_replacements(std::span<const std::string> patterns) {
  if (patterns.empty()) return {};
  std::vector<Names> names;
  for (std::size_t at = 0; at < graph_.resources.size(); ++at) {
    const Resource& resource = *graph_.resources[at];
    names.push_back({.id = to_text(resource.id), .id_with_generation = to_text(current_id(at)), .node = resource.node});
  }
  TRY(check_patterns("-replace", patterns, names));
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (!any_matches(patterns, names[at]) || oldest_[at] == 0 || is_forced_[graph_.group[at]]) continue;
    replace(at, "asked for by -replace", {});
  }
  return {};
}

// The whole group of the resource goes to its next generation.
void Drafting::replace(std::size_t at, std::string why, std::vector<FieldChange> fields) {
  const std::size_t group = graph_.group[at];
  ++graph_.generation[group];
  is_plain_ = false;
  is_forced_[group] = true;
  const std::string& node = graph_.resources[at]->node;
  forced_why_[group] = (node.empty() ? to_text(graph_.resources[at]->id) : node) + " is replaced";
  causes_[at] = {std::move(why), std::move(fields)};
  if (decided_[group] > 0) is_again_ = true;
}

// One pass in the order of needs; another one whenever a node turned out to be replaced after parts of it, or what
// refers to them, were decided. Each pass forces at least one more group.
void Drafting::decide_all() {
  do {
    is_again_ = false;
    std::ranges::fill(decided_, 0);
    for (const std::size_t at : graph_.order) {
      items_[at] = decide(at);
      ++decided_[graph_.group[at]];
    }
  } while (is_again_);
}

Item Drafting::decide(std::size_t at) {
  Item item = {.id = current_id(at), .node = graph_.resources[at]->node};
  if (const Record* record = newest_[at]; record && record->resource.id.generation == item.id.generation) {
    item.record = record;
    item.object = &record->object;
  } else if (const auto object = state_.unrecorded.find(item.id); object != state_.unrecorded.end()) {
    item.object = &object->second;
  }
  if (const auto open = open_.find(item.id); open != open_.end()) item.intent = open->second;
  const Schema& schema = *schemas_.find(graph_.resources[at]->driver)->second;
  const bool is_as_written = is_plain_ && !holds_choice(graph_.resources[at]->inputs);
  Resource own = is_as_written ? Resource{} : view(at, item.record);
  const Resource& wanted = is_as_written ? *graph_.resources[at] : own;
  const std::size_t group = graph_.group[at];
  const bool was_forced = is_forced_[group];
  if (item.record && !is_host_gone(at, schema))
    decide_present(at, item, wanted, schema);
  else if (is_on_doomed_machine(at))
    return item;
  else
    decide_create(at, item, wanted, schema);
  if (is_forced_[group] && !was_forced) return decide(at);  // in its next generation, where nothing exists
  if (item.action != Action::none) item.resource = is_as_written ? wanted : std::move(own);
  return item;
}

void Drafting::decide_create(std::size_t at, Item& item, const Resource& wanted, const Schema& schema) {
  item.action = Action::create;
  item.is_replacement = oldest_[at] != 0 && oldest_[at] < item.id.generation;
  if (item.record) {
    item.why = "its machine is gone";
    item.object = nullptr;
  } else if (item.object) {
    Schema reported = schema;
    std::erase_if(reported.inputs, [&](const Field& field) { return !item.object->attributes.contains(field.name); });
    const Diff found = diff(wanted.inputs, wanted.inputs, item.object->attributes, reported, lookup_);
    if (found.replaces) return replace(at, "its " + found.cause + " cannot change in place", found.fields);
    item.fields = found.fields;
    item.refusals = found.refusals;
    item.why = "exists already, is adopted";
  } else if (item.intent) {
    item.why = "was begun before, is looked for first";
  } else if (const auto cause = causes_.find(at); cause != causes_.end()) {
    item.why = cause->second.first;
    item.fields = cause->second.second;
  } else if (state_.gone.contains(item.id)) {
    item.why = "is no longer there, is made again";
  } else if (item.is_replacement) {
    item.why = forced_why_[graph_.group[at]];
  }
}

void Drafting::decide_present(std::size_t at, Item& item, const Resource& wanted, const Schema& schema) {
  const Record& record = *item.record;
  if (record.resource.driver != wanted.driver)
    return replace(at, "its driver changes from " + record.resource.driver + " to " + wanted.driver, {});
  const bool is_unread = state_.unread.contains(item.id);
  if (is_unread && !uses_what_goes(record)) return;
  Diff found = diff(wanted.inputs, record.applied, record.object.attributes, schema, lookup_);
  item.holds_on = is_unread && found.replaces;  // nobody knows whether it still is what was recorded
  if (item.holds_on) return;
  if (found.replaces) return replace(at, "its " + found.cause + " cannot change in place", std::move(found.fields));
  item.fields = std::move(found.fields);
  item.refusals = std::move(found.refusals);
  item.next_time = std::move(found.next_time);
  item.is_disruptive = found.disrupts;
  if (found.updates || found.disrupts) {
    item.action = Action::update;
  } else if (item.intent) {
    item.action = Action::update;
    item.why = "its last change was begun and not finished";
    // It may have been made, and is then unmade.
    item.is_disruptive =
        diff(item.intent->resource.inputs, record.applied, record.object.attributes, schema, lookup_).disrupts;
  }
}

// What this plan destroys waits until nothing uses it any more, also if that cannot be read now.
bool Drafting::uses_what_goes(const Record& record) const {
  return std::ranges::any_of(record.resource.needs,
                             [&](const ResourceId& id) { return exists(id) && !graph_.is_wanted(id); });
}

// A thing on a host whose machine, or whose membership of the swarm, is made in this plan under the same name: what the
// record says was on the last one.
bool Drafting::is_host_gone(std::size_t at, const Schema& schema) const {
  const Resource& wanted = *graph_.resources[at];
  if (schema.listed || wanted.node.empty() || wanted.id.kind == machine_kind) return false;
  return std::ranges::any_of(std::initializer_list<const char*>{machine_kind, member_kind}, [&](const char* kind) {
    const auto host = graph_.find({.kind = kind, .name = wanted.node});
    if (!host || *host == at || items_[*host].action != Action::create || items_[*host].object) return false;
    return std::ranges::any_of(wanted.needs, [&](const ResourceId& need) { return graph_.find(need) == host; });
  });
}

// Its machine was being destroyed, and cannot be read now: nothing is made on it.
bool Drafting::is_on_doomed_machine(std::size_t at) const {
  const auto machine = graph_.find({.kind = machine_kind, .name = graph_.resources[at]->node});
  const Item* item = machine && *machine != at ? &items_[*machine] : nullptr;
  return item && item->intent && item->intent->action == StepAction::destroy && state_.unread.contains(item->id);
}

Result<void> Drafting::add_unwanted() {
  unwanted_ = TRY(unwanted_items(graph_, items_, state_, schemas_, warnings_));
  return {};
}

void Drafting::add_warnings() {
  std::set<std::string> told;  // one reason a node is enough
  for (const Item& item : items_) {
    for (const auto& change : item.next_time)
      warnings_.insert(to_text(item.id) + ": " + to_text(change) + " takes effect when it is replaced the next time");
    const auto unread = state_.unread.find(item.id);
    if (item.action != Action::none || !item.record || unread == state_.unread.end()) continue;
    const std::string whose = item.node.empty() ? to_text(item.id) : item.node;
    if (told.insert(whose).second)
      warnings_.insert(whose + " cannot be read: " + unread->second + "; taken as last recorded");
  }
}

Draft Drafting::result() && {
  Draft draft = {.items = std::move(items_)};
  std::ranges::move(unwanted_, std::back_inserter(draft.items));
  if (!std::ranges::is_sorted(draft.items, {}, &Item::id)) std::ranges::sort(draft.items, {}, &Item::id);
  draft.warnings.assign(warnings_.begin(), warnings_.end());
  return draft;
}

}  // namespace

std::unordered_map<ResourceId, std::size_t, IdHash> Draft::index() const {
  std::unordered_map<ResourceId, std::size_t, IdHash> positions;
  positions.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) positions.emplace(items[i].id, i);
  return positions;
}

Result<Draft> make_draft(std::span<const Resource> wanted, const State& state, const Schemas& schemas,
                         const PlanOptions& options) {
  for (const auto& resource : wanted) {
    if (!schemas.contains(resource.driver))
      return Error{
          .code = ErrorCode::internal,
          .message = to_text(resource.id) + " asks for the driver \"" + resource.driver + "\", which does not exist"};
  }
  Drafting drafting(TRY(wanted_graph(wanted)), state, schemas);
  TRY(drafting.force_replacements(options.replace));
  drafting.decide_all();
  drafting.leave_disturbed_nodes();
  TRY(drafting.add_unwanted());
  drafting.add_warnings();
  return std::move(drafting).result();
}

}  // namespace skep
