#include "cli/commands/log_section.h"

#include <chrono>

namespace skep {

LogSection::LogSection(std::string name, const std::string& title, std::ostream& log, const Invocation& invocation,
                       const Outside& outside)
    : name_(std::move(name)),
      log_(log),
      clock_(outside.clock),
      is_on_(variable(outside, "GITLAB_CI") == "true" && !invocation.flag("json")) {
  mark("section_start", title);
}

LogSection::~LogSection() { mark("section_end", ""); }

// The form is GitLab's: https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
void LogSection::mark(const std::string& kind, const std::string& title) {
  if (!is_on_) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
  log_ << "\033[0K" << kind << ":" << seconds << ":" << name_ << "\r\033[0K" << title << "\n" << std::flush;
}

}  // namespace skep
