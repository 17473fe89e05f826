// Reference pages in Markdown from the program's own tables: every key of the spec, every kind of resource. Pure.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/schema.h"

namespace skep {

/// docs/spec.md from the spec's JSON Schema.
std::string spec_markdown(const Json& schema);

/// docs/kinds.md: fields in and out of every kind, and what a change of each means.
std::string kinds_markdown(const std::vector<const Schema*>& schemas);

}  // namespace skep
