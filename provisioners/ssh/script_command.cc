#include "provisioners/ssh/script_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "provisioners/scripts/embedded.h"

namespace skep {

namespace {

constexpr std::string_view begin_mark = "#skep-begin\n";
constexpr std::string_view end_mark = "\n#skep-end";
constexpr int not_whole = 74;  // what our own shell exits with when the script has not arrived whole

// Both marks of the text are checked, because a connection that breaks looks like an end of input, and half a script
// must never run.
constexpr std::string_view bootstrap =
    "sh -c '"
    "IFS= read -r skep_n && skep_s=$(dd bs=\"$skep_n\" count=1 iflag=fullblock 2>/dev/null) || exit 74; "
    "case $skep_s in \"#skep-begin\"*\"#skep-end\") ;; *) exit 74;; esac; "
    "echo skep-script-begins; echo skep-script-begins >&2; "
    "eval \"$skep_s\"'";

bool is_shell_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && is_letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || is_digit(c); });
}

Result<std::string> text_of(const Script& script) {
  if (!script.text.empty()) return script.text;
  const std::optional<std::string_view> embedded = embedded_script(script.name);
  if (!embedded) return Error{ErrorCode::internal, fmt::format("no script is named \"{}\"", script.name)};
  // Our own scripts read what programs print, so these must speak one language.
  return "export LC_ALL=C\n" + std::string(*embedded);
}

std::string last_line(std::string_view text) {
  const std::vector<std::string> lines = split_lines(trim(text));
  return lines.empty() ? "" : std::string(trim(lines.back()));
}

}  // namespace

std::string shell_command(bool with_sudo) { return (with_sudo ? "exec sudo -n " : "exec ") + std::string(bootstrap); }

std::string_view start_mark() { return "skep-script-begins\n"; }

Result<ScriptCommand> script_command(const Script& script, bool with_sudo) {
  const std::string name = script.name.empty() ? "the command" : script.name;
  // Where programs for root lie, also when the login's PATH leaves them out.
  std::string text(begin_mark);
  text += "unset skep_n skep_s\nexport PATH=\"${PATH:-/usr/bin:/bin}\":/usr/local/sbin:/usr/sbin:/sbin\n";
  for (const auto& [argument, value] : script.arguments) {
    if (!is_shell_name(argument)) {
      return Error{ErrorCode::internal, fmt::format("{}: \"{}\" cannot be the name of an argument", name, argument)};
    }
    text += fmt::format("export {}='{}'\n", argument, replace_all(value, "'", R"('\'')"));
  }
  text += TRY(text_of(script));
  text += end_mark;
  if (text.find('\0') != std::string::npos) {
    return Error{ErrorCode::invalid_input, fmt::format("{}: a zero byte in the script or an argument", name),
                 "hand binary data in as input"};
  }

  ScriptCommand result{.name = name, .with_sudo = with_sudo};
  std::string input = fmt::format("{}\n{}", text.size(), text);
  result.script_bytes = input.size();
  input += script.input.reveal();
  result.input = Secret(std::move(input));
  return result;
}

std::optional<std::string_view> after_start_mark(std::string_view output) {
  const std::string_view mark = start_mark();
  for (std::size_t at = output.find(mark); at != std::string_view::npos; at = output.find(mark, at + 1)) {
    if (at == 0 || output[at - 1] == '\n') return output.substr(at + mark.size());
  }
  return std::nullopt;
}

Error never_began(const Exit& exit, bool with_sudo) {
  const std::string said = last_line(exit.err.empty() ? exit.out : exit.err);
  if (with_sudo && said.find("sudo") != std::string::npos) {
    return Error{ErrorCode::denied, fmt::format("this user may not become root without a password: {}", said),
                 "allow it on the host (USER ALL=(ALL) NOPASSWD: ALL in /etc/sudoers.d/skep), or log in as root"};
  }
  if (exit.code == not_whole && said.empty()) {
    return Error{ErrorCode::unavailable, "the script did not arrive whole, so it was not run"};
  }
  return Error{ErrorCode::denied,
               fmt::format("the host did not run the script (exit code {}): {}", exit.code,
                           said.empty() ? "it said nothing" : said),
               "log in with `skep ssh` and see what the login shell does; sh and dd must be there"};
}

}  // namespace skep
