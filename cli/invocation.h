// What was typed, understood: the command, its options and arguments. Asking for an option the command lacks asserts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/system/context.h"

namespace skep {

class Invocation {
 public:
  std::vector<std::string> path;                            // {"state", "list"}; empty: skep alone
  std::map<std::string, std::vector<std::string>> options;  // by long name; only those given; flags: "true", "false"
  std::map<std::string, std::vector<std::string>> arguments;
  std::vector<std::string> tail;  // behind a lone --
  bool wants_help = false;

  bool has(const std::string& option) const;
  bool flag(const std::string& option, bool unless_given = false) const;
  std::string text(const std::string& option, const std::string& unless_given = "") const;  // the last one given
  std::vector<std::string> texts(const std::string& option) const;
  std::string argument(const std::string& name) const;  // empty when it was not given
  std::vector<std::string> all(const std::string& name) const;

  /// Errors: invalid_input (no whole number between `least` and `most`).
  Result<int> number(const std::string& option, int least, int most, int unless_given) const;
  /// Errors: invalid_input (no duration).
  Result<Duration> duration(const std::string& option, Duration unless_given) const;

 private:
  const std::vector<std::string>* find(const std::string& option) const;
};

}  // namespace skep
