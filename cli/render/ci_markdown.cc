// The report in Markdown: what a merge request or a job's summary shows.
#include <fmt/format.h>

#include "cli/render/ci_report.h"
#include "cli/render/graph.h"
#include "cli/render/markup.h"
#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

constexpr std::size_t markdown_rows = 200;  // a note of GitLab's ends at a million characters
constexpr std::size_t mermaid_boxes = 80;   // more is no picture any more

std::string markdown_head(const CiReport& report, const PlanCounts& counts) {
  std::string text = "### skep " + report.operation + ": " + markdown_text(report.plan.cluster) + " · " +
                     report_outcome(report) + "\n\n";
  text += "**" + markdown_text(report.summary == nullptr ? plan_line(counts) : done_text(counts)) + "**";
  const std::string verdict = verdict_text(report.plan);
  if (!verdict.empty()) text += "  \n" + markdown_text(verdict);
  const std::string price = bill_text(report.header.bill);
  if (!price.empty()) text += " · " + markdown_text(price);
  text += "\n\n";
  if (counts.destroy > 0 && report.summary == nullptr) {
    text += "> :warning: **" + count_of(counts.destroy, "resource") + " will be destroyed.**\n\n";
  }
  for (const auto& warning : report.plan.warnings) text += "- :warning: " + markdown_text(warning) + "\n";
  return report.plan.warnings.empty() ? text : text + "\n";
}

std::string markdown_table(const CiReport& report, const std::vector<PlanRow>& rows) {
  if (rows.empty()) return "";
  std::string text = "| | kind | name | what |\n|---|---|---|---|\n";
  std::size_t shown = 0;
  for (const auto& row : rows) {
    if (shown++ == markdown_rows) break;
    const Row cells = plan_row_cells(row);
    const std::string& head = cells[0].text;
    const std::size_t blank = head.find(' ');
    text += fmt::format("| {} | {} | {} | {} |\n", markdown_code(head.substr(0, blank)),
                        markdown_code(row.change.id.kind), markdown_code(cells[1].text), markdown_code(cells[2].text));
  }
  if (rows.size() > markdown_rows) {
    text += fmt::format("\n{} more are left out here; the HTML page of `skep {} --gitlab` has them all.\n",
                        rows.size() - markdown_rows, report.operation);
  }
  return text + "\n";
}

std::string markdown_graph(const Plan& plan) {
  if (plan.empty()) return "";
  if (plan.steps.size() > mermaid_boxes) {
    return fmt::format("{} steps: too many for a picture here; see `skep graph --plan`.\n\n", plan.steps.size());
  }
  const std::string mermaid = replace_all(mermaid_text(plan_graph(plan)), "```", "'''");
  return "<details><summary>" + count_of(plan.steps.size(), "step") + " in order</summary>\n\n```mermaid\n" + mermaid +
         "```\n\n</details>\n\n";
}

std::string markdown_failures(const CiReport& report) {
  if (report.summary == nullptr) return "";
  std::string text;
  for (const auto& failure : report.summary->failures) {
    text += "- :x: " + markdown_code(to_text(failure.id)) + " " + markdown_text(failure.error.message);
    if (!failure.error.hint.empty()) text += "; hint: " + markdown_text(failure.error.hint);
    text += "\n";
  }
  if (!report.summary->skipped.empty())
    text += "- " + count_of(report.summary->skipped.size(), "step") + " not tried\n";
  return text.empty() ? "" : text + "\n";
}

}  // namespace

std::string markdown_report(const CiReport& report) {
  const auto rows = plan_rows(report.plan);
  std::string text = markdown_head(report, report_counts(report)) + markdown_failures(report) +
                     markdown_table(report, rows) + markdown_graph(report.plan);
  if (!report.plan.quorum.empty()) {
    text += "<details><summary>quorum kept at every step</summary>\n\n";
    for (const auto& line : report.plan.quorum) text += "- " + markdown_text(line) + "\n";
    text += "\n</details>\n\n";
  }
  std::string origin = report.header.place + " · " + report.header.state;
  text += "<sub>" + markdown_text(origin);
  if (!report.commit.empty()) text += " · commit " + markdown_code(report.commit.substr(0, 12));
  if (!report.plan.empty()) text += " · plan " + markdown_code(digest_of(report.plan).substr(0, 12));
  if (report.link.starts_with("https://")) text += " · [job](<" + xml_text(replace_all(report.link, ">", "")) + ">)";
  return text + "</sub>\n";
}

}  // namespace skep
