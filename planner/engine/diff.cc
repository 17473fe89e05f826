#include "planner/engine/diff.h"

#include <algorithm>
#include <set>

#include "planner/base/text.h"
#include "planner/model/spec_formats.h"

namespace skep {

namespace {

constexpr const char* not_known_yet = "(known after apply)";

bool is_secret(const Json& value) { return value.is_object() && value.contains("$secret"); }
bool is_choice_of_all(const Json& value) { return value.is_object() && value.contains("$all"); }
bool is_ref(const Json& value) { return value.is_object() && value.contains("$ref"); }

// Two and more things by reference: which, not in what order.
bool is_list_of_refs(const Json& list) { return list.size() > 1 && std::ranges::all_of(list, is_ref); }

bool holds_secret(const Json& value) {
  if (is_secret(value)) return true;
  return value.is_structured() && std::ranges::any_of(value, [](const Json& part) { return holds_secret(part); });
}

// By digest where both are known: the same value under another name is the same secret.
bool is_same_secret(const Json& wanted, const Json& had) {
  if (!is_secret(had)) return false;
  const std::string wanted_digest = json_string_or(wanted, "digest", "unknown");
  const std::string had_digest = json_string_or(had, "digest", "unknown");
  if (wanted_digest == "unknown" || had_digest == "unknown") return wanted.at("$secret") == had.at("$secret");
  return wanted_digest == had_digest;
}

// Rules, ports: a list of mappings of plain values.
bool is_list_of_settings(const Json& list) {
  const auto is_setting = [](const Json& one) {
    return one.is_object() && !is_secret(one) && !is_ref(one) && !is_choice_of_all(one) &&
           std::ranges::none_of(one, [](const Json& value) { return value.is_structured(); });
  };
  return list.is_array() && std::ranges::all_of(list, is_setting);
}

/// "port 80 protocol tcp; port 443 protocol tcp and 2 others": those that the other list lacks, and how many it has
/// too.
std::string settings_text(const Json& list, const Json& other) {
  std::vector<std::string> own;
  for (const auto& one : list) {
    if (std::ranges::find(other, one) != other.end()) continue;
    std::vector<std::string> words;
    for (const auto& [key, value] : one.items()) words.push_back(key + " " + value_text(value));
    own.push_back(join(words, " "));
  }
  const std::size_t shared = list.size() - own.size();
  const std::string text = join(own, "; ");
  if (shared == 0) return text;
  return (text.empty() ? "" : text + " and ") + count_of(shared, "other");
}

// Sizes as people write them: "2.0 GB" for `size_bytes` 2000000000.
std::optional<std::string> size_text(std::string_view field, const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (field.ends_with("_bytes")) return human_size(value.get<std::uint64_t>());
  if (field.ends_with("_gb")) return value.dump() + " GB";
  return std::nullopt;
}

std::string without_unit(const std::string& field) {
  for (const std::string_view unit : {"_bytes", "_gb"}) {
    if (field.ends_with(unit)) return field.substr(0, field.size() - unit.size());
  }
  return field;
}

std::string or_none(const std::string& value) { return value.empty() ? "none" : value; }

// Whether a field that can only grow would have to shrink, or, of ranges, to move.
bool is_less(const Json& wanted, const Json& had) {
  if (wanted.is_number() && had.is_number()) return wanted < had;
  if (!wanted.is_string() || !had.is_string()) return false;
  const auto range = model::parse_cidr(wanted.get<std::string>());
  const auto old_range = model::parse_cidr(had.get<std::string>());
  return range && old_range && !range->contains(*old_range);
}

class Comparison {
 public:
  explicit Comparison(const Lookup& lookup) : lookup_(lookup) {}

  bool is_same(const Json& wanted, const Json& had) const {
    if (wanted.is_array()) {
      if (!had.is_array() || wanted.size() != had.size()) return false;
      if (is_list_of_refs(wanted)) return is_same_set(wanted, had);
      return std::ranges::equal(wanted, had, [&](const Json& w, const Json& h) { return is_same(w, h); });
    }
    if (!wanted.is_object()) return wanted == had;
    if (is_choice_of_all(wanted)) return true;
    if (is_secret(wanted)) return is_same_secret(wanted, had);
    if (is_ref(wanted)) {
      const Referent referent = lookup_(wanted);
      return referent.kind == Referent::Kind::any || (referent.kind == Referent::Kind::value && referent.value == had);
    }
    if (!had.is_object() || wanted.size() != had.size()) return false;
    return std::ranges::all_of(wanted.items(), [&](const auto& item) {
      const auto other = had.find(item.key());
      return other != had.end() && is_same(item.value(), *other);
    });
  }

  // Goes down into objects as long as both sides are plain ones, so that people see the member that differs.
  void collect(const std::string& path, const Json& wanted, const Json& had, std::vector<FieldChange>& changes) const {
    if (is_same(wanted, had)) return;
    if (is_list_of_settings(wanted) && is_list_of_settings(had)) {
      FieldChange change = {path, settings_text(had, wanted), settings_text(wanted, had)};
      const bool is_order = change.before == change.after;
      if (!is_order) return changes.push_back(std::move(change));
    }
    if (!is_plain_object(wanted) || !is_plain_object(had)) {
      changes.push_back(change_of(path, wanted, had));
      return;
    }
    std::set<std::string> keys;
    for (const auto& item : wanted.items()) keys.insert(item.key());
    for (const auto& item : had.items()) keys.insert(item.key());
    for (const auto& key : keys) collect(path + "." + key, json_member(wanted, key), json_member(had, key), changes);
  }

 private:
  // What exists reports in an order of its own what was named in ours.
  bool is_same_set(const Json& wanted, const Json& had) const {
    std::vector<Json> left(had.begin(), had.end());
    for (const auto& one : wanted) {
      const auto found = std::ranges::find_if(left, [&](const Json& other) { return is_same(one, other); });
      if (found == left.end()) return false;
      left.erase(found);
    }
    return true;
  }

  static bool is_plain_object(const Json& value) {
    return value.is_object() && !is_secret(value) && !is_ref(value) && !is_choice_of_all(value);
  }

  FieldChange change_of(const std::string& path, const Json& wanted, const Json& had) const {
    FieldChange change = {.field = without_unit(path), .before = value_text(had), .after = text_after(wanted, had)};
    const auto before = size_text(path, had);
    const auto after = size_text(path, wanted);
    if (before == after) return change;  // they differ by less than is shown
    if (before) change.before = *before;
    if (after) change.after = *after;
    return change;
  }

  std::string text_after(const Json& wanted, const Json& had) const {
    if (is_secret(wanted)) return is_secret(had) ? "(another secret)" : "(secret)";
    return value_text(holds_secret(wanted) ? wanted : as_known(wanted));
  }

  // What references stand for, as far as it is known before the apply.
  Json as_known(const Json& wanted) const {
    if (is_ref(wanted)) {
      const Referent referent = lookup_(wanted);
      return referent.kind == Referent::Kind::value ? referent.value : Json(not_known_yet);
    }
    Json known = wanted;
    if (known.is_structured()) {
      for (auto& part : known) part = as_known(part);
    }
    return known;
  }

  const Lookup& lookup_;
};

// What was never known, or is not known yet, is for the driver to judge.
void add_refusal(Diff& diff, const Field& field, const Json& want, const Json& had,
                 const std::vector<FieldChange>& changes) {
  const bool is_less_now = field.on_change == OnChange::grows && is_less(want, had);
  const bool is_fixed = field.on_change == OnChange::fixed && !had.is_null() && !is_ref(want);
  if (!is_less_now && !is_fixed) return;
  for (const FieldChange& change : changes) {
    diff.refusals.push_back("its " + change.field + (is_less_now ? " can only grow: " : " cannot change: ") +
                            or_none(change.before) + " → " + or_none(change.after));
  }
}

}  // namespace

std::string to_text(const FieldChange& change) {
  return change.field + " " + or_none(change.before) + " → " + or_none(change.after);
}

std::string value_text(const Json& value) {
  if (value.is_null()) return {};
  if (holds_secret(value)) return "(secret)";
  if (is_ref(value)) return not_known_yet;
  return value.is_string() ? value.get<std::string>() : dump_json(value);
}

std::string value_text(std::string_view field, const Json& value) {
  return size_text(field, value).value_or(value_text(value));
}

Diff diff(const Attributes& wanted, const Attributes& applied, const Attributes& reported, const Schema& schema,
          const Lookup& lookup) {
  Diff result;
  const Comparison comparison(lookup);
  for (const auto& field : schema.inputs) {
    if (field.on_change == OnChange::ignore) continue;
    const Json& want = json_member(wanted, field.name);
    const Json& last = json_member(applied, field.name);
    if (want.is_null() && last.is_null()) continue;
    const bool is_reported = !field.secret && reported.is_object() && reported.contains(field.name);
    const Json& had = is_reported && !holds_secret(want) ? json_member(reported, field.name) : last;
    if (comparison.is_same(want, had)) continue;
    std::vector<FieldChange> changes;
    comparison.collect(field.name, want, had, changes);
    if (field.secret) {
      for (auto& change : changes) change.before = change.after = "(secret)";
    }
    add_refusal(result, field, want, had, changes);
    auto& target = field.on_change == OnChange::next_time ? result.next_time : result.fields;
    target.insert(target.end(), changes.begin(), changes.end());
    result.updates = result.updates || field.on_change == OnChange::update || field.on_change == OnChange::grows ||
                     field.on_change == OnChange::fixed;
    result.disrupts = result.disrupts || field.on_change == OnChange::disrupt;
    if (field.on_change == OnChange::replace && !result.replaces) {
      result.replaces = true;
      result.cause = field.name;
    }
  }
  return result;
}

}  // namespace skep
