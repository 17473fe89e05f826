// How fake hosts read a script's arguments and what they answer.
#pragma once

#include <string>

#include "planner/system/ssh.h"

namespace skep::test {

inline Exit failed(int code, const std::string& message) { return {.code = code, .out = {}, .err = message + "\n"}; }
inline Exit done(std::string out = {}) { return {.code = 0, .out = std::move(out), .err = {}}; }

inline std::string argument(const Script& script, const std::string& name) {
  const auto at = script.arguments.find(name);
  return at == script.arguments.end() ? "" : at->second;
}

}  // namespace skep::test
