// A plan for people: verdict first, risk next, one row a resource, last line as Terraform prints it.
#pragma once

#include <string>

#include "cli/render/bill.h"
#include "cli/render/paint.h"
#include "cli/render/plan_rows.h"
#include "planner/model/plan.h"

namespace skep {

/// The line above a plan: which cluster, where, and how old the state is that it was made from.
struct PlanHeader {
  std::string cluster;
  std::string place;  // "local", "existing, local"
  std::string state;  // "state 14, written 3 min ago by anna on build-7", "no state yet"
  Bill bill = {};
};

std::string plan_text(const Plan& plan, const PlanHeader& header, const Style& style);

/// "~ engine", "worker-1", "version 27 → 28, drained first": one row of a plan as cells of a table.
Row plan_row_cells(const PlanRow& row);

/// The second line: "3 nodes to add, 1 to replace · quorum kept at every step". Empty for an empty plan.
std::string verdict_text(const Plan& plan);

}  // namespace skep
