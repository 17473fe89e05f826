#include "cli/render/ci_report.h"

#include <fmt/format.h>

#include <map>

#include "cli/render/markup.h"
#include "cli/render/recap.h"
#include "planner/base/json.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

struct TestCases {
  std::string text;
  std::size_t count = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
};

void add_case(TestCases& cases, const std::string& name, double seconds, const std::string& inside) {
  ++cases.count;
  cases.text += fmt::format("    <testcase classname=\"skep\" name=\"{}\" time=\"{:.3f}\"", xml_text(name), seconds);
  cases.text += inside.empty() ? "/>\n" : ">" + inside + "</testcase>\n";
}

TestCases planned_cases(const CiReport& report) {
  TestCases cases;
  for (const auto& row : plan_rows(report.plan)) {
    add_case(cases, std::string(action_name(row.change.action)) + " " + to_text(row.change.id), 0, "");
  }
  if (cases.count == 0) add_case(cases, "nothing to do", 0, "");
  return cases;
}

TestCases run_cases(const Plan& plan, const Summary& summary) {
  std::map<StepId, const Failure*> failures;
  for (const auto& failure : summary.failures) failures[failure.step] = &failure;
  std::map<StepId, Duration> elapsed;
  for (const auto& timing : summary.timings) elapsed[timing.step] = timing.elapsed;
  TestCases cases;
  for (const auto& step : plan.steps) {
    const auto failure = failures.find(step.id);
    const auto timing = elapsed.find(step.id);
    std::string inside;
    if (failure != failures.end()) {
      ++cases.failed;
      const Error& error = failure->second->error;
      inside = "<failure message=\"" + xml_text(error.message) + "\">" + xml_text(error.hint) + "</failure>";
    } else if (timing == elapsed.end()) {
      ++cases.skipped;
      inside = "<skipped message=\"not tried\"/>";
    }
    const double seconds = timing == elapsed.end() ? 0 : static_cast<double>(timing->second.count()) / 1000;
    add_case(cases, std::string(step_action_name(step.action)) + " " + to_text(step.resource.id), seconds, inside);
  }
  return cases;
}

}  // namespace

std::string report_outcome(const CiReport& report) {
  if (report.plan.empty()) return "nothing to do";
  if (report.summary == nullptr) return "planned";
  if (report.summary->stopped) return "stopped";
  return report.summary->failures.empty() && report.summary->skipped.empty() ? "done" : "failed";
}

PlanCounts report_counts(const CiReport& report) {
  const auto rows = plan_rows(report.plan);
  return report.summary == nullptr ? counts_of(rows) : counts_done(rows, not_done_of(*report.summary));
}

std::string terraform_report(const CiReport& report) {
  const auto counts = counts_of(plan_rows(report.plan));
  return dump_json({{"create", counts.add}, {"update", counts.change}, {"delete", counts.destroy}}) + "\n";
}

std::string junit_report(const CiReport& report) {
  const TestCases cases = report.summary == nullptr ? planned_cases(report) : run_cases(report.plan, *report.summary);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite name=\"skep {} {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n{}"
      "  </testsuite>\n</testsuites>\n",
      report.operation, xml_text(report.plan.cluster), cases.count, cases.failed, cases.skipped, cases.text);
}

std::string dotenv_report(const CiReport& report) {
  const auto counts = report_counts(report);
  return fmt::format(
      "SKEP_CLUSTER={}\nSKEP_OUTCOME={}\nSKEP_HAS_CHANGES={}\nSKEP_ADD={}\nSKEP_CHANGE={}\nSKEP_DESTROY={}\n",
      report.plan.cluster, report_outcome(report), !report.plan.empty(), counts.add, counts.change, counts.destroy);
}

}  // namespace skep
