// Where a pipeline wants to read of a plan or a run besides the terminal: files, a job's summary, a merge request.
#pragma once

#include <string>

#include "cli/invocation.h"
#include "cli/outside.h"
#include "cli/render/ci_report.h"
#include "planner/base/json.h"

namespace skep {

class CiOutputs {
 public:
  CiOutputs(const Invocation& invocation, Outside& outside) : invocation_(invocation), outside_(outside) {}

  /// Writes all that was asked for. The note may fail with a warning. Errors: those of Files.
  Result<void> publish_plan(const CiReport& report, const Json& record);

  /// The same at the end of a run. What cannot be written is a warning: the run is over, and its outcome counts.
  void publish_run(const CiReport& report, const Json& record);

 private:
  Result<void> write_all(CiReport report, const Json& record);
  Result<void> write(const std::string& path, const std::string& text);
  Result<void> add_to_summary(const std::string& markdown);
  void keep_note(const std::string& cluster, const std::string& markdown);

  const Invocation& invocation_;
  Outside& outside_;
};

/// Makes the folder, before anything else is done. Errors: those of Files.
Result<CiOutputs> open_ci_outputs(const Invocation& invocation, Outside& outside);

}  // namespace skep
