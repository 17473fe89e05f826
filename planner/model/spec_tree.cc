#include "planner/model/spec_tree.h"

#include <algorithm>
#include <utility>

namespace skep::model {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

bool is_integer(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) {
    const std::string_view digits = text[1] == 'x' ? "0123456789abcdefABCDEF" : "01234567";
    return text.size() > 2 && text.find_first_not_of(digits, 2) == std::string_view::npos;
  }
  text = without_sign(text);
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, and the infinities
bool is_number(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  text = without_sign(text);
  if (text == ".inf" || text == ".Inf" || text == ".INF") return true;
  const auto skip_digits = [&text] {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end;
  };
  std::size_t digits = skip_digits();
  if (text.starts_with(".")) {
    text.remove_prefix(1);
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (text.starts_with("e") || text.starts_with("E")) {
    text = without_sign(text.substr(1));
    if (skip_digits() == 0) return false;
  }
  return text.empty();
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int characters(std::string_view bytes) {
  return static_cast<int>(bytes.size() - static_cast<std::size_t>(std::ranges::count_if(bytes, is_continuation)));
}

// At most `limit` characters from `begin` on, both at the border of a character.
std::string_view window(std::string_view line, std::size_t begin, std::size_t limit) {
  while (begin > 0 && begin < line.size() && is_continuation(line[begin])) --begin;
  std::size_t end = std::min(line.size(), begin + limit);
  while (end < line.size() && is_continuation(line[end])) --end;
  return line.substr(begin, end - begin);
}

constexpr std::string_view ellipsis = "…";

}  // namespace

const Tree* Tree::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

const Tree* Tree::good(std::string_view key) const {
  const Tree* found = find(key);
  return found && !found->wrong && found->kind != Kind::null ? found : nullptr;
}

ScalarType scalar_type(const Tree& scalar) {
  if (scalar.kind == Tree::Kind::null) return ScalarType::null;
  if (scalar.quoted) return ScalarType::text;
  const std::string& text = scalar.text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return ScalarType::null;
  for (const char* word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return ScalarType::boolean;
  }
  if (is_integer(text)) return ScalarType::integer;
  return is_number(text) ? ScalarType::number : ScalarType::text;
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  const std::string_view first_line = text.substr(0, text.find('\n'));
  const std::string_view part = window(first_line, 0, longest);
  return "'" + std::string(part) + (part.size() < text.size() ? std::string(ellipsis) + "'" : "'");
}

std::string shown(const Tree& value) {
  switch (value.kind) {
    case Tree::Kind::list:
      return "a list";
    case Tree::Kind::map:
      return "keys and values";
    case Tree::Kind::null:
      return "nothing";
    case Tree::Kind::text:
      break;
  }
  if (value.from_variable) return "what the variable holds";  // it may be a secret
  return value.text.empty() ? "an empty text" : shown(value.text);
}

std::string joined(std::string_view path, std::string_view key) {
  std::string whole(path);
  if (!whole.empty()) whole += '.';
  return whole.append(key);
}

Sources::Sources(std::span<const Document> documents) : documents_(documents) {
  for (const auto& document : documents) {
    std::vector<std::size_t> starts = {0};
    if (document.text.size() > bytes_limit) {  // it will be refused: no line of it is asked for
      line_starts_.push_back(std::move(starts));
      secret_lines_.emplace_back();
      continue;
    }
    for (auto end = document.text.find('\n'); end != std::string::npos; end = document.text.find('\n', end + 1))
      starts.push_back(end + 1);
    std::set<std::uint32_t> secret_lines;
    for (auto at = document.text.find("-----BEGIN"); at != std::string::npos;
         at = document.text.find("-----BEGIN", at + 1))
      secret_lines.insert(static_cast<std::uint32_t>(std::ranges::upper_bound(starts, at) - starts.begin() - 1));
    line_starts_.push_back(std::move(starts));
    secret_lines_.push_back(std::move(secret_lines));
  }
}

std::string_view Sources::line(std::uint32_t file, std::uint32_t line) const {
  const auto& starts = line_starts_[file];
  if (line >= starts.size()) return {};
  const std::string_view text = documents_[file].text;
  const std::size_t end = line + 1 < starts.size() ? starts[line + 1] - 1 : text.size();
  std::string_view found = text.substr(starts[line], end - starts[line]);
  if (line == 0 && found.starts_with("\xEF\xBB\xBF")) found.remove_prefix(3);  // no column counts the mark
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

std::string_view Sources::text_from(const Spot& spot) const {
  const std::string_view text = documents_[spot.file].text;
  const std::string_view here = line(spot.file, spot.line);
  if (here.data() == nullptr) return {};
  const auto begin =
      static_cast<std::size_t>(here.data() - text.data()) + std::min<std::size_t>(spot.column, here.size());
  return text.substr(begin);
}

int Sources::characters_before(const Spot& spot, std::string_view line) const {
  const bool goes_on = counted_.file == spot.file && counted_.line == spot.line && counted_.column <= spot.column;
  const std::size_t from = goes_on ? counted_.column : 0;
  const std::size_t column = std::min<std::size_t>(spot.column, line.size());
  if (!goes_on) counted_characters_ = 0;
  if (from < column) counted_characters_ += characters(line.substr(from, column - from));
  counted_ = spot;
  return counted_characters_;
}

Place Sources::place(const Spot& spot) const {
  constexpr std::size_t longest = 160;
  constexpr std::size_t before = 40;
  Place place;
  place.file = documents_[spot.file].name;
  if (spot.line == Spot::whole_file) return place;
  const std::string_view text = line(spot.file, spot.line);
  const std::size_t column = std::min<std::size_t>(spot.column, text.size());
  place.line = static_cast<int>(spot.line) + 1;
  place.column = characters_before(spot, text) + 1;
  place.length = std::max(1, characters(text.substr(column, std::min<std::size_t>(spot.length, longest))));
  if (secret_lines_[spot.file].contains(spot.line)) {
    place.line_text = std::string(text.substr(0, std::min(text.find("-----BEGIN"), before))) + std::string(ellipsis);
    return place;
  }
  if (text.size() <= longest) {
    place.line_text = text;
    return place;
  }
  const std::string_view part = window(text, column > before ? column - before : 0, longest - before);
  const auto begin = static_cast<std::size_t>(part.data() - text.data());
  place.text_column = place.column - characters(text.substr(begin, column - begin));
  place.line_text = part;
  if (begin > 0) {  // the ellipsis takes the column before
    place.line_text.insert(0, ellipsis);
    --place.text_column;
  }
  if (begin + part.size() < text.size()) place.line_text += ellipsis;
  return place;
}

}  // namespace skep::model
