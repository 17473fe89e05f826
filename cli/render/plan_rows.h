// What a plan shows: one row a resource, with all that belongs to a node which comes or goes folded into its machine's
// row. The counts of "Plan: ..." and "Apply complete! ..." are counts of these rows.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "planner/model/plan.h"

namespace skep {

struct PlanRow {
  Change change;
  std::vector<ResourceId> folded = {};  // further changes that this row stands for, by id
  Json inputs = {};                     // what is wanted of it, references unresolved; null: it goes
};

/// In the order they are shown: created, replaced, updated, destroyed; by kind and name within each. What vanishes with
/// its machines (Action::forget) is destroyed for people, and shown and counted as such.
std::vector<PlanRow> plan_rows(const Plan& plan);

struct PlanCounts {
  std::size_t add = 0;  // a replacement counts here and under destroy, as Terraform counts it
  std::size_t change = 0;
  std::size_t destroy = 0;
};

PlanCounts counts_of(const std::vector<PlanRow>& rows);

/// Only the rows with none of `not_done` in them.
PlanCounts counts_done(const std::vector<PlanRow>& rows, const std::set<ResourceId>& not_done);

/// "Plan: 2 to add, 2 to change, 1 to destroy." as Terraform prints it; "No changes. ..." when all are zero.
std::string plan_line(const PlanCounts& counts);

/// "Apply complete! Resources: 3 added, 0 changed, 0 destroyed."; "Destroy complete! ..." for `operation` "destroy".
std::string complete_line(const PlanCounts& counts, const std::string& operation);

/// "3 added, 0 changed, 0 destroyed", for history and incomplete runs.
std::string done_text(const PlanCounts& counts);

}  // namespace skep
