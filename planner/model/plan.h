// A plan: data, complete, printable, comparable, replayable. The executor does what it says and decides nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/model/resource.h"

namespace skep {

/// What happens to one resource, for people.
enum class Action { none, create, update, replace, destroy, forget, read };

struct FieldChange {
  std::string field;   // dotted: "labels.tier"
  std::string before;  // as people read it; empty: absent
  std::string after;   // "(known after apply)" for what is not known yet
  bool operator==(const FieldChange&) const = default;
};

struct Change {
  ResourceId id;
  std::string driver;
  std::string node = {};
  Action action = Action::none;
  std::vector<FieldChange> fields = {};
  std::string why = {};  // "its location cannot change in place", "adopted: it exists already"
  bool disruptive = false;
  bool operator==(const Change&) const = default;
};

/// forget: drop the record, touch nothing. prepare: what an update that disturbs a node needs is got beforehand; it
/// changes nothing that counts, so no journal knows of it.
enum class StepAction { create, update, destroy, forget, read, prepare };

using StepId = std::uint32_t;  // index into Plan::steps

struct Step {
  StepId id = 0;
  StepAction action = StepAction::create;
  Resource resource;                  // as wanted; for destroy and forget: as recorded
  std::optional<Object> object = {};  // what is known to exist
  std::vector<StepId> after = {};     // sorted
  bool operator==(const Step&) const = default;
};

/// What a plan was asked to do besides "as the spec says".
struct PlanChoices {
  bool destroy = false;
  bool refresh = true;
  bool allow_protected = false;
  bool allow_unschedulable = false;
  std::vector<std::string> only = {};
  std::vector<std::string> except = {};
  std::vector<std::string> replace = {};
  bool operator==(const PlanChoices&) const = default;
};

struct Plan {
  std::string cluster;
  std::string spec_digest;
  std::string commit = {};  // that the spec was of; only of plans that were saved
  PlanChoices choices = {};
  std::string lineage;  // of the state it was made from
  std::int64_t state_serial = 0;
  std::vector<Change> changes = {};  // by id; none and read are left out
  std::vector<Step> steps = {};
  std::map<std::string, std::uint32_t> pools = {};  // how many steps of a pool may run at once
  std::map<ResourceId, Object> known = {};          // objects that exist before the first step
  std::vector<std::string> warnings = {};           // one line each: risks, unreadable hosts, what takes effect later
  std::vector<std::string> quorum = {};  // the proof, one line a membership step: "3 managers up of 3, 2 needed"
  bool empty() const { return steps.empty(); }
  bool operator==(const Plan&) const = default;
};

}  // namespace skep
