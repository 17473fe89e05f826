// A State as JSON, both ways: for `skep state pull`, for copies and for comparing.
#pragma once

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "planner/model/state.h"

namespace skep {

/// The version of the form below; a reader refuses a greater one.
inline constexpr std::int64_t snapshot_version = 1;

/// {"version", "serial", "lineage", "digest_key", "records": [...], "open": [...]}, records by id. Secrets stand in it
/// as digests; what observe() adds to a State is left out.
Json snapshot_json(const State& state);

/// The State that a snapshot shows; the other way gives back an equal one. `what` names the text in errors.
/// Errors: invalid_input (no snapshot, damaged, or of a newer skep), naming the place.
Result<State> state_of_snapshot(const Json& snapshot, std::string_view what);

}  // namespace skep
