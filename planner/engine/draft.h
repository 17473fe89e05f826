// What happens to each resource, and in which generation it is wanted; not yet in which order. Pure.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "planner/engine/make_plan.h"

namespace skep {

/// One resource with something to do, or one that stays as it is (Action::none, its `resource` then left empty).
struct Item {
  ResourceId id;
  Action action = Action::none;    // none, create, update, destroy
  Resource resource = {};          // as wanted, choices made; for destroy as recorded
  const Record* record = nullptr;  // of this id, in the state
  const Object* object = nullptr;  // what is known to exist
  const Intent* intent = nullptr;  // that was begun before, and of which nobody knows how it ended
  std::vector<FieldChange> fields = {};
  std::vector<FieldChange> next_time = {};  // shown only
  std::vector<std::string> refusals = {};   // what of it cannot become as wanted
  std::string why = {};
  std::string node = {};
  bool is_disruptive = false;
  bool is_replacement = false;  // create: an older generation goes. destroy: a newer one is wanted
  bool is_gone = false;         // destroy: it is no longer there, only its record is
  bool is_in_flight = false;    // destroy: the newer generation exists already, or was begun
  bool is_fenced = false;       // destroy: of a machine that must be off before
  bool is_emptied = false;      // destroy: of a node that leaves a swarm which goes on
  bool has_heirs = false;       // the same, and others take its tasks over: those that are left, or a newer generation
  bool holds_on = false;        // none: it would be replaced, but cannot be read now
  StepId step = 0;              // set by order(), which moves `resource` into the step
};

struct IdHash {
  std::size_t operator()(const ResourceId& id) const {
    const std::hash<std::string> hash;
    return (hash(id.kind) * 31 + hash(id.name)) * 31 + static_cast<std::size_t>(id.generation);
  }
};

struct Draft {
  std::vector<Item> items;  // by id
  std::vector<std::string> warnings = {};

  /// Positions of the items by id. Made anew with each call: O(number of items).
  std::unordered_map<ResourceId, std::size_t, IdHash> index() const;
};

/// Decides by the wanted generation (the newest one known, or the next if a field that replaces differs for one
/// resource of the node) and by diff(). The draft points into `state`. Linear but for sorting.
/// Errors: invalid_input (a pattern names nothing; the state needs a driver that does not exist), internal.
Result<Draft> make_draft(std::span<const Resource> wanted, const State& state, const Schemas& schemas,
                         const PlanOptions& options);

}  // namespace skep
