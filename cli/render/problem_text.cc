#include "cli/render/problem_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace skep {

namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// One visible character for each control character; tabs stay, because columns are counted in characters.
std::string harmless(std::string_view text) {
  std::string clean(text);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    const bool is_c1 = byte == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0;
    if (is_c1) clean.replace(i, 2, "?");
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) clean[i] = '?';
  }
  return clean;
}

// As wide as the text before the marked part: its tabs stay tabs, everything else is a blank.
std::string blanks_before(std::string_view line, std::size_t characters) {
  std::string blanks;
  for (std::size_t i = 0; i < line.size() && characters > 0; ++i) {
    if (is_continuation(line[i])) continue;
    blanks += line[i] == '\t' ? '\t' : ' ';
    --characters;
  }
  return blanks.append(characters, ' ');
}

std::string marked_line(const Place& place, const Style& style) {
  const std::string line = harmless(place.line_text);
  const auto before = static_cast<std::size_t>(std::max(0, place.column - place.text_column));
  const std::size_t left = columns_of(line) > before ? columns_of(line) - before : 1;
  const auto length = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(1, place.length)), 1, left);
  return fmt::format("{:>5} | {}\n{:>5} | {}{}\n", place.line, line, "", blanks_before(line, before),
                     painted("^" + std::string(length - 1, '~'), Color::green, style));
}

}  // namespace

std::string problem_text(const Problem& problem, const Style& style) {
  const bool is_error = problem.severity == Problem::Severity::error;
  const Place& place = problem.place;
  std::string where = harmless(place.file);
  if (place.line > 0) where += fmt::format(":{}:{}", place.line, place.column);
  if (!where.empty()) where = painted(where + ":", Color::bold, style) + " ";
  std::string text = where + painted(is_error ? "error:" : "warning:", is_error ? Color::red : Color::yellow, style) +
                     " " + harmless(problem.message) + "\n";
  if (place.line > 0) text += marked_line(place, style);
  if (!problem.hint.empty()) text += fmt::format("{:>5} hint: {}\n", "", harmless(problem.hint));
  return text;
}

std::string problems_text(std::span<const Problem> problems, const Style& style) {
  std::string text;
  for (const auto& problem : problems) text += problem_text(problem, style);
  return text;
}

}  // namespace skep
