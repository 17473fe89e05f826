#include "cli/commands/approval.h"

#include "cli/app.h"

namespace skep {

std::optional<std::string> approval_missing(const std::string& operation, bool is_approved,
                                            const Invocation& invocation, const Outside& outside) {
  if (is_approved) return std::nullopt;
  std::string why;
  if (invocation.flag("json")) why = "--json leaves no room for a question";
  if (!outside.terminal.input_is_terminal()) why = "there is no terminal to ask at";
  if (!invocation.flag("input", true)) why = "--input=false forbids to ask";
  if (why.empty()) return std::nullopt;
  std::string hint = "approve with: skep " + operation + " --auto-approve";
  if (operation == "apply") hint += ", or apply a saved plan: skep apply PLANFILE";
  return error_text({ErrorCode::invalid_input, operation + " needs approval, and " + why, hint}, false);
}

Result<bool> ask_for_approval(const std::string& operation, const std::string& cluster, Outside& outside) {
  const std::string question = operation == "destroy" ? "Do you really want to destroy all of " + cluster + "?"
                                                      : "Do you want to do this to " + cluster + "?";
  return ask_for_yes(question, outside);
}

Result<bool> ask_for_yes(const std::string& question, Outside& outside) {
  outside.out.flush();
  // Where the user sees it: on stderr, unless only stdout is the terminal.
  const bool is_err_hidden = outside.terminal.output_is_terminal() && !outside.terminal.errors_are_terminal();
  std::ostream& screen = is_err_hidden ? outside.out : outside.err;
  screen << "\n" << question << "\n  Only 'yes' will be accepted.\n\n  Enter a value: " << std::flush;
  auto answer = outside.terminal.read_line({.stop = outside.stop});
  screen << std::endl;
  if (!answer.ok()) return std::move(answer).error().doing("no answer, nothing was done");
  return answer.value() == "yes";
}

}  // namespace skep
