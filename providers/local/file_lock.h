// Locks on files that processes share: held while the object lives, passed on to forked children, gone with the last.
#pragma once

#include <optional>
#include <string>

#include "planner/base/result.h"
#include "planner/system/clock.h"
#include "planner/system/descriptor.h"

namespace skep {

/// An open file description lock: forked children hold it too, another open of the same file does not.
class FileLock {
 public:
  /// Makes the file (0600) if need be. Nothing: somebody else holds it. Errors: not_found (no such folder), denied.
  static Result<std::optional<FileLock>> try_take(const std::string& path);
  /// Waits for it until the context's deadline. Errors: those of try_take(), unavailable (deadline), cancelled.
  static Result<FileLock> take(const std::string& path, const Clock& clock, const Context& context);
  /// Whether somebody holds it now, without touching it. A file that is not there is held by nobody.
  static bool is_held(const std::string& path);

  int descriptor() const { return file_.get(); }

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace skep
