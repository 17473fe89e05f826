#include "planner/model/spec_shape.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "planner/base/text.h"

namespace skep::model {

namespace {

std::vector<std::string> as_strings(const std::vector<std::string_view>& views) { return {views.begin(), views.end()}; }

// ", did you mean 'type'?" or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest = 64;
  if (word.size() > longest) return "";
  const auto meant = closest(word, candidates);
  return meant ? ", did you mean '" + *meant + "'?" : "";
}

// Whether a value of a key that is not supported yet asks for nothing.
bool asks_for_nothing(const Tree& value, const Key& key) {
  if (value.kind != Tree::Kind::text) return value.members.empty();
  return !key.details.initial.empty() && value.text == key.details.initial && !value.quoted;
}

class ShapeCheck {
 public:
  explicit ShapeCheck(Findings& findings) : findings_(findings) {}

  void check(Tree& value, const KeyNode& node, const std::string& path) {
    if (value.wrong || value.kind == Tree::Kind::null || findings_.full()) return;
    const Key& key = *node.key;
    if (key.details.later) {
      if (!asks_for_nothing(value, key)) wrong(value, path, "is not supported yet", "take it out for now");
      return;
    }
    switch (key.shape) {
      case Shape::map:
        return check_map(value, node, path);
      case Shape::names:
        return check_names(value, node, path);
      case Shape::list:
        return check_list(value, node, path);
      case Shape::names_or_list:
        return value.kind == Tree::Kind::list ? check_text_items(value, key, path) : check_names(value, node, path);
      case Shape::text_or_list:
        return value.kind == Tree::Kind::list ? check_text_items(value, key, path) : check_text(value, key, path);
      case Shape::text:
        return check_text(value, key, path);
      case Shape::integer:
        return check_integer(value, key, path);
      case Shape::boolean:
        return check_boolean(value, key, path);
      case Shape::label:
        return check_label(value, key, path);
      case Shape::number_or_text:
        return check_number_or_text(value, key, path);
      case Shape::free_map:
        if (value.kind != Tree::Kind::map) unexpected(value, key, path);
    }
  }

 private:
  void wrong(Tree& value, const std::string& path, const std::string& message, std::string hint = {}) {
    value.wrong = true;
    findings_.error_at(path, message, std::move(hint));
  }

  void unexpected(Tree& value, const Key& key, const std::string& path, std::string hint = {}) {
    wrong(value, path, "expected " + expected(key) + ", found " + shown(value), std::move(hint));
  }

  void check_map(Tree& value, const KeyNode& node, const std::string& path) {
    if (value.kind != Tree::Kind::map) return unexpected(value, *node.key, path);
    for (auto& member : value.members) {
      if (const KeyNode* child = node.child(member.key))
        check(member.value, *child, joined(path, member.key));
      else
        unknown_key(member, node, path);
    }
    for (const auto& [name, child] : node.children) {
      const Tree* member = child.key->details.required ? value.find(name) : nullptr;
      if (!child.key->details.required || (member && member->kind != Tree::Kind::null)) continue;
      value.wrong = value.wrong || !path.empty();
      const std::string where = joined(path, name);
      findings_.error_at(where, "is missing", "add " + std::string(name) + ": " + expected(*child.key));
    }
  }

  void unknown_key(Member& member, const KeyNode& node, const std::string& path) {
    member.value.wrong = true;
    std::vector<std::string> known;
    for (const auto& [name, child] : node.children) known.emplace_back(name);
    const std::string meant = suggestion(member.key, known);
    std::string hint = path.empty() ? "keys of your own begin with x-" : "known here: " + join(known, ", ");
    findings_.error(member.spot, (path.empty() ? "" : path + ": ") + "unknown key " + shown(member.key) + meant,
                    meant.empty() ? std::move(hint) : "");
  }

  void check_names(Tree& value, const KeyNode& node, const std::string& path) {
    if (value.kind != Tree::Kind::map) return unexpected(value, *node.key, path);
    const Format format = node.key->details.format;
    for (auto& member : value.members) {
      if (findings_.full()) return;
      const std::string here = joined(path, member.key);
      if (!matches(format, member.key)) {
        member.value.wrong = true;
        findings_.error(member.spot,
                        path + ": expected " + std::string(rule_of(format).expected) + ", found " + shown(member.key));
      } else if (member.value.kind == Tree::Kind::null) {
        member.value.wrong = true;
        const bool is_label = node.each->key->shape == Shape::label;
        findings_.error(member.spot, here + ": is empty",
                        is_label ? "write \"\" for an empty text" : "write {} where there is nothing to say");
      } else {
        check(member.value, *node.each, here);
      }
    }
  }

  void check_list(Tree& value, const KeyNode& node, const std::string& path) {
    if (value.kind != Tree::Kind::list) return unexpected(value, *node.key, path);
    for (std::size_t i = 0; i < value.members.size(); ++i)
      check(value.members[i].value, *node.each, joined(path, std::to_string(i)));
  }

  // The texts of a list, each in the format of the list's own key.
  void check_text_items(Tree& value, const Key& key, const std::string& path) {
    for (std::size_t i = 0; i < value.members.size() && !findings_.full(); ++i) {
      Tree& item = value.members[i].value;
      if (item.wrong) continue;
      const std::string& expectation = std::string(rule_of(key.details.format).expected);
      if (item.kind == Tree::Kind::text && is_text(item) && matches(key.details.format, item.text)) continue;
      item.wrong = true;
      findings_.error(item.spot, path + ": expected " + expectation + ", found " + shown(item),
                      item.kind == Tree::Kind::map ? "settings need the form NAME: {...} instead of a list" : "");
    }
  }

  static bool is_text(const Tree& scalar) { return scalar_type(scalar) == ScalarType::text; }

  void check_text(Tree& value, const Key& key, const std::string& path) {
    if (value.kind != Tree::Kind::text) return unexpected(value, key, path);
    const KeyDetails& details = key.details;
    if (!is_text(value)) return unexpected(value, key, path, quoting_hint(value, details));
    if (!details.values.empty()) return check_alternative(value, key, path);
    if (!matches(details.format, value.text)) unexpected(value, key, path);
  }

  // Why what looks like the right text is none.
  static std::string quoting_hint(const Tree& value, const KeyDetails& details) {
    if (details.format == Format::duration) return "a duration has a unit: ms, s, m or h";
    if (details.format == Format::size) return "a size has a unit: MB, GB, TB, MiB, GiB or TiB";
    if (!details.values.empty() || !matches(details.format, value.text)) return "";
    const std::string what = value.from_variable ? "the variable" : "it: \"" + value.text + "\"";
    return "YAML takes this for a number, true or false; quote " + what;
  }

  void check_alternative(Tree& value, const Key& key, const std::string& path) {
    const auto known = alternatives(key.details.values);
    const auto later = alternatives(key.details.values_later);
    if (std::ranges::find(known, value.text) != known.end()) return;
    if (std::ranges::find(later, value.text) != later.end())
      return wrong(value, path, "'" + value.text + "' is not supported yet",
                   "supported today: " + join(as_strings(known), ", "));
    auto all = as_strings(known);
    for (const auto& word : later) all.emplace_back(word);
    const std::string meant = value.from_variable ? "" : suggestion(value.text, all);
    if (!meant.empty()) return wrong(value, path, "unknown value " + shown(value) + meant);
    unexpected(value, key, path);
  }

  void check_integer(Tree& value, const Key& key, const std::string& path) {
    const auto number = value.kind == Tree::Kind::text ? integer_of(value) : std::nullopt;
    if (number && *number >= key.details.minimum && *number <= key.details.maximum) return;
    Tree plain = value;
    plain.quoted = false;
    const bool is_only_quoted = value.quoted && integer_of(plain);
    std::string hint = is_only_quoted ? "write the number without quotes" : "";
    if (key.path == "skep" && number) hint = "this skep knows version 1 of the format; for another take another skep";
    unexpected(value, key, path, std::move(hint));
  }

  void check_boolean(Tree& value, const Key& key, const std::string& path) {
    if (value.kind == Tree::Kind::text && scalar_type(value) == ScalarType::boolean) return;
    unexpected(value, key, path);
  }

  void check_label(Tree& value, const Key& key, const std::string& path) {
    if (value.kind == Tree::Kind::text && matches(Format::label_value, value.text)) return;
    unexpected(value, key, path);
  }

  void check_number_or_text(Tree& value, const Key& key, const std::string& path) {
    if (value.kind == Tree::Kind::text && matches(key.details.format, value.text)) return;
    unexpected(value, key, path);
  }

  Findings& findings_;
};

}  // namespace

void check_shape(Tree& spec, Findings& findings) { ShapeCheck(findings).check(spec, spec_key_tree(), ""); }

std::optional<long> integer_of(const Tree& scalar) {
  if (scalar_type(scalar) != ScalarType::integer) return std::nullopt;
  std::string_view digits = scalar.text;
  int base = 10;
  if (digits.starts_with("0x")) base = 16;
  if (digits.starts_with("0o")) base = 8;
  if (base != 10) digits.remove_prefix(2);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  long number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::string expected(const Key& key) {
  const KeyDetails& details = key.details;
  switch (key.shape) {
    case Shape::map:
    case Shape::names:
    case Shape::free_map:
      return "keys and values";
    case Shape::list:
      return "a list";
    case Shape::names_or_list:
      return "names with settings, or a list of names";
    case Shape::text:
      if (!details.values.empty()) return "one of " + join(as_strings(alternatives(details.values)), ", ");
      return std::string(rule_of(details.format).expected);
    case Shape::text_or_list:
      return std::string(rule_of(details.format).expected) + ", or a list of them";
    case Shape::integer:
      if (details.minimum == details.maximum) return std::to_string(details.minimum);
      return "a whole number from " + std::to_string(details.minimum) + " to " + std::to_string(details.maximum);
    case Shape::boolean:
      return "true or false";
    case Shape::label:
      return std::string(rule_of(Format::label_value).expected);
    case Shape::number_or_text:
      return std::string(rule_of(details.format).expected);
  }
  return "";
}

}  // namespace skep::model
