// Progress for programs: one JSON record a line and an event.
#pragma once

#include <ostream>

#include "cli/render/progress.h"
#include "planner/base/json.h"
#include "planner/system/clock.h"

namespace skep {

/// {"format_version", "type", "timestamp", "id", "action", ...}; each line is flushed at once. Types: step_started,
/// step_said, step_finished, step_failed, step_stopped, step_skipped, stopping.
class ProgressJson final : public Progress {
 public:
  ProgressJson(std::ostream& out, const Clock& clock) : out_(out), clock_(clock) {}
  void on(const Event& event) override;

 private:
  std::ostream& out_;
  const Clock& clock_;
};

/// {"code", "message", "hint"}.
Json error_json(const Error& error);
std::string_view error_code_name(ErrorCode code);

}  // namespace skep
