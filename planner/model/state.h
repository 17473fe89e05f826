// What skep last made true, and what it began without learning the end. A value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/model/plan.h"
#include "planner/model/resource.h"

namespace skep {

struct Record {
  Resource resource;                          // as last applied, references unresolved
  Attributes applied = Attributes::object();  // its inputs as resolved then, secrets as digests
  Object object;                              // as last seen
  bool operator==(const Record&) const = default;
};

struct Intent {
  StepAction action = StepAction::create;
  Resource resource;
  bool operator==(const Intent&) const = default;
};

struct State {
  std::int64_t serial = 0;      // grows by one with every recorded change
  std::string lineage = {};     // random id made with the state; never changes
  std::string digest_key = {};  // random, for keyed digests of secrets
  std::map<ResourceId, Record> records = {};
  std::vector<Intent> open = {};  // begun, end unknown

  // Only in memory, filled by Store::load(): not 0 when this is an older copy of what was here before.
  std::int64_t newer_serial = 0;

  // Only in memory, filled by observe():
  std::map<ResourceId, std::string> unread = {};  // could not be looked at, and why; the record is as it was
  std::map<ResourceId, Object> unrecorded = {};   // exist with our owner label, but no record knows them
  std::map<ResourceId, Record> gone = {};         // were recorded, and are no longer there; not among `records`
};

}  // namespace skep
