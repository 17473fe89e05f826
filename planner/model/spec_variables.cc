#include "planner/model/spec_variables.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "planner/base/text.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

namespace {

constexpr std::size_t result_bytes_limit = 1U << 20;
constexpr int nesting_limit = 16;

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

std::string_view name_at_front(std::string_view text) {
  if (text.empty() || !begins_name(text.front())) return {};
  const auto end = std::ranges::find_if_not(text, continues_name);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// What stands between "${" and the "}" that belongs to it; npos when there is none.
std::size_t end_of_braces(std::string_view text) {
  int depth = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      ++depth;
      ++i;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

class Substitution {
 public:
  explicit Substitution(const Environment& environment) : environment_(environment) {}

  void run(std::string_view text, int nesting) {
    while (!text.empty() && !stopped_) {
      const auto dollar = text.find('$');
      append(text.substr(0, dollar));
      if (dollar == std::string_view::npos) return;
      text.remove_prefix(dollar + 1);
      if (text.starts_with('$')) {
        append("$");
        text.remove_prefix(1);
      } else if (text.starts_with('{')) {
        text = run_braces(text.substr(1), nesting);
      } else if (const auto name = name_at_front(text); !name.empty()) {
        replace(name, "", "", nesting);
        text.remove_prefix(name.size());
      } else {
        malformed("a '$' that begins no variable", "write $$ for a dollar sign");
      }
    }
  }

  Substituted result;

 private:
  std::string_view run_braces(std::string_view text, int nesting) {
    const auto end = end_of_braces(text);
    const std::string_view whole = text.substr(0, end);
    const std::string_view name = name_at_front(whole);
    const std::string_view rest = whole.substr(name.size());
    const auto sign = rest.find_first_not_of(':');
    const bool is_form =
        rest.empty() || (sign <= 1 && std::string_view("-+?").find(rest[sign]) != std::string_view::npos);
    if (end == std::string_view::npos) {
      malformed("'${' is never closed", "write ${NAME}, or $$ for a dollar sign");
    } else if (name.empty() || !is_form) {
      malformed(shown("${" + std::string(whole) + "}") + " is no form of a variable",
                "write ${NAME}, ${NAME:-default} or ${NAME:?message}; $$ stands for a dollar sign");
    } else if (nesting > nesting_limit) {
      malformed("variables are nested deeper than " + std::to_string(nesting_limit) + " levels", "");
    } else {
      const std::size_t sign_length = rest.empty() ? 0 : sign + 1;
      replace(name, rest.substr(0, sign_length), rest.substr(sign_length), nesting);
      return text.substr(end + 1);
    }
    return {};
  }

  // `form` is one of "", "-", ":-", "+", ":+", "?", ":?".
  void replace(std::string_view name, std::string_view form, std::string_view word, int nesting) {
    result.has_variable = true;
    const auto found = environment_.find(std::string(name));
    const bool is_set = found != environment_.end() && !(form.starts_with(':') && found->second.empty());
    if (form.ends_with('+')) {
      if (is_set) run(word, nesting + 1);
    } else if (is_set) {
      append(found->second);
    } else if (form.ends_with('-')) {
      run(word, nesting + 1);
    } else {
      missing(std::string(name), form, word);
    }
  }

  void missing(const std::string& name, std::string_view form, std::string_view word) {
    const bool is_empty = environment_.contains(name);
    std::string message = "variable '" + name + (is_empty ? "' is empty" : "' is not set");
    if (!word.empty()) message += ": " + std::string(word);
    const std::string fallback = form.empty() ? ", or give a default in the spec: ${" + name + ":-...}" : "";
    result.errors.push_back({name, std::move(message), "set it: export " + name + "=..." + fallback});
  }

  // Nothing after it can be told apart.
  void malformed(std::string message, std::string hint) {
    stopped_ = true;
    result.errors.push_back({"", std::move(message), std::move(hint)});
  }

  void append(std::string_view text) {
    if (result.text.size() + text.size() <= result_bytes_limit) {
      result.text += text;
    } else if (!stopped_) {
      malformed("is longer than " + human_size(result_bytes_limit), "check the values of its variables");
    }
  }

  const Environment& environment_;
  bool stopped_ = false;
};

}  // namespace

Substituted substitute(std::string_view text, const Environment& environment) {
  if (text.find('$') == std::string_view::npos) return {.text = std::string(text)};
  Substitution substitution(environment);
  substitution.run(text, 0);
  return std::move(substitution.result);
}

}  // namespace skep::model
