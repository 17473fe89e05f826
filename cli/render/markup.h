// Text from outside, made harmless for the language it is put into. Pure.
#pragma once

#include <string>
#include <string_view>

namespace skep {

/// For HTML and XML, also inside double quotes; control characters that XML does not know become blanks.
std::string xml_text(std::string_view text);

/// Prose in Markdown: nothing in it is markup, a mention of anybody, or a second line.
std::string markdown_text(std::string_view text);

/// A code span for a cell of a Markdown table; empty for an empty text.
std::string markdown_code(std::string_view text);

}  // namespace skep
