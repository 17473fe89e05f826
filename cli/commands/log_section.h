// A part of a GitLab job's log that can be folded. Outside such a job, and for programs, it is nothing at all.
#pragma once

#include <ostream>
#include <string>

#include "cli/invocation.h"
#include "cli/outside.h"

namespace skep {

class LogSection {
 public:
  /// `name` of letters, digits and _; `title` is what the folded line says.
  LogSection(std::string name, const std::string& title, std::ostream& log, const Invocation& invocation,
             const Outside& outside);
  ~LogSection();
  LogSection(const LogSection&) = delete;
  LogSection& operator=(const LogSection&) = delete;

 private:
  void mark(const std::string& kind, const std::string& title);

  const std::string name_;
  std::ostream& log_;
  const Clock& clock_;
  const bool is_on_;
};

}  // namespace skep
