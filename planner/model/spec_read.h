// From a checked tree to the typed Spec. Private to planner/model.
#pragma once

#include "planner/base/json.h"
#include "planner/model/spec.h"
#include "planner/model/spec_findings.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// Everything in the tree that is not marked as wrong; defaults stand where something is. Fills neither Spec::places
/// nor Spec::digest.
Spec read_spec(const Tree& tree, Findings& findings);

/// Whether every pool was read with its role and its nodes: else counting nodes would blame the wrong thing.
bool are_pools_whole(const Tree& tree);

/// A part of the tree as JSON, scalars typed as YAML types them. Reports numbers that JSON does not know.
Json json_of(const Tree& tree, const std::string& path, Findings& findings);

/// SHA-256 over what the spec means, in canonical JSON. Where things stand and how skep logs in (ssh.key, a path on one
/// computer or a secret) are no part of the meaning.
std::string digest_of(const Spec& spec);

}  // namespace skep::model
