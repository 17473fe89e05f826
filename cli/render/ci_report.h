// A plan or the end of a run in the forms that pipelines show: GitLab's report of Terraform, JUnit, dotenv, Markdown
// and one HTML page. Pure; whatever comes from outside is escaped for the form it stands in.
#pragma once

#include <string>

#include "cli/render/plan_text.h"
#include "planner/engine/executor.h"
#include "planner/model/plan.h"

namespace skep {

/// What all forms are made from.
struct CiReport {
  std::string operation;  // "plan", "apply", "destroy"
  const Plan& plan;
  const PlanHeader& header;
  const Summary* summary = nullptr;  // of the run; none: it is only planned
  std::string commit = {};           // may be empty, as may the link
  std::string link = {};             // the job or pipeline, https
};

/// "planned", "nothing to do", "done", "failed", "stopped".
std::string report_outcome(const CiReport& report);

/// What is planned; after a run, what of it was done.
PlanCounts report_counts(const CiReport& report);

/// {"create", "update", "delete"}: GitLab's artifacts:reports:terraform. Counts what is planned.
std::string terraform_report(const CiReport& report);

/// A test case for each row of a plan, or each step of a run with its time.
std::string junit_report(const CiReport& report);

/// SKEP_CLUSTER, SKEP_OUTCOME, SKEP_HAS_CHANGES, SKEP_ADD, SKEP_CHANGE, SKEP_DESTROY: artifacts:reports:dotenv.
std::string dotenv_report(const CiReport& report);

/// For merge requests and job summaries, with a Mermaid graph of the steps; a very long plan is cut, and says so.
std::string markdown_report(const CiReport& report);

/// One page without scripts, that asks no other address for anything.
std::string html_report(const CiReport& report);

}  // namespace skep
