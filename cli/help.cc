#include "cli/help.h"

#include <cassert>

#include "cli/exit_code.h"
#include "cli/render/paint.h"
#include "planner/base/text.h"

namespace skep {

namespace {

std::string name_of(const std::vector<std::string>& path) { return path.empty() ? "skep" : "skep " + join(path, " "); }

std::string option_head(const OptionDoc& option) {
  std::string text = option.letter == 0 ? "    " : std::string("-") + option.letter + ", ";
  text += "--" + option.name;
  if (!option.value.empty()) text += " " + option.value;
  return text;
}

std::string options_text(const std::vector<OptionDoc>& options, const Style& page) {
  std::vector<Row> rows;
  for (const auto& option : options) {
    rows.push_back({{option_head(option)}, {with_choices(option.doc, option.choices)}});
  }
  return table_text(rows, page);
}

std::string examples_text(const CommandDoc& command, const Style& page) {
  std::vector<Row> rows;
  for (const auto& example : command.examples) {
    rows.push_back({{example.command}, {example.doc.empty() ? "" : "# " + example.doc}});
  }
  return table_text(rows, page);
}

std::string commands_text(const CommandDoc& command, const Style& page) {
  std::vector<Row> rows;
  for (const auto& child : command.commands) {
    if (!child.hidden) rows.push_back({{child.name}, {child.summary}});
  }
  return table_text(rows, page);
}

std::string exit_codes_text(const Style& page) {
  std::vector<Row> rows;
  for (const auto& [code, doc] : exit_code_docs()) rows.push_back({{std::to_string(code)}, {doc}});
  return table_text(rows, page);
}

std::string section(const std::string& title, const std::string& body) {
  return body.empty() ? "" : "\n" + title + ":\n" + body;
}

/// Every option's row of a Markdown table.
std::string options_markdown(const std::vector<OptionDoc>& options) {
  std::string text = "\n| option | |\n|---|---|\n";
  for (const auto& option : options) {
    std::string head(trim(option_head(option)));
    text += "| `" + head + "` | " + replace_all(with_choices(option.doc, option.choices), "|", "\\|") +
            (option.repeated ? "; may be repeated" : "") + " |\n";
  }
  return text;
}

void append_markdown(const CommandDoc& command, const std::vector<std::string>& path, std::string& text) {
  if (command.hidden) return;
  text += "\n## " + name_of(path) + "\n\n" + command.summary + ".\n";
  if (!command.description.empty()) text += "\n" + command.description + "\n";
  text += "\n```\n" + usage_of(command, path) + "\n```\n";
  for (const auto& argument : command.arguments) {
    text += "\n- `" + argument.name + "`: " + with_choices(argument.doc, argument.choices) + "\n";
  }
  if (!command.options.empty()) text += options_markdown(command.options);
  text += "\n```sh\n";
  for (const auto& example : command.examples) {
    text += example.command + (example.doc.empty() ? "" : "    # " + example.doc) + "\n";
  }
  text += "```\n";
  for (const auto& child : command.commands) {
    auto child_path = path;
    child_path.push_back(child.name);
    append_markdown(child, child_path, text);
  }
}

}  // namespace

std::string usage_of(const CommandDoc& command, const std::vector<std::string>& path) {
  std::string text = name_of(path);
  if (!command.commands.empty()) return text + " COMMAND [OPTIONS]";
  text += " [OPTIONS]";
  for (const auto& argument : command.arguments) {
    const std::string name = argument.name + (argument.repeated ? "..." : "");
    text += argument.required ? " " + name : " [" + name + "]";
  }
  if (!command.tail.empty()) {
    const bool is_optional = command.name == "ssh";
    text += is_optional ? " [-- " + command.tail + "...]" : " -- " + command.tail + "...";
  }
  return text;
}

std::string with_choices(const std::string& doc, const std::vector<std::string>& choices) {
  return choices.empty() ? doc : doc + ": " + join(choices, ", ");
}

const std::vector<std::pair<int, std::string>>& exit_code_docs() {
  static const std::vector<std::pair<int, std::string>> docs = {
      {exit_done, "done, or nothing to do"},
      {exit_error, "error"},
      {exit_changes, "there are changes (--detailed-exitcode)"},
      {exit_locked, "locked by somebody else"},
      {exit_refused, "refused by a safety rule"},
      {exit_stopped, "stopped early, by an interrupt or a deadline; the next run goes on"},
      {exit_usage, "wrong usage"}};
  return docs;
}

std::string help_text(const std::vector<std::string>& path, int columns) {
  const Style page = {.color = false, .columns = columns};
  const CommandDoc* command = find_command(path);
  assert(command != nullptr);
  const bool is_root = path.empty();
  std::string text = name_of(path) + ": " + command->summary + "\n\nUsage: " + usage_of(*command, path) + "\n";
  if (!command->description.empty()) {
    text += "\n";
    for (const auto& line : wrapped(command->description, static_cast<std::size_t>(columns - 2)))
      text += "  " + line + "\n";
  }
  text += section("Commands", commands_text(*command, page));
  std::vector<Row> arguments;
  for (const auto& argument : command->arguments) {
    arguments.push_back({{argument.name}, {with_choices(argument.doc, argument.choices)}});
  }
  text += section("Arguments", table_text(arguments, page));
  if (!is_root) text += section("Options", options_text(command->options, page));
  text += section("Options of every command", options_text(command_tree().options, page));
  text += section("Examples", examples_text(*command, page));
  if (is_root) text += section("Exit codes", exit_codes_text(page));
  if (!command->commands.empty()) text += "\nMore on a command: " + name_of(path) + " COMMAND --help\n";
  return text;
}

std::string commands_markdown() {
  const CommandDoc& root = command_tree();
  std::string text =
      "# Commands\n\nGenerated from the command tree by `skep docs docs`; do not edit.\n\n"
      "Long options may be written with one dash or two, and with `=` or a blank before their value, as Terraform's "
      "users do.\n\n## Options of every command\n" +
      options_markdown(root.options) + "\n## Exit codes\n\n| code | means |\n|---|---|\n";
  for (const auto& [code, doc] : exit_code_docs()) {
    text +=
        "| " + std::to_string(code) + " | " + replace_all(doc, "--detailed-exitcode", "`--detailed-exitcode`") + " |\n";
  }
  for (const auto& command : root.commands) append_markdown(command, {command.name}, text);
  return text;
}

}  // namespace skep
