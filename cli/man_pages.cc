#include "cli/man_pages.h"

#include "cli/help.h"
#include "cli/version.h"
#include "planner/base/text.h"

namespace skep {

namespace {

std::string man_name(const std::vector<std::string>& path) { return path.empty() ? "skep" : "skep-" + join(path, "-"); }

/// A term and its indented meaning.
std::string man_entry(const std::string& term, const std::string& meaning) {
  return ".TP\n.B " + roff_text(term) + "\n" + roff_text(meaning) + "\n";
}

std::string man_options(const std::string& title, const std::vector<OptionDoc>& options) {
  if (options.empty()) return "";
  std::string text = ".SH " + title + "\n";
  for (const auto& option : options) {
    std::string head = option.letter == 0 ? "" : std::string("-") + option.letter + ", ";
    head += "--" + option.name + (option.value.empty() ? "" : " " + option.value);
    text += man_entry(head, with_choices(option.doc, option.choices) + (option.repeated ? "; may be repeated" : ""));
  }
  return text;
}

std::string man_commands(const CommandDoc& command) {
  std::string text;
  for (const auto& child : command.commands) {
    if (!child.hidden) text += man_entry(child.name, child.summary);
  }
  return text.empty() ? "" : ".SH COMMANDS\n" + text;
}

std::string man_examples(const CommandDoc& command) {
  if (command.examples.empty()) return "";
  std::string text = ".SH EXAMPLES\n";
  for (const auto& example : command.examples) {
    text +=
        ".TP\n.B " + roff_text(example.command) + "\n" + (example.doc.empty() ? "\\&" : roff_text(example.doc)) + "\n";
  }
  return text;
}

std::string man_see_also(const CommandDoc& command, const std::vector<std::string>& path) {
  std::vector<std::string> others;
  if (!path.empty()) others.emplace_back("skep");
  for (const auto& child : command.commands) {
    auto child_path = path;
    child_path.push_back(child.name);
    if (!child.hidden) others.push_back(man_name(child_path));
  }
  std::string text = ".SH SEE ALSO\n";
  for (std::size_t i = 0; i < others.size(); ++i) {
    text += ".BR " + roff_text(others[i]) + " (1)" + (i + 1 < others.size() ? "," : "") + "\n";
  }
  return text;
}

std::string man_page(const CommandDoc& command, const std::vector<std::string>& path) {
  const std::string name = man_name(path);
  std::string text = ".TH \"" + roff_text(replace_all(name, "\"", "")) + "\" \"1\" \"" + date_text + "\" \"skep " +
                     version_text + "\" \"skep\"\n.SH NAME\n" + roff_text(name) + " \\- " + roff_text(command.summary) +
                     "\n.SH SYNOPSIS\n.B " + roff_text(usage_of(command, path)) + "\n";
  if (!command.description.empty()) text += ".SH DESCRIPTION\n" + roff_text(command.description) + "\n";
  text += man_commands(command);
  if (!command.arguments.empty()) text += ".SH ARGUMENTS\n";
  for (const auto& argument : command.arguments) {
    text += man_entry(argument.name, with_choices(argument.doc, argument.choices));
  }
  if (!path.empty()) text += man_options("OPTIONS", command.options);
  text += man_options("OPTIONS OF EVERY COMMAND", command_tree().options);
  text += ".SH EXIT STATUS\n";
  for (const auto& [code, doc] : exit_code_docs()) text += man_entry(std::to_string(code), doc);
  return text + man_examples(command) + man_see_also(command, path);
}

void add_pages(const CommandDoc& command, const std::vector<std::string>& path,
               std::map<std::string, std::string>& pages) {
  if (command.hidden) return;
  pages[man_name(path) + ".1"] = man_page(command, path);
  for (const auto& child : command.commands) {
    auto child_path = path;
    child_path.push_back(child.name);
    add_pages(child, child_path, pages);
  }
}

}  // namespace

std::map<std::string, std::string> man_pages() {
  std::map<std::string, std::string> pages;
  add_pages(command_tree(), {}, pages);
  return pages;
}

std::string roff_text(const std::string& line) {
  std::string safe;
  for (const char c : line) {
    if (c == '\\') {
      safe += "\\(rs";
    } else if (c == '-') {
      safe += "\\-";
    } else if (c == '\'') {
      safe += "\\(aq";
    } else if (c == '"') {
      safe += "\\(dq";
    } else if (c == '\n') {
      safe += ' ';
    } else {
      safe += c;
    }
  }
  return safe.starts_with('.') ? "\\&" + safe : safe;
}

}  // namespace skep
