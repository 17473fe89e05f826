// How text is dressed for an output: colours where a terminal wants them, width, wrapping, aligned columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skep {

enum class Color { none, red, green, yellow, blue, magenta, cyan, bold, dim };

struct Style {
  bool color = false;
  int columns = 0;  // 0: no limit
};

/// `text` in the colour, or as it is when the style has none.
std::string painted(std::string_view text, Color color, const Style& style);

/// How many columns a text takes: code points of UTF-8, escape sequences not counted.
std::size_t columns_of(std::string_view text);

/// At most `columns` wide, with "…" for what was cut; 0: as it is. For text without escape sequences.
std::string cut_to(std::string_view text, std::size_t columns);

/// The text filled up with blanks to `columns`.
std::string padded(std::string_view text, std::size_t columns);

/// Lines of whole words, each at most `columns` wide where words allow; 0: one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

struct Cell {
  std::string text;
  Color color = Color::none;
};
using Row = std::vector<Cell>;

/// Rows with aligned columns, two blanks between them, `indent` blanks before; the last column is wrapped under itself
/// where the style has a width. Empty columns are left out.
std::string table_text(const std::vector<Row>& rows, const Style& style, std::size_t indent = 2);

}  // namespace skep
