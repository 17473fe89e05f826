// From texts to a checked Spec: variables, merging, parsing, rules. Pure: texts in, values out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep {

struct Document {
  std::string name;  // how the user named the file; for messages
  std::string text;
};

using Environment = std::map<std::string, std::string>;

struct Checked {
  std::optional<Spec> spec;       // absent when a problem is an error
  std::vector<Problem> problems;  // in the order of the files; warnings too
};

/// Merges the documents as Compose does (maps deeply, lists replaced, null removes), substitutes ${VAR} forms in
/// scalars, checks everything that can be known offline, all of it in one go.
Checked load_spec(std::span<const Document> files, const Environment& environment);

/// JSON Schema (draft 2020-12) of the spec, from the tables that load_spec() checks with.
Json spec_schema();

}  // namespace skep
