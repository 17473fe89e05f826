// What is wrong with a spec, and where: file, line, column, the line itself, a hint.
#pragma once

#include <string>

namespace skep {

/// A position in a spec file; lines and columns count from 1. Line 0: the file as a whole.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;         // how many characters to underline
  std::string line_text;  // the line itself, for printing; of a long line the part around the column, with "…" for
                          // what is left out
  int text_column = 1;    // the column of the first character of line_text
  bool operator==(const Place&) const = default;
};

struct Problem {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  Place place;
  std::string message;  // "pools.worker: unknown key 'typ', did you mean 'type'?"
  std::string hint = {};
  bool operator==(const Problem&) const = default;
};

}  // namespace skep
