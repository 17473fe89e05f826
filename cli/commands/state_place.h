// Where the state of a cluster is kept: beside its spec, or in a place that a team shares.
#pragma once

#include "cli/outside.h"
#include "planner/base/result.h"
#include "planner/model/spec.h"

namespace skep {

/// By the spec's `state`, or SKEP_STATE_BACKEND; `file` is where a local one lies. The http backend is described by
/// Terraform's TF_HTTP_* variables (postgres by PG_CONN_STR and PG*, s3 by AWS_*); without an address, in a GitLab job,
/// it is the project's managed state of the cluster's name, with the job's token. Errors: invalid_input (no such
/// backend, no address, a number that is none), those of state_keys().
Result<StatePlace> state_place(const Spec& spec, const std::string& file, const Outside& outside);

/// The same with this backend, whatever the environment says; spec.state.address is its address.
Result<StatePlace> state_place_at(const std::string& backend, const Spec& spec, const std::string& file,
                                  const Outside& outside);

/// As people know it, and as the spec says it: "s3, s3://bucket/team/demo.json at https://...". Holds no secret.
std::string place_name(const StatePlace& place, const Outside& outside);

}  // namespace skep
