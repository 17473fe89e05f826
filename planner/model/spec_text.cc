#include "planner/model/spec_text.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "planner/base/text.h"
#include "planner/model/spec_variables.h"
#include "planner/model/spec_yaml.h"
#include "planner/model/spec_yaml_text.h"

namespace skep::model {

namespace {

constexpr std::size_t substituted_bytes_limit = 16U << 20;

/// The way to a value, written out only when there is something to say about it.
struct Way {
  const Way* up = nullptr;
  std::string_view key = {};
  std::size_t index = 0;

  std::string text() const {
    if (!up) return "";
    return joined(up->text(), key.empty() ? std::to_string(index) : std::string(key));
  }
};

// Keys that a map has itself win over those that `<<` brings, and the first map named by `<<` wins over the next.
void expand_merge_keys(Tree& tree, const Way& way, Findings& findings) {
  for (std::size_t i = 0; i < tree.members.size(); ++i)
    expand_merge_keys(tree.members[i].value, {&way, tree.members[i].key, i}, findings);
  const auto is_merge = [](const Member& member) { return member.key == "<<"; };
  if (tree.kind != Tree::Kind::map || std::ranges::none_of(tree.members, is_merge)) return;

  std::vector<Member> own;
  std::vector<Tree> sources;
  for (auto& member : tree.members) {
    if (!is_merge(member)) {
      own.push_back(std::move(member));
    } else if (member.value.kind == Tree::Kind::list) {
      for (auto& item : member.value.members) sources.push_back(std::move(item.value));
    } else {
      sources.push_back(std::move(member.value));
    }
  }
  std::unordered_set<std::string> keys;
  for (const auto& member : own) keys.insert(member.key);
  for (auto& source : sources) {
    if (source.kind != Tree::Kind::map) {
      findings.error(source.spot,
                     joined(way.text(), "<<") + ": expected a map or a list of maps, found " + shown(source),
                     "write <<: *name, where name is the anchor of a map: key: &name {...}");
      continue;
    }
    for (auto& member : source.members) {
      if (keys.insert(member.key).second) own.push_back(std::move(member));
    }
  }
  tree.members = std::move(own);
}

Spot spot_of_variable(const Sources& sources, const Spot& scalar, const std::string& name) {
  const std::string_view line = sources.line(scalar.file, scalar.line);
  for (const auto& form : {"${" + name, "$" + name}) {
    const auto column = name.empty() ? std::string_view::npos : line.find(form, scalar.column);
    if (column == std::string_view::npos) continue;
    Spot spot = scalar;
    spot.column = static_cast<std::uint32_t>(column);
    const auto end = form[1] == '{' ? line.find('}', column) : std::string_view::npos;
    spot.length = static_cast<std::uint32_t>(end == std::string_view::npos ? form.size() : end + 1 - column);
    return spot;
  }
  return scalar;
}

/// Replaces the variables of one document, value by value.
class Substituter {
 public:
  Substituter(const Sources& sources, const Environment& environment, Findings& findings)
      : sources_(sources), environment_(environment), findings_(findings) {}

  void run(Tree& tree, const Way& way) {
    for (std::size_t i = 0; i < tree.members.size(); ++i) run(tree.members[i].value, {&way, tree.members[i].key, i});
    if (tree.kind != Tree::Kind::text) return;
    if (tree.text.find('$') != std::string::npos) replace(tree, way);
    if (!tree.wrong && scalar_type(tree) == ScalarType::null) tree.kind = Tree::Kind::null;
  }

 private:
  void replace(Tree& tree, const Way& way) {
    Substituted substituted = substitute(tree.text, environment_);
    tree.from_variable = substituted.has_variable;
    for (auto& error : substituted.errors) {
      tree.wrong = true;
      findings_.error(spot_of_variable(sources_, tree.spot, error.name), way.text() + ": " + error.message,
                      std::move(error.hint));
    }
    if (!is_utf8(substituted.text) || substituted.text.find('\0') != std::string::npos) {
      tree.wrong = true;
      findings_.error(tree.spot, way.text() + ": the variable holds bytes that are not UTF-8 text", "check its value");
    }
    byte_count_ += substituted.text.size();
    if (byte_count_ > substituted_bytes_limit) {
      tree.wrong = true;
      findings_.error(tree.spot,
                      way.text() + ": variables make the spec longer than " + human_size(substituted_bytes_limit),
                      "check their values");
      substituted.text.clear();
    }
    tree.text = std::move(substituted.text);
  }

  const Sources& sources_;
  const Environment& environment_;
  Findings& findings_;
  std::size_t byte_count_ = 0;
};

bool names(const Tree& pool, std::string_view key) {
  const Tree* value = pool.find(key);
  return value && value->kind != Tree::Kind::null;
}

/// Lays `over` over `base` as Compose does: maps deeply, everything else replaced, null takes away.
class Overlay {
 public:
  explicit Overlay(Findings& findings) : findings_(findings) {}

  void lay(Tree& base, Tree over, const Way& way) {
    if (base.kind != Tree::Kind::map || over.kind != Tree::Kind::map) {
      base = std::move(over);
      return;
    }
    std::unordered_set<std::string> gone;
    const bool is_pool = way.up && way.up->up && !way.up->up->up && way.up->key == "pools";
    if (is_pool && names(over, "count") && !names(over, "nodes")) gone.insert("nodes");  // the later form wins
    if (is_pool && names(over, "nodes") && !names(over, "count")) gone.insert("count");

    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < base.members.size(); ++i) places.emplace(base.members[i].key, i);
    for (std::size_t i = 0; i < over.members.size(); ++i) {
      Member& member = over.members[i];
      const Way here{&way, member.key, i};
      const auto found = places.find(member.key);
      if (member.value.kind == Tree::Kind::null) {
        gone.insert(member.key);
        if (found == places.end())
          findings_.warning(member.spot, here.text() + ": null takes nothing away: no file before has this key",
                            "check the spelling, or take the line out");
      } else if (found == places.end()) {
        base.members.push_back({member.key, member.spot, without_nulls(std::move(member.value), here)});
      } else {
        lay_member(base.members[found->second], member, here);
      }
    }
    std::erase_if(base.members, [&gone](const Member& member) { return gone.contains(member.key); });
  }

 private:
  // Null takes away also where nothing was: what is new has none.
  Tree without_nulls(Tree fresh, const Way& way) {
    if (fresh.kind != Tree::Kind::map) return fresh;
    Tree base = fresh;
    base.members.clear();
    lay(base, std::move(fresh), way);
    return base;
  }

  void lay_member(Member& base, Member& over, const Way& way) {
    const bool is_deep = base.value.kind == Tree::Kind::map && over.value.kind == Tree::Kind::map;
    if (!is_deep) base.spot = over.spot;
    lay(base.value, std::move(over.value), way);
  }

  Findings& findings_;
};

std::optional<Tree> read_document(const Sources& sources, std::uint32_t file, Findings& findings) {
  auto tree = parse_yaml(sources, file, findings);
  if (!tree || tree->kind == Tree::Kind::map) return tree;
  if (tree->kind != Tree::Kind::list && scalar_type(*tree) == ScalarType::null)
    findings.error(Spot{.file = file}, "the file is empty", "skep init writes a spec to start from");
  else
    findings.error(tree->spot, "expected keys and values, found " + shown(*tree),
                   "a spec begins with the keys skep: 1, name, provider and pools");
  return std::nullopt;
}

}  // namespace

std::optional<Tree> merged_tree(const Sources& sources, const Environment& environment, Findings& findings) {
  std::optional<Tree> merged;
  bool is_whole = true;
  for (std::uint32_t file = 0; file < sources.count(); ++file) {
    auto tree = read_document(sources, file, findings);
    if (!tree) {
      is_whole = false;
      continue;
    }
    if (findings.full()) return std::nullopt;
    expand_merge_keys(*tree, {}, findings);
    std::erase_if(tree->members, [](const Member& member) { return member.key.starts_with("x-"); });
    Substituter(sources, environment, findings).run(*tree, {});
    if (merged)
      Overlay(findings).lay(*merged, std::move(*tree), {});
    else
      merged = std::move(tree);
  }
  return is_whole ? std::move(merged) : std::nullopt;
}

}  // namespace skep::model
