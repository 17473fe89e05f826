// Rules across fields: what the table of keys cannot say. Each looks only at what was read without a problem.
// Private to planner/model.
#pragma once

#include "planner/model/spec.h"
#include "planner/model/spec_findings.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// All rules below.
void check_rules(const Tree& tree, const Spec& spec, Findings& findings);

/// Roles, counts, providers, names of nodes, the number of managers.
void check_pools(const Tree& tree, const Spec& spec, Findings& findings);

/// Floating IPs, load balancers, the firewall: what comes in from outside, and to which pool.
void check_traffic(const Tree& tree, const Spec& spec, Findings& findings);

/// Labels, and addresses and host keys of machines that exist already.
void check_nodes(const Spec& spec, Findings& findings);

/// Sizes, mount points and names of volumes.
void check_volumes(const Spec& spec, Findings& findings);

/// Address ranges: private, whole, apart from one another, large enough.
void check_ranges(const Spec& spec, Findings& findings);

/// daemon.json, the package repository, the SSH key, rollout, the state, notifications.
void check_settings(const Tree& tree, const Spec& spec, Findings& findings);

}  // namespace skep::model
