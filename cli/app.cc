#include "cli/app.h"

#include <filesystem>
#include <functional>
#include <map>

#include "cli/arguments.h"
#include "cli/commands/apply_command.h"
#include "cli/commands/backup_command.h"
#include "cli/commands/completion_command.h"
#include "cli/commands/docs_command.h"
#include "cli/commands/failover_command.h"
#include "cli/commands/graph_command.h"
#include "cli/commands/history_command.h"
#include "cli/commands/init_command.h"
#include "cli/commands/node_commands.h"
#include "cli/commands/output_command.h"
#include "cli/commands/plan_command.h"
#include "cli/commands/rebuild_command.h"
#include "cli/commands/recover_command.h"
#include "cli/commands/simple_commands.h"
#include "cli/commands/state_command.h"
#include "cli/commands/state_move.h"
#include "cli/commands/status_command.h"
#include "cli/commands/swarm_commands.h"
#include "cli/commands/validate_command.h"
#include "cli/commands/verify_command.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/redacted_streams.h"
#include "cli/render/paint.h"
#include "cli/render/progress_json.h"
#include "cli/styles.h"
#include "planner/base/text.h"

namespace skep {

namespace {

using CommandFunction = Result<int> (*)(const Invocation&, Outside&);

/// One line a command; the names are those of the command tree.
CommandFunction function_of(const std::string& name) {
  static const std::map<std::string, CommandFunction> functions = {
      {"init", init_command},
      {"validate", validate_command},
      {"plan", plan_command},
      {"apply", apply_command},
      {"destroy", destroy_command},
      {"status", status_command},
      {"ssh", ssh_on_node},
      {"run", run_on_nodes},
      {"output", output_command},
      {"graph", graph_command},
      {"state list", state_list_command},
      {"state show", state_show_command},
      {"state history", state_history_command},
      {"state pull", state_pull_command},
      {"state unlock", state_unlock_command},
      {"state push", state_push_command},
      {"state migrate", state_migrate_command},
      {"state rebuild", state_rebuild_command},
      {"failover", failover_command},
      {"swarm backup", swarm_backup_command},
      {"swarm unpack", swarm_unpack_command},
      {"swarm unlock", swarm_unlock_command},
      {"swarm unlock-key", swarm_unlock_key_command},
      {"swarm rotate", swarm_rotate_command},
      {"recover", recover_command},
      {"verify network", verify_network_command},
      {"schema", schema_command},
      {"completion", completion_command},
      {"version", version_command},
      {"help", help_command},
      {"docs", docs_command},
      {"package-files", package_files_command},
  };
  const auto found = functions.find(name);
  return found == functions.end() ? nullptr : found->second;
}

Result<void> go_to(const std::string& folder) {
  std::error_code failure;
  std::filesystem::current_path(folder, failure);
  if (failure) return Error{ErrorCode::invalid_input, "--chdir " + folder + ": " + failure.message()};
  return {};
}

Result<int> run_command_of(const Invocation& invocation, Outside& outside) {
  if (invocation.wants_help) {
    outside.out << help_text(invocation.path, page_columns(outside));
    return exit_done;
  }
  if (invocation.has("chdir")) TRY(go_to(invocation.text("chdir")));
  const CommandFunction function = function_of(join(invocation.path, " "));
  if (function == nullptr) {
    return Error{ErrorCode::invalid_input, "skep " + join(invocation.path, " ") + " is started by skep itself"};
  }
  return function(invocation, outside);
}

}  // namespace

int run_app(const std::vector<std::string>& words, Outside& outside) {
  const RedactedStreams redacted(outside);
  const auto invocation = parse_arguments(words);
  if (!invocation.ok()) {
    outside.err << error_text(invocation.error(), false);
    return exit_usage;
  }
  const auto code = run_command_of(invocation.value(), outside);
  outside.out.flush();
  if (code.ok()) return code.value();
  if (invocation.value().flag("json")) {
    const Json record = {{"format_version", "1.0"}, {"type", "error"}, {"error", error_json(code.error())}};
    outside.out << dump_json(record) << std::endl;
  }
  outside.err << error_text(code.error(), style_of_errors(invocation.value(), outside).color) << std::flush;
  return exit_code_of(code.error());
}

std::string error_text(const Error& error, bool color) {
  const Style style = {.color = color};
  std::string text = painted("error:", Color::red, style) + " " + replace_all(error.message, "\n", "\n  ") + "\n";
  if (!error.hint.empty()) {
    text += painted("hint:", Color::cyan, style) + " " + replace_all(error.hint, "\n", "\n  ") + "\n";
  }
  return text;
}

}  // namespace skep
