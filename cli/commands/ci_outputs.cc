#include "cli/commands/ci_outputs.h"

#include "cli/commands/merge_request_note.h"
#include "cli/commands/origin.h"
#include "cli/commands/redaction.h"

namespace skep {

namespace {

constexpr unsigned report_mode = 0644;  // for the runner to collect, who may be another user

std::string first_set(const Outside& outside, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = variable(outside, name); !value.empty()) return value;
  }
  return "";
}

}  // namespace

Result<CiOutputs> open_ci_outputs(const Invocation& invocation, Outside& outside) {
  const std::string folder = invocation.text("gitlab");
  if (!folder.empty()) TRY(outside.files.make_directories(folder).doing("make the folder of --gitlab"));
  return CiOutputs(invocation, outside);
}

Result<void> CiOutputs::publish_plan(const CiReport& report, const Json& record) { return write_all(report, record); }

void CiOutputs::publish_run(const CiReport& report, const Json& record) {
  const auto written = write_all(report, record);
  if (written.ok()) return;
  outside_.err << "warning: the reports are incomplete: " << written.error().message << "\nhint: the "
               << report.operation << " itself is over, with the outcome above\n"
               << std::flush;
}

Result<void> CiOutputs::write_all(CiReport report, const Json& record) {
  report.commit = first_set(outside_, {"CI_COMMIT_SHA", "GITHUB_SHA"});
  report.link = link_of_job(outside_);
  if (const std::string file = invocation_.text("json-into"); !file.empty()) TRY(write(file, dump_json_pretty(record)));
  const std::string markdown = markdown_report(report);
  if (const std::string folder = invocation_.text("gitlab"); !folder.empty()) {
    TRY(write(folder + "/tfplan.json", terraform_report(report)));
    TRY(write(folder + "/report.md", markdown));
    TRY(write(folder + "/index.html", html_report(report)));
    TRY(write(folder + "/junit.xml", junit_report(report)));
    TRY(write(folder + "/skep.env", dotenv_report(report)));
  }
  TRY(add_to_summary(markdown));
  if (invocation_.flag("gitlab-note")) keep_note(report.plan.cluster, markdown);
  return {};
}

Result<void> CiOutputs::write(const std::string& path, const std::string& text) {
  return outside_.files.write(path, without_secrets(text, outside_), report_mode);
}

/// GitHub shows what a step appends to this file.
Result<void> CiOutputs::add_to_summary(const std::string& markdown) {
  const std::string path = variable(outside_, "GITHUB_STEP_SUMMARY");
  if (path.empty()) return {};
  std::string before;
  if (outside_.files.exists(path)) before = TRY(outside_.files.read(path));
  return write(path, before + markdown);
}

void CiOutputs::keep_note(const std::string& cluster, const std::string& markdown) {
  const auto place = note_place(cluster, outside_);
  if (!place.ok()) {
    outside_.err << "warning: no note on the merge request: " << place.error().message << "\n";
    if (!place.error().hint.empty()) outside_.err << "hint: " << place.error().hint << "\n";
    return;
  }
  const Context context = {.deadline = outside_.clock.now() + std::chrono::minutes(1), .stop = outside_.stop};
  const auto kept = keep_merge_request_note(outside_.http, place.value(), without_secrets(markdown, outside_), context);
  if (!kept.ok()) {
    outside_.err << "warning: the note on the merge request is not up to date: " << kept.error().message << "\n";
    if (!kept.error().hint.empty()) outside_.err << "hint: " << kept.error().hint << "\n";
  }
}

}  // namespace skep
