#include "planner/model/spec_formats.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <vector>

#include "planner/base/text.h"

namespace skep::model {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alnum(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool is_cluster_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_lower(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_user_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 && (is_lower(text.front()) || text.front() == '_') &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_label_key(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || is_one_of(c, "._/-"); });
}

bool is_label_value(std::string_view text) { return text.size() <= 255 && std::ranges::none_of(text, is_control); }

std::optional<int> port_of(std::string_view text) {
  int port = 0;
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port >= 1 && port <= 65535 ? std::optional(port) : std::nullopt;
}

bool are_ports(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = port_of(text.substr(0, dash));
  if (dash == std::string_view::npos) return first.has_value();
  const auto last = port_of(text.substr(dash + 1));
  return first && last && *first <= *last;
}

bool is_share(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  return !text.empty() && text.size() <= 4 && std::ranges::all_of(text, is_digit);
}

// 28, 28.5, 28.5.2, 29.0.0-rc.1
bool is_version(std::string_view text) {
  const auto dash = text.find('-');
  const auto numbers = split(text.substr(0, dash), '.');
  const bool are_numbers = std::ranges::all_of(numbers, [](const std::string& number) {
    return !number.empty() && number.size() <= 6 && std::ranges::all_of(number, is_digit);
  });
  if (numbers.empty() || numbers.size() > 3 || !are_numbers) return false;
  if (dash == std::string_view::npos) return true;
  const std::string_view rest = text.substr(dash + 1);
  return !rest.empty() && rest.size() <= 32 &&
         std::ranges::all_of(rest, [](char c) { return is_alnum(c) || c == '.'; });
}

bool is_url(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://", "file://"}) {
    if (text.starts_with(scheme))
      return text.size() > scheme.size() &&
             std::ranges::none_of(text, [](char c) { return is_control(c) || c == ' '; });
  }
  return false;
}

bool is_webhook(std::string_view text) { return text.empty() || (is_url(text) && !text.starts_with("file:")); }

bool is_domain_letter(char c) { return is_alnum(c) || c == '.' || c == '-'; }

bool is_mail_server(std::string_view text) {
  if (text.starts_with("smtp://"))
    text.remove_prefix(7);
  else if (text.starts_with("smtps://"))
    text.remove_prefix(8);
  else
    return false;
  const auto colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || !std::ranges::all_of(host, is_domain_letter)) return false;
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

bool is_mail_address(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  const auto is_name_letter = [](char c) {
    return !is_control(c) && std::string_view(" <>@,;:\"").find(c) == std::string_view::npos;
  };
  return std::ranges::all_of(text.substr(0, at), is_name_letter) &&
         std::ranges::all_of(text.substr(at + 1), is_domain_letter);
}

// 40 digits of hexadecimal, in groups or not, as gpg prints them
bool is_fingerprint(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  return std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ' '; }) &&
         std::ranges::count_if(text, is_hex) == 40;
}

bool is_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= 1024 && std::ranges::none_of(text, is_control);
}

bool is_domain(std::string_view text) {
  const auto labels = split(text, '.');
  return text.size() <= 253 && labels.size() > 1 && std::ranges::all_of(labels, is_host_name);
}

}  // namespace

std::span<const FormatRule> format_rules() {
  static constexpr FormatRule rules[] = {
      {Format::any, "^[\\s\\S]+$", "a text that is not empty"},
      {Format::cluster_name, "^[a-z][a-z0-9-]{0,39}$",
       "a name of lower-case letters, digits and '-', a letter first, at most 40 characters"},
      {Format::host_name, "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
       "a host name: lower-case letters, digits and '-' between them, at most 63 characters"},
      {Format::user_name, "^[a-z_][a-z0-9_-]{0,31}$", "the name of a user, such as root"},
      {Format::label_key, "^[A-Za-z0-9]([A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?$",
       "a label: letters, digits, '.', '_', '/' and '-', a letter or digit at both ends, at most 128 characters"},
      {Format::label_value, "^[^\\u0000-\\u001f\\u007f]{0,255}$", "one line of at most 255 characters"},
      {Format::address, "^([0-9]{1,3}\\.){3}[0-9]{1,3}$", "an IPv4 address such as 198.51.100.7"},
      {Format::range, "^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$", "an IPv4 range such as 10.0.0.0/16"},
      {Format::any_range, "^[0-9A-Fa-f:.]{2,45}/[0-9]{1,3}$", "a range such as 203.0.113.0/24 or 2001:db8::/32"},
      {Format::ports, "^[0-9]{1,5}(-[0-9]{1,5})?$", "a port such as 443, or ports such as 8000-8010"},
      {Format::duration, "^([0-9]+(ms|s|m|h))+$", "a duration such as 30s, 10m or 2h"},
      {Format::size, "^[0-9]+([kKMGTP]B|[KMGTP]iB|B)$", "a size such as 50GB or 512MiB"},
      {Format::share, "^[0-9]{1,4}%?$", "a number such as 2, or a share such as 25%"},
      {Format::version, "^[0-9]{1,6}(\\.[0-9]{1,6}){0,2}(-[A-Za-z0-9.]{1,32})?$", "a version such as 28.5 or 28.5.2"},
      {Format::url, "^(https?|file)://[^\\u0000-\\u0020\\u007f]+$", "an address that begins with https://"},
      {Format::webhook, "^(https?://[^\\u0000-\\u0020\\u007f]+)?$", "an address that begins with https://, or \"\""},
      {Format::mail_server, "^smtps?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", "a server such as smtp://mail.example:587"},
      {Format::mail_address, "^[^\\u0000-\\u0020\\u007f<>@,;:\"]+@[A-Za-z0-9.-]+$",
       "an address such as ops@example.com"},
      {Format::fingerprint, "^([0-9A-Fa-f] *){39}[0-9A-Fa-f]$", "the 40 hexadecimal digits of a key's fingerprint"},
      {Format::path, "^/[^\\u0000-\\u001f\\u007f]{0,1023}$", "an absolute path such as /srv/data"},
      {Format::domain, "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$",
       "a domain in lower case, such as shop.example.com"},
  };
  return rules;
}

const FormatRule& rule_of(Format format) {
  const auto found = std::ranges::find(format_rules(), format, &FormatRule::format);
  assert(found != format_rules().end());
  return *found;
}

bool matches(Format format, std::string_view text) {
  switch (format) {
    case Format::any:
      return !text.empty();
    case Format::cluster_name:
      return is_cluster_name(text);
    case Format::host_name:
      return is_host_name(text);
    case Format::user_name:
      return is_user_name(text);
    case Format::label_key:
      return is_label_key(text);
    case Format::label_value:
      return is_label_value(text);
    case Format::address:
      return parse_ipv4(text).has_value();
    case Format::range:
      return parse_cidr(text).has_value();
    case Format::any_range: {
      const auto range = parse_cidr(text);
      return range ? range->base == range->first() : is_ipv6_range(text);
    }
    case Format::ports:
      return are_ports(text);
    case Format::duration:
      return parse_duration(text).has_value();
    case Format::size:
      return parse_size(text).has_value();
    case Format::share:
      return is_share(text);
    case Format::version:
      return is_version(text);
    case Format::url:
      return is_url(text);
    case Format::webhook:
      return is_webhook(text);
    case Format::mail_server:
      return is_mail_server(text);
    case Format::mail_address:
      return is_mail_address(text);
    case Format::fingerprint:
      return is_fingerprint(text);
    case Format::path:
      return is_path(text);
    case Format::domain:
      return is_domain(text);
  }
  return false;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = text.find('.');
    const std::string_view number = text.substr(0, dot);
    if ((dot == std::string_view::npos) != (part == 3)) return std::nullopt;
    if (number.empty() || number.size() > 3 || !std::ranges::all_of(number, is_digit)) return std::nullopt;
    if (number.size() > 1 && number.front() == '0') return std::nullopt;
    std::uint32_t value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    if (value > 255) return std::nullopt;
    address = address << 8 | value;
    if (part < 3) text.remove_prefix(dot + 1);
  }
  return address;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto base = parse_ipv4(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  if (!base || digits.empty() || digits.size() > 2 || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  Cidr range{.base = *base};
  std::from_chars(digits.data(), digits.data() + digits.size(), range.prefix);
  return range.prefix <= 32 ? std::optional(range) : std::nullopt;
}

namespace {

// The groups of a part of an IPv6 address that stands on one side of "::"; none when it is malformed.
std::optional<std::vector<unsigned>> ipv6_groups(std::string_view text) {
  std::vector<unsigned> groups;
  if (text.empty()) return groups;
  for (const auto& word : split(text, ':')) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    const bool is_good = error == std::errc() && end == word.data() + word.size() && word.size() <= 4;
    if (!is_good || groups.size() == 8) return std::nullopt;
    groups.push_back(value);
  }
  return groups;
}

}  // namespace

bool is_ipv6_range(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const std::string_view digits = text.substr(std::min(slash + 1, text.size()));
  if (digits.empty() || digits.size() > 3 || !std::ranges::all_of(digits, is_digit)) return false;
  int prefix = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  const std::string_view address = text.substr(0, slash);
  const auto gap = address.find("::");
  const auto before = ipv6_groups(address.substr(0, gap));
  const auto after = gap == std::string_view::npos ? std::vector<unsigned>() : ipv6_groups(address.substr(gap + 2));
  if (prefix > 128 || !before || !after) return false;
  if (gap == std::string_view::npos ? before->size() != 8 : before->size() + after->size() > 7) return false;
  std::array<unsigned, 8> groups{};
  std::ranges::copy(*before, groups.begin());
  std::ranges::copy(*after, groups.end() - static_cast<std::ptrdiff_t>(after->size()));
  for (int bit = prefix; bit < 128; ++bit) {
    if ((groups[static_cast<std::size_t>(bit / 16)] >> (15 - bit % 16) & 1U) != 0) return false;
  }
  return true;
}

std::string ipv4_text(std::uint32_t address) {
  return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." +
         std::to_string(address >> 8 & 255) + "." + std::to_string(address & 255);
}

std::string to_text(const Cidr& range) { return ipv4_text(range.base) + "/" + std::to_string(range.prefix); }

}  // namespace skep::model
