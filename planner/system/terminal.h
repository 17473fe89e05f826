// The user's terminal: whether there is one, how wide it is, and one line of an answer. Apart, so that tests can
// answer.
#pragma once

#include <optional>
#include <string>

#include "planner/base/result.h"
#include "planner/system/context.h"

namespace skep {

class Terminal {
 public:
  virtual ~Terminal() = default;
  virtual bool input_is_terminal() const = 0;
  virtual bool output_is_terminal() const = 0;   // stdout
  virtual bool errors_are_terminal() const = 0;  // stderr
  virtual int columns() const = 0;               // of the first that is a terminal; 80 when none is or none tells

  /// One line of stdin without its end; nothing at the end of the input. Blocks until then, or until context.stop.
  /// Errors: cancelled, unavailable (deadline, or it cannot be read).
  virtual Result<std::optional<std::string>> read_line(const Context& context) = 0;
};

class SystemTerminal final : public Terminal {
 public:
  bool input_is_terminal() const override;
  bool output_is_terminal() const override;
  bool errors_are_terminal() const override;
  int columns() const override;
  Result<std::optional<std::string>> read_line(const Context& context) override;
};

}  // namespace skep
