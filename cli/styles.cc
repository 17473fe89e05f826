#include "cli/styles.h"

#include <algorithm>

#include "cli/help.h"

namespace skep {

namespace {

bool may_color(const Invocation& invocation, const Outside& outside) {
  return !invocation.flag("no-color") && variable(outside, "NO_COLOR").empty() && variable(outside, "TERM") != "dumb";
}

Style style_of(bool is_terminal, const Invocation& invocation, const Outside& outside) {
  if (!is_terminal) return {};
  return {.color = may_color(invocation, outside), .columns = outside.terminal.columns()};
}

}  // namespace

Style style_of_output(const Invocation& invocation, const Outside& outside) {
  return style_of(outside.terminal.output_is_terminal(), invocation, outside);
}

Style style_of_errors(const Invocation& invocation, const Outside& outside) {
  return style_of(outside.terminal.errors_are_terminal(), invocation, outside);
}

int page_columns(const Outside& outside) {
  if (!outside.terminal.output_is_terminal() || outside.terminal.columns() <= 0) return help_columns;
  return std::clamp(outside.terminal.columns(), 40, help_columns);
}

}  // namespace skep
