#include "cli/commands/simple_commands.h"

#include "cli/command_tree.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/styles.h"
#include "cli/version.h"
#include "planner/base/text.h"

namespace skep {

Result<int> schema_command(const Invocation&, Outside& outside) {
  outside.out << dump_json_pretty(spec_schema());
  return exit_done;
}

Result<int> version_command(const Invocation& invocation, Outside& outside) {
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty({{"format_version", "1.0"},
                                     {"type", "version"},
                                     {"skep_version", version_text},
                                     {"commit", commit_text},
                                     {"build", build_text}});
  } else {
    outside.out << "skep " << version_text << " (commit " << commit_text << "; " << build_text << ")\n";
  }
  return exit_done;
}

Result<int> help_command(const Invocation& invocation, Outside& outside) {
  const auto path = invocation.all("COMMAND");
  if (find_command(path) == nullptr) {
    outside.err << "error: there is no command 'skep " << join(path, " ") << "'\nhint: see: skep --help\n";
    return exit_usage;
  }
  outside.out << help_text(path, page_columns(outside));
  return exit_done;
}

}  // namespace skep
