// What differs between a resource as wanted and as it exists, field by field, and what follows from it. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "planner/model/plan.h"
#include "planner/model/schema.h"
#include "planner/model/state.h"

namespace skep {

/// What a $ref stands for while planning.
struct Referent {
  enum class Kind {
    value,    // what exists and stays as it is
    unknown,  // created or replaced in this plan: counts as changed
    any,      // cannot be told: counts as unchanged
  };
  Kind kind = Kind::any;
  Json value = nullptr;
};
using Lookup = std::function<Referent(const Json& reference)>;

struct Diff {
  std::vector<FieldChange> fields = {};     // that update, disrupt or replace
  std::vector<FieldChange> next_time = {};  // shown only
  bool updates = false;
  bool disrupts = false;
  bool replaces = false;
  std::string cause = {};                  // the first field that replaces
  std::vector<std::string> refusals = {};  // what cannot become as wanted: "its size can only grow: 2.0 GB → 1.0 GB"
};

/// Compares every input of the schema, in the order of the schema, with the field the object reports under the same
/// name, else with what was applied last. Secrets are compared by digest. A field that is wanted no longer differs only
/// if it was applied. Both sides may be large; what is equal is not copied.
Diff diff(const Attributes& wanted, const Attributes& applied, const Attributes& reported, const Schema& schema,
          const Lookup& lookup);

/// "size 1.0 GB → 2.0 GB"; "none" for what is absent.
std::string to_text(const FieldChange& change);

/// A value for people: text as it is, secrets hidden, everything else as JSON on one line; empty for null.
std::string value_text(const Json& value);
/// The value of a field; sizes as people write them: "2.0 GB" for `size_bytes` 2000000000.
std::string value_text(std::string_view field, const Json& value);

}  // namespace skep
