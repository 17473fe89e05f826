#include "cli/invocation.h"

#include <cassert>
#include <charconv>

#include "cli/command_tree.h"
#include "planner/base/text.h"

namespace skep {

namespace {

[[maybe_unused]] bool is_declared(const std::vector<std::string>& path, const std::string& option) {
  for (const auto* command : {&command_tree(), find_command(path)}) {
    if (command == nullptr) continue;
    for (const auto& declared : command->options) {
      if (declared.name == option) return true;
    }
  }
  return false;
}

}  // namespace

const std::vector<std::string>* Invocation::find(const std::string& option) const {
  assert(is_declared(path, option));
  const auto found = options.find(option);
  return found == options.end() || found->second.empty() ? nullptr : &found->second;
}

bool Invocation::has(const std::string& option) const { return find(option) != nullptr; }

bool Invocation::flag(const std::string& option, bool unless_given) const {
  const auto* values = find(option);
  return values == nullptr ? unless_given : values->back() == "true";
}

std::string Invocation::text(const std::string& option, const std::string& unless_given) const {
  const auto* values = find(option);
  return values == nullptr ? unless_given : values->back();
}

std::vector<std::string> Invocation::texts(const std::string& option) const {
  const auto* values = find(option);
  return values == nullptr ? std::vector<std::string>() : *values;
}

std::string Invocation::argument(const std::string& name) const {
  const auto found = arguments.find(name);
  return found == arguments.end() || found->second.empty() ? "" : found->second.front();
}

std::vector<std::string> Invocation::all(const std::string& name) const {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::vector<std::string>() : found->second;
}

Result<int> Invocation::number(const std::string& option, int least, int most, int unless_given) const {
  const auto* values = find(option);
  if (values == nullptr) return unless_given;
  const std::string& text = values->back();
  int number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return Error{ErrorCode::invalid_input, "--" + option + ": '" + text + "' is no number from " +
                                               std::to_string(least) + " to " + std::to_string(most)};
  }
  return number;
}

Result<Duration> Invocation::duration(const std::string& option, Duration unless_given) const {
  const auto* values = find(option);
  if (values == nullptr) return unless_given;
  const auto duration = parse_duration(values->back());
  if (!duration) {
    return Error{ErrorCode::invalid_input, "--" + option + ": '" + values->back() + "' is no duration",
                 "write it as 30s, 10m or 2h"};
  }
  return *duration;
}

}  // namespace skep
