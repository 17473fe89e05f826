// The raw text around what the YAML parser reports: bytes that are refused, where a scalar ends, what an error means.
// Private to planner/model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "planner/model/spec_findings.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// Whether the file's bytes are worth parsing: not too many, UTF-8, no NUL, not nested beyond reason. If not, says so.
bool check_bytes(const Sources& sources, std::uint32_t file, Findings& findings);

bool is_utf8(std::string_view text);

struct Extent {
  Spot spot;              // of the scalar itself, after its anchor and tag
  bool is_closed = true;  // false: it began with a quote that never ends
};

/// How far the scalar at `spot`, which was read as `text`, reaches on its line.
Extent scalar_extent(const Sources& sources, const Spot& spot, std::string_view text);

struct SyntaxError {
  Spot spot;
  std::string message;
  std::string hint;
};

/// The parser's error in words that name the cause: tabs, missing quotes, wrong indentation.
SyntaxError explain_syntax_error(const Sources& sources, const Spot& spot, const std::string& parser_message);

/// A hint when the spot is a variable without quotes inside { } or [ ]; else empty.
std::string variable_hint(const Sources& sources, const Spot& spot);

}  // namespace skep::model
