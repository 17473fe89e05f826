// ${VAR} in texts of the spec, as Compose files have it; but a variable that is not set and has no default is an error.
// Private to planner/model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/model/load_spec.h"

namespace skep::model {

struct VariableError {
  std::string name;     // the variable; empty when the text itself is malformed
  std::string message;  // "variable 'TOKEN' is not set"
  std::string hint;
};

struct Substituted {
  std::string text;
  bool has_variable = false;  // something came from the environment or from a default
  std::vector<VariableError> errors = {};
};

/// Replaces $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:+other}, ${NAME+other}, ${NAME:?message},
/// ${NAME?message} and $$ (a dollar sign). With a colon an empty variable counts as one that is not set. Defaults may
/// hold variables; values may not. The result is at most 1 MiB long.
Substituted substitute(std::string_view text, const Environment& environment);

}  // namespace skep::model
