#include "planner/base/json_reader.h"

#include <cstdint>
#include <string>
#include <utility>

namespace skep {

namespace {

constexpr int depth_limit = 64;
constexpr std::size_t digit_limit = 18;  // always fits 64 bits

class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  std::optional<Json> whole() {
    Json value;
    if (!read(value, 0)) return std::nullopt;
    skip_blanks();
    if (at_ != end_) return std::nullopt;
    return value;
  }

 private:
  bool read(Json& value, int depth) {
    skip_blanks();
    if (at_ == end_ || depth == depth_limit) return false;
    switch (*at_) {
      case '{':
        return read_object(value, depth);
      case '[':
        return read_array(value, depth);
      case '"':
        value = Json::string_t();
        return read_string(value.get_ref<std::string&>());
      case 't':
        value = true;
        return take("true");
      case 'f':
        value = false;
        return take("false");
      case 'n':
        value = nullptr;
        return take("null");
      default:
        return read_number(value);
    }
  }

  bool read_object(Json& value, int depth) {
    Json::object_t members;
    ++at_;
    if (!take_mark('}')) {
      do {
        std::string key;
        skip_blanks();
        if (!read_string(key) || !take_mark(':')) return false;
        // At the end, since keys come sorted; should they not, this is merely slower. The last of equal keys counts.
        auto member = members.insert_or_assign(members.end(), std::move(key), Json());
        if (!read(member->second, depth + 1)) return false;
      } while (take_mark(','));
      if (!take_mark('}')) return false;
    }
    value = std::move(members);
    return true;
  }

  bool read_array(Json& value, int depth) {
    Json::array_t elements;
    ++at_;
    if (!take_mark(']')) {
      do {
        if (!read(elements.emplace_back(), depth + 1)) return false;
      } while (take_mark(','));
      if (!take_mark(']')) return false;
    }
    value = std::move(elements);
    return true;
  }

  bool read_string(std::string& text) {
    if (at_ == end_ || *at_ != '"') return false;
    ++at_;
    for (;;) {
      const char* begin = at_;
      while (at_ != end_ && is_plain(*at_)) ++at_;
      text.append(begin, at_);
      if (at_ == end_) return false;
      const char mark = *at_++;
      if (mark == '"') return true;
      if (mark != '\\' || !read_escape(text)) return false;
    }
  }

  bool read_escape(std::string& text) {
    static constexpr std::string_view names = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (at_ == end_) return false;
    const auto found = names.find(*at_++);
    if (found == std::string_view::npos) return false;
    text += meanings[found];
    return true;
  }

  bool read_number(Json& value) {
    const bool is_negative = *at_ == '-';
    if (is_negative) ++at_;
    const char* begin = at_;
    std::uint64_t number = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) number = number * 10 + static_cast<unsigned>(*at_ - '0');
    const auto digit_count = static_cast<std::size_t>(at_ - begin);
    if (digit_count == 0 || digit_count > digit_limit) return false;
    if (*begin == '0' && (digit_count > 1 || is_negative)) return false;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return false;
    if (is_negative) {
      value = -static_cast<std::int64_t>(number);
    } else {
      value = number;
    }
    return true;
  }

  /// Printable ASCII without the two marks; bytes from 0x80 are negative or too large, whatever char is.
  static bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool take_mark(char mark) {
    skip_blanks();
    if (at_ == end_ || *at_ != mark) return false;
    ++at_;
    return true;
  }

  bool take(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

std::optional<Json> read_plain_json(std::string_view text) { return Reader(text).whole(); }

}  // namespace skep
