#include "planner/engine/unwanted.h"

#include <map>
#include <utility>

#include "planner/engine/last_known.h"

namespace skep {

namespace {

class Finding {
 public:
  Finding(const WantedGraph& graph, std::span<const Item> items, const State& state, const Schemas& schemas,
          std::set<std::string>& warnings)
      : graph_(graph), items_(items), state_(state), schemas_(schemas), warnings_(warnings) {
    for (const auto& intent : state.open) open_[intent.resource.id] = &intent;
  }

  Result<std::vector<Item>> all();

 private:
  bool exists(const ResourceId& id) const { return state_.records.contains(id) || state_.unrecorded.contains(id); }
  Result<Item> unwanted(const Resource& resource, const Record* record, const Object* object) const;

  const WantedGraph& graph_;
  std::span<const Item> items_;
  const State& state_;
  const Schemas& schemas_;
  std::set<std::string>& warnings_;
  std::map<ResourceId, const Intent*> open_ = {};
  std::vector<Item> found_ = {};
};

Result<Item> Finding::unwanted(const Resource& resource, const Record* record, const Object* object) const {
  Item item = {.id = resource.id,
               .action = Action::destroy,
               .resource = resource,
               .record = record,
               .object = object,
               .node = resource.node};
  if (const auto open = open_.find(item.id); open != open_.end()) item.intent = open->second;
  if (record) use_last_known(item.resource.inputs, record->applied, [&](const ResourceId& id) { return exists(id); });
  if (item.resource.driver.empty()) {  // found by its label alone: the one driver of this kind made it
    for (const auto& [name, schema] : schemas_)
      if (name.ends_with("." + item.id.kind)) item.resource.driver = name;
  }
  if (!schemas_.contains(item.resource.driver)) {
    return Error{.code = ErrorCode::invalid_input,
                 .message = to_text(item.id) + " was made by the driver \"" + item.resource.driver +
                            "\", which this skep does not have",
                 .hint = "use the skep, or the plugin, that made it"};
  }
  if (const auto at = graph_.find(item.id); at) {
    const Item& newer = items_[*at];
    item.is_replacement = true;
    item.is_in_flight = newer.action != Action::create || newer.object || open_.contains(newer.id);
    item.why = "replaced by " + to_text(newer.id);
  } else if (open_.contains(item.id)) {
    item.why = "was begun and is wanted no longer";
  } else if (!record) {
    item.why = "carries our label, and nothing wants it";
  }
  return item;
}

Result<std::vector<Item>> Finding::all() {
  std::set<ResourceId> seen;
  const std::set<ResourceId> kept = kept_by_unread(items_, state_);
  for (const auto& [id, record] : state_.records) {
    if (graph_.is_wanted(id)) continue;
    if (kept.contains(id))
      warnings_.insert(to_text(id) + " stays for now: what uses it cannot be read");
    else
      found_.push_back(TRY(unwanted(record.resource, &record, &record.object)));
    seen.insert(id);
  }
  for (const auto& [id, record] : state_.gone) {
    if (graph_.is_wanted(id) || !seen.insert(id).second) continue;
    Item item = TRY(unwanted(record.resource, nullptr, nullptr));
    item.is_gone = true;
    item.is_replacement = item.is_in_flight = false;
    item.why = "is no longer there";
    found_.push_back(std::move(item));
  }
  const auto object_of = [&](const ResourceId& id) {
    const auto found = state_.unrecorded.find(id);
    return found == state_.unrecorded.end() ? nullptr : &found->second;
  };
  for (const auto& [id, intent] : open_) {
    if (graph_.is_wanted(id) || !seen.insert(id).second) continue;
    found_.push_back(TRY(unwanted(intent->resource, nullptr, object_of(id))));
  }
  for (const auto& [id, object] : state_.unrecorded) {
    if (graph_.is_wanted(id) || !seen.insert(id).second) continue;
    found_.push_back(TRY(unwanted({.id = id}, nullptr, &object)));
  }
  return std::move(found_);
}

}  // namespace

Result<std::vector<Item>> unwanted_items(const WantedGraph& graph, std::span<const Item> items, const State& state,
                                         const Schemas& schemas, std::set<std::string>& warnings) {
  return Finding(graph, items, state, schemas, warnings).all();
}

}  // namespace skep
