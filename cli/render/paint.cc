#include "cli/render/paint.h"

#include <algorithm>

namespace skep {

namespace {

constexpr std::size_t last_column_least = 24;  // narrower than this it goes on a line of its own

bool begins_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

const char* escape_of(Color color) {
  switch (color) {
    case Color::none:
      return "";
    case Color::red:
      return "\033[31m";
    case Color::green:
      return "\033[32m";
    case Color::yellow:
      return "\033[33m";
    case Color::blue:
      return "\033[34m";
    case Color::magenta:
      return "\033[35m";
    case Color::cyan:
      return "\033[36m";
    case Color::bold:
      return "\033[1m";
    case Color::dim:
      return "\033[2m";
  }
  return "";
}

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i].text));
  }
  return widths;
}

/// The last cell, from column `at` on, or on lines of its own when too little room is left there.
std::string last_cell(const Cell& cell, std::size_t at, std::size_t indent, const Style& style) {
  const auto limit = static_cast<std::size_t>(std::max(style.columns, 0));
  if (limit == 0 || at + columns_of(cell.text) <= limit) return painted(cell.text, cell.color, style);
  std::string text;
  if (limit < at + last_column_least) {
    at = indent + 4;
    text = "\n" + std::string(at, ' ');
  }
  const auto lines = wrapped(cell.text, limit > at + last_column_least ? limit - at : last_column_least);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += "\n" + std::string(at, ' ');
    text += painted(lines[i], cell.color, style);
  }
  return text;
}

}  // namespace

std::string painted(std::string_view text, Color color, const Style& style) {
  if (!style.color || color == Color::none || text.empty()) return std::string(text);
  return std::string(escape_of(color)) + std::string(text) + "\033[0m";
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if (begins_code_point(text[i])) {
      ++columns;
    }
  }
  return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (columns == 0 || columns_of(text) <= columns) return std::string(text);
  std::size_t taken = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (begins_code_point(text[end]) && taken++ == columns - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  const std::size_t has = columns_of(text);
  return std::string(text) + std::string(columns > has ? columns - has : 0, ' ');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  if (columns == 0) return {std::string(text)};
  std::vector<std::string> lines(1);
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t end = std::min(text.find(' ', position), text.size());
    const std::string_view word = text.substr(position, end - position);
    const bool fits = columns_of(lines.back()) + (lines.back().empty() ? 0 : 1) + columns_of(word) <= columns;
    if (!lines.back().empty() && !fits) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    position = end + 1;
  }
  return lines;
}

std::string table_text(const std::vector<Row>& rows, const Style& style, std::size_t indent) {
  const auto widths = widths_of(rows);
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    std::size_t at = indent;
    std::size_t last = row.size();
    while (last > 0 && row[last - 1].text.empty()) --last;
    for (std::size_t i = 0; i < last; ++i) {
      if (widths[i] == 0) continue;
      if (i + 1 == last) {
        const std::string cell = last_cell(row[i], at, indent, style);
        if (cell.starts_with("\n")) line.erase(line.find_last_not_of(' ') + 1);
        line += cell;
        break;
      }
      line += painted(row[i].text, row[i].color, style) + std::string(widths[i] - columns_of(row[i].text) + 2, ' ');
      at += widths[i] + 2;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace skep
