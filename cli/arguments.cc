#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "cli/command_tree.h"
#include "planner/base/text.h"

namespace skep {

namespace {

void collect_long_options(const CommandDoc& command, std::set<std::string>& names) {
  for (const auto& option : command.options) names.insert(option.name);
  for (const auto& child : command.commands) collect_long_options(child, names);
}

/// What Terraform and its kin call it, and what skep offers instead.
std::string habit_hint(const std::string& name) {
  static const std::map<std::string, std::string> habits = {
      {"target", "skep has --only WHAT for this"},
      {"exclude", "skep has --except WHAT for this"},
      {"var", "variables come from the environment: ${NAME} in the spec"},
      {"var-file", "variables come from the environment: ${NAME} in the spec; several -f files are merged"},
      {"refresh-only", "skep plan and skep status show drift"},
      {"lock", "skep never applies without its lock; wait for it with --lock-timeout, see also: skep state unlock"},
      {"state", "the state lies beside the spec, in .skep/"},
      {"backup", "the state is one database with a journal; skep state pull prints it"},
      {"yes", "skep has --auto-approve for this"},
      {"version", "skep version"},
  };
  const auto found = habits.find(name);
  return found == habits.end() ? "" : found->second;
}

std::string command_text(const std::vector<std::string>& path) {
  return path.empty() ? "skep" : "skep " + join(path, " ");
}

std::string help_hint(const std::vector<std::string>& path) { return "see: " + command_text(path) + " --help"; }

Error usage(std::string message, std::string hint) {
  return {ErrorCode::invalid_input, std::move(message), std::move(hint)};
}

/// One level of the tree as CLI11 knows it.
struct Level {
  const CommandDoc* command = nullptr;
  CLI::App* app = nullptr;
  std::vector<std::pair<const OptionDoc*, CLI::Option*>> options;
  std::vector<std::pair<const ArgumentDoc*, CLI::Option*>> arguments;
  std::vector<Level> children;
};

void add_options(Level& level, const std::vector<OptionDoc>& options) {
  for (const auto& option : options) {
    std::string names = "--" + option.name;
    if (option.letter != 0) names = std::string("-") + option.letter + "," + names;
    CLI::Option* added = option.value.empty() ? level.app->add_flag(names) : level.app->add_option(names);
    if (!option.value.empty()) added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    level.options.emplace_back(&option, added);
  }
}

Level build(const CommandDoc& command, CLI::App& app) {
  Level level = {&command, &app, {}, {}, {}};
  app.set_help_flag();
  app.allow_extras();
  app.require_subcommand(0, 1);
  add_options(level, command_tree().options);
  if (&command != &command_tree()) add_options(level, command.options);
  for (const auto& argument : command.arguments) {
    CLI::Option* added = app.add_option(argument.name);
    if (argument.repeated) {
      added->expected(1, 1 << 20)->allow_extra_args();
    } else {
      added->expected(1);
    }
    level.arguments.emplace_back(&argument, added);
  }
  for (const auto& child : command.commands) {
    level.children.push_back(build(child, *app.add_subcommand(child.name)));
  }
  return level;
}

Result<void> check_choice(const std::string& what, const std::string& value, const std::vector<std::string>& choices) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  const auto meant = closest(value, choices);
  return usage(what + ": '" + value + "' is none of " + join(choices, ", "),
               meant ? "did you mean '" + *meant + "'?" : "");
}

Result<void> take_options(const Level& level, Invocation& invocation) {
  for (const auto& [option, parsed] : level.options) {
    if (parsed->count() == 0) continue;
    for (std::string value : parsed->results()) {
      if (option->value.empty()) {
        if (value == "1") value = "true";
        if (value == "0") value = "false";
        if (value != "true" && value != "false") {
          return usage("--" + option->name + ": '" + value + "' is neither true nor false", help_hint(invocation.path));
        }
      }
      TRY(check_choice("--" + option->name, value, option->choices));
      invocation.options[option->name].push_back(value);
    }
  }
  return {};
}

Result<void> take_arguments(const Level& level, Invocation& invocation) {
  for (const auto& [argument, parsed] : level.arguments) {
    const auto values = parsed->count() == 0 ? std::vector<std::string>() : parsed->results();
    if (values.empty() && argument->required) {
      return usage(command_text(invocation.path) + ": " + argument->name + " is missing: " + argument->doc,
                   help_hint(invocation.path));
    }
    for (const auto& value : values) TRY(check_choice(argument->name, value, argument->choices));
    invocation.arguments[argument->name] = values;
  }
  return {};
}

Error unexpected(const std::string& word, const Level& level, const std::vector<std::string>& path) {
  const std::string where = command_text(path);
  if (word.size() > 1 && word[0] == '-') {
    const std::string name = word.substr(word.find_first_not_of('-'), word.find('=') - word.find_first_not_of('-'));
    if (const auto hint = habit_hint(name); !hint.empty()) return usage("unknown option '" + word + "'", hint);
    std::vector<std::string> names;
    for (const auto& [option, parsed] : level.options) names.push_back(option->name);
    const auto meant = closest(name, names);
    return usage("unknown option '" + word + "' of " + where,
                 meant ? "did you mean '--" + *meant + "'?" : help_hint(path));
  }
  if (!level.children.empty()) {
    std::vector<std::string> names;
    for (const auto& child : level.children) {
      if (!child.command->hidden) names.push_back(child.command->name);
    }
    const auto meant = closest(word, names);
    return usage("unknown command '" + word + "' of " + where,
                 meant ? "did you mean '" + *meant + "'?" : help_hint(path));
  }
  if (!level.command->tail.empty()) {
    return usage("unexpected '" + word + "'", "put the command behind --: " + where + " ... -- " + word);
  }
  return usage("unexpected argument '" + word + "' of " + where, help_hint(path));
}

Result<void> check_tail(const Level& level, const Invocation& invocation, bool has_tail) {
  if (level.command->tail.empty() && has_tail && !invocation.tail.empty()) {
    return usage(command_text(invocation.path) + " takes nothing behind --", help_hint(invocation.path));
  }
  return {};
}

Result<Invocation> understand(const Level& root, std::vector<std::string> tail, bool has_tail) {
  Invocation invocation;
  invocation.tail = std::move(tail);
  const Level* level = &root;
  std::vector<const Level*> levels = {level};
  while (true) {
    const auto next = std::find_if(level->children.begin(), level->children.end(),
                                   [](const Level& child) { return child.app->parsed(); });
    if (next == level->children.end()) break;
    level = &*next;
    levels.push_back(level);
    invocation.path.push_back(level->command->name);
  }
  for (const auto* at : levels) TRY(take_options(*at, invocation));
  if (invocation.flag("help")) {
    invocation.wants_help = true;
    return invocation;
  }
  for (const auto* at : levels) {
    const auto extras = at->app->remaining();
    if (!extras.empty()) return unexpected(extras.front(), *at, invocation.path);
  }
  TRY(check_tail(*level, invocation, has_tail));
  if (!level->children.empty()) {
    invocation.wants_help = level->command == &command_tree();
    if (!invocation.wants_help) {
      return usage(command_text(invocation.path) + ": which command of it?", help_hint(invocation.path));
    }
    return invocation;
  }
  TRY(take_arguments(*level, invocation));
  return invocation;
}

}  // namespace

std::vector<std::string> with_two_dashes(std::vector<std::string> words) {
  static const std::set<std::string> names = [] {
    std::set<std::string> all;
    collect_long_options(command_tree(), all);
    return all;
  }();
  for (auto& word : words) {
    if (word == "--") break;
    if (word.size() < 3 || word[0] != '-' || word[1] == '-') continue;
    if (names.contains(word.substr(1, word.find('=') - 1))) word.insert(0, "-");
  }
  return words;
}

Result<Invocation> parse_arguments(const std::vector<std::string>& words) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  std::vector<std::string> head = with_two_dashes({words.begin(), dashes});
  const bool has_tail = dashes != words.end();
  std::vector<std::string> tail(has_tail ? dashes + 1 : dashes, words.end());

  for (const auto* spelling : {"--version", "-version", "-v", "-V"}) {
    if (!head.empty() && head.front() == spelling) head.front() = "version";
  }

  CLI::App app;
  const Level root = build(command_tree(), app);
  std::reverse(head.begin(), head.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(head));
  } catch (const CLI::ParseError& error) {
    return usage(error.what(), "see: skep --help");
  }
  return understand(root, std::move(tail), has_tail);
}

}  // namespace skep
