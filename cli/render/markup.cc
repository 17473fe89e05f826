#include "cli/render/markup.h"

namespace skep {

namespace {

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

}  // namespace

std::string xml_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '"') {
      safe += "&quot;";
    } else {
      safe += is_control(c) && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return safe;
}

std::string markdown_text(std::string_view text) {
  static constexpr std::string_view markup = "\\`*_{}[]<>#|~$&!";
  std::string safe;
  for (const char c : text) {
    if (is_control(c)) {
      safe += ' ';
    } else if (c == '@') {
      safe += "@\u2060";  // an invisible joiner: nobody is called by what a provider wrote
    } else {
      if (markup.find(c) != std::string_view::npos) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string markdown_code(std::string_view text) {
  if (text.empty()) return "";
  std::string safe = "`";
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += is_control(c) ? ' ' : (c == '`' ? '\'' : c);
  }
  return safe + "`";
}

}  // namespace skep
