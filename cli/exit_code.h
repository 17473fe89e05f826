// What skep's exit codes mean; scripts and pipelines rely on them.
#pragma once

#include "planner/base/result.h"

namespace skep {

inline constexpr int exit_done = 0;     // done, or nothing to do
inline constexpr int exit_error = 1;    // an error
inline constexpr int exit_changes = 2;  // with --detailed-exitcode: there are changes
inline constexpr int exit_locked = 3;   // somebody else holds the lock
inline constexpr int exit_refused = 4;  // a safety rule forbids it
inline constexpr int exit_stopped = 5;  // stopped early, by an interrupt or a deadline; the next run goes on
inline constexpr int exit_usage = 64;   // wrong usage of the command line (EX_USAGE)

/// The exit code of a command that failed with this error.
inline int exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::conflict:
      return exit_locked;
    case ErrorCode::refused:
      return exit_refused;
    case ErrorCode::cancelled:
      return exit_stopped;
    default:
      return exit_error;
  }
}

}  // namespace skep
