#include "planner/model/spec_yaml_text.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "planner/base/text.h"
#include "planner/model/spec_yaml.h"

namespace skep::model {

namespace {

// How long the UTF-8 sequence at the front of `text` is; 0 when there is none (also for surrogates and overlong forms).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto is_tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool is_overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool is_surrogate = first == 0xED && byte(1) > 0x9F;
    return is_tail(1) && is_tail(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool is_overlong = first == 0xF0 && byte(1) < 0x90;
    const bool is_too_large = first == 0xF4 && byte(1) > 0x8F;
    return is_tail(1) && is_tail(2) && is_tail(3) && !is_overlong && !is_too_large ? 4 : 0;
  }
  return 0;
}

struct BadByte {
  std::size_t offset;
  std::string message;
};

// The scanner looks ahead through brackets that are never closed, so that a megabyte of them costs it a second.
// Brackets inside texts and comments count too: hundreds of unmatched ones are no spec either.
std::optional<BadByte> find_bad_byte(std::string_view text) {
  constexpr int bracket_limit = 1000;
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\0') return BadByte{i, "holds a NUL byte: this is no text"};
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') depth = std::max(0, depth - 1);
    if (depth > bracket_limit)
      return BadByte{i,
                     "nested deeper than " + std::to_string(spec_depth_limit) + " levels: brackets are never closed"};
    const std::size_t length = utf8_length(text.substr(i, 4));
    if (length == 0) return BadByte{i, "is not UTF-8 from here on"};
    i += length;
  }
  return std::nullopt;
}

Spot spot_at_offset(std::uint32_t file, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line_begin = before.rfind('\n');
  const std::size_t begin = line_begin == std::string_view::npos ? 0 : line_begin + 1;
  return {.file = file,
          .line = static_cast<std::uint32_t>(std::ranges::count(before, '\n')),
          .column = static_cast<std::uint32_t>(offset - begin)};
}

// The offset after the closing quote; npos when it is never closed.
std::size_t end_of_quoted(std::string_view text) {
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1;
      ++i;  // two single quotes stand for one
    }
  }
  return std::string_view::npos;
}

// A plain scalar reaches to a comment, to ": ", and in brackets to the next bracket or comma; all as YAML has it, but
// only good enough for underlining.
std::size_t end_of_plain(std::string_view line) {
  std::size_t end = line.size();
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_last = i + 1 == line.size();
    const bool ends_key = line[i] == ':' && (is_last || line[i + 1] == ' ' || line[i + 1] == ',' || line[i + 1] == '}');
    const bool begins_comment = line[i] == '#' && i > 0 && (line[i - 1] == ' ' || line[i - 1] == '\t');
    const bool ends_item = (line[i] == ',' && (is_last || line[i + 1] == ' ')) || line[i] == ']' ||
                           (line[i] == '}' && line.substr(0, i).find("${") == std::string_view::npos);
    if (ends_key || begins_comment || ends_item) {
      end = i;
      break;
    }
  }
  return trim(line.substr(0, end)).size();
}

bool has_tab_in_indentation(std::string_view line) {
  return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

}  // namespace

bool check_bytes(const Sources& sources, std::uint32_t file, Findings& findings) {
  const std::string& text = sources.document(file).text;
  if (text.size() > Sources::bytes_limit) {
    findings.error(Spot{.file = file},
                   "has " + human_size(text.size()) + ", a spec has at most " + human_size(Sources::bytes_limit),
                   "this does not look like a spec: check the name given with -f");
    return false;
  }
  if (const auto bad = find_bad_byte(text)) {
    findings.error(spot_at_offset(file, text, bad->offset), bad->message, "save the file as plain UTF-8 text");
    return false;
  }
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text.substr(0, 4));
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Extent scalar_extent(const Sources& sources, const Spot& spot, std::string_view text) {
  Extent extent{.spot = spot};
  std::string_view line = sources.line(spot.file, spot.line);
  std::size_t column = std::min<std::size_t>(spot.column, line.size());
  while (column < line.size() && (line[column] == '&' || line[column] == '!')) {  // an anchor or a tag
    const auto end = line.find(' ', column);
    const auto next = line.find_first_not_of(' ', end);
    if (next == std::string_view::npos) break;
    column = next;
  }
  extent.spot.column = static_cast<std::uint32_t>(column);
  line.remove_prefix(column);
  if (line.starts_with('"') || line.starts_with('\'')) {
    const auto end = end_of_quoted(sources.text_from(extent.spot));
    extent.is_closed = end != std::string_view::npos;
    extent.spot.length = static_cast<std::uint32_t>(extent.is_closed ? std::min(end, line.size()) : line.size());
  } else if (line.starts_with(text)) {
    extent.spot.length = static_cast<std::uint32_t>(text.size());
  } else {  // it goes on in the next line
    extent.spot.length = static_cast<std::uint32_t>(end_of_plain(line.substr(0, 200)));
  }
  extent.spot.length = std::max<std::uint32_t>(1, extent.spot.length);
  return extent;
}

std::string variable_hint(const Sources& sources, const Spot& spot) {
  const std::string_view line = sources.line(spot.file, spot.line);
  const std::size_t from = spot.column == 0 ? 0 : spot.column - 1;
  if (!line.substr(std::min(from, line.size())).starts_with("${")) return {};
  return "inside { } and [ ] a variable needs quotes: \"${NAME}\"";
}

SyntaxError explain_syntax_error(const Sources& sources, const Spot& spot, const std::string& parser_message) {
  const std::string_view line = sources.line(spot.file, spot.line);
  if (const std::string hint = variable_hint(sources, spot); !hint.empty())
    return {spot, "a variable without quotes ends the map or list it stands in", hint};
  if (has_tab_in_indentation(line)) {
    Spot tab = spot;
    tab.column = static_cast<std::uint32_t>(line.find('\t'));
    return {tab, "a tab in the indentation", "indent with spaces: YAML allows no tabs here"};
  }
  struct Known {
    std::string_view parser;
    std::string_view message;
    std::string_view hint;
  };
  static constexpr Known table[] = {
      {"illegal map value", "a ':' that begins no value here",
       "check the indentation of this line and the one above; a text that holds ': ' needs quotes"},
      {"end of map flow not found", "this '{' is never closed, or something stands in it that needs quotes",
       "write {key: value, key: value}"},
      {"end of sequence flow not found", "this '[' is never closed, or something stands in it that needs quotes",
       "write [a, b, c]"},
      {"end of map not found", "this line does not fit the keys above it", "indent it like its neighbours"},
      {"end of sequence not found", "this line does not fit the list above it", "indent it like its neighbours"},
      {"illegal block entry", "a '-' that begins no list item here", "put each item on a line of its own, indented"},
      {"illegal flow end", "a closing bracket without an opening one", "take it out, or put the text in quotes"},
      {"unknown token", "a text cannot begin with this character", "put the text in quotes"},
      {"the referenced anchor is not defined", "this alias names no anchor above it",
       "define it first: key: &name value; anchors are known in their own file only"},
      {"illegal EOF in scalar", "the file ends inside a quoted text", "close the quote"},
      {"bad file", "nested too deep to be a spec", "look for brackets that are never closed"},
  };
  for (const auto& known : table) {
    if (parser_message == known.parser) return {spot, std::string(known.message), std::string(known.hint)};
  }
  return {spot, "not valid YAML: " + parser_message, "check the quotes and the indentation of this line"};
}

}  // namespace skep::model
