// Whether a tree has the keys, types and values that the table of keys allows. Private to planner/model.
#pragma once

#include <optional>
#include <string>

#include "planner/model/spec_findings.h"
#include "planner/model/spec_keys.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// Reports everything that the table forbids and marks those values as wrong, so that later rules skip them.
void check_shape(Tree& spec, Findings& findings);

/// The number that a scalar of YAML's type integer stands for; none when it does not fit.
std::optional<long> integer_of(const Tree& scalar);

/// "expected ..." of a key, in words: "one of manager, worker", "a whole number from 0 to 1000".
std::string expected(const Key& key);

}  // namespace skep::model
