#include "cli/render/plan_report.h"

#include "cli/render/plan_rows.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

Json rows_json(const std::vector<PlanRow>& rows) {
  Json list = Json::array();
  for (const auto& row : rows) {
    Json folded = Json::array();
    for (const auto& id : row.folded) folded.push_back(to_text(id));
    Json change = change_json(row.change);
    change["includes"] = std::move(folded);
    list.push_back(std::move(change));
  }
  return list;
}

Json steps_json(const Plan& plan) {
  Json list = Json::array();
  for (const auto& step : plan.steps) {
    list.push_back({{"id", step.id},
                    {"action", step_action_name(step.action)},
                    {"resource", to_text(step.resource.id)},
                    {"node", step.resource.node},
                    {"after", step.after}});
  }
  return list;
}

}  // namespace

Json plan_report(const Plan& plan, const PlanHeader& header) {
  const auto rows = plan_rows(plan);
  const auto counts = counts_of(rows);
  return {{"format_version", "1.0"},
          {"type", "plan"},
          {"cluster", plan.cluster},
          {"providers", header.place},
          {"state_serial", plan.state_serial},
          {"spec_digest", plan.spec_digest},
          {"plan_digest", digest_of(plan)},
          {"applyable", !plan.empty()},
          {"verdict", verdict_text(plan)},
          {"summary", {{"add", counts.add}, {"change", counts.change}, {"destroy", counts.destroy}}},
          {"changes", rows_json(rows)},
          {"warnings", plan.warnings},
          {"quorum", plan.quorum},
          {"price", bill_json(header.bill)},
          {"steps", steps_json(plan)}};
}

}  // namespace skep
