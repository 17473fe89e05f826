#include "providers/http/url.h"

#include <fmt/format.h>

namespace skep {

std::string percent_encode(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const bool is_plain = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                          (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
                          letter == '~';
    if (is_plain) {
      result += letter;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return result;
}

std::string url_of(std::string_view base, std::string_view path, const Query& query) {
  while (base.ends_with('/')) base.remove_suffix(1);
  std::string url = std::string(base) + std::string(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + percent_encode(name) + "=" + percent_encode(value);
    separator = '&';
  }
  return url;
}

}  // namespace skep
