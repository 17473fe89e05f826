// From documents to one tree: each parsed, `<<` merged in, x- keys taken out, variables replaced, then all of them laid
// over one another. Private to planner/model.
#pragma once

#include <optional>

#include "planner/model/spec_findings.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// The merged spec, always a map. Nothing when a file cannot be read as YAML,
/// or is empty: then the keys of the others say little, and only the files' own problems are found.
std::optional<Tree> merged_tree(const Sources& sources, const Environment& environment, Findings& findings);

}  // namespace skep::model
