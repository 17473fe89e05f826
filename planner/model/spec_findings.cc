#include "planner/model/spec_findings.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace skep::model {

namespace {

// The member that the front of `path` names, and how much of the path that is; keys may hold dots themselves.
const Member* member_at(const Tree& tree, std::string_view path, std::size_t& used) {
  const std::string_view item = path.substr(0, path.find('.'));
  const Member* found = nullptr;
  for (std::size_t i = 0; i < tree.members.size(); ++i) {
    const Member& member = tree.members[i];
    const bool is_item =
        tree.kind == Tree::Kind::list && (member.value.text == item || (item.size() < 8 && item == std::to_string(i)));
    const std::string_view name = is_item ? item : std::string_view(member.key);
    const bool is_it =
        !name.empty() && path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.');
    if (!is_it || (found && name.size() < used)) continue;
    found = &member;  // of two equal ones the second, which is the one in excess
    used = name.size();
  }
  return found;
}

// The deepest member on the path that was written, which is taken off the path; nullptr when not even its first key
// was.
const Member* nearest(const Tree& root, std::string_view& path) {
  const Member* deepest = nullptr;
  const Tree* tree = &root;
  while (!path.empty()) {
    std::size_t used = 0;
    const Member* member = member_at(*tree, path, used);
    if (!member) break;
    deepest = member;
    tree = &member->value;
    path.remove_prefix(std::min(path.size(), used + 1));
  }
  return deepest;
}

const Spot& spot_for_problem(const Member& member) {
  return member.value.kind == Tree::Kind::text ? member.value.spot : member.spot;
}

void add_places(const Tree& tree, const std::string& path, const Sources& sources,
                std::map<std::string, Place>& places) {
  for (std::size_t i = 0; i < tree.members.size(); ++i) {
    const Member& member = tree.members[i];
    const bool is_item = tree.kind == Tree::Kind::list;
    const bool is_node = is_item && path.starts_with("pools.");
    std::string here = joined(path, is_node ? member.value.text : is_item ? std::to_string(i) : member.key);
    if (here != "engine.daemon") add_places(member.value, here, sources, places);
    places.emplace(std::move(here), sources.place(member.spot));
  }
}

}  // namespace

void Findings::add(Problem::Severity severity, const Spot& spot, std::string message, std::string hint) {
  if (severity == Problem::Severity::error) ++error_count_;
  if (!full()) found_.push_back({severity, spot, std::move(message), std::move(hint)});
}

void Findings::error(const Spot& spot, std::string message, std::string hint) {
  add(Problem::Severity::error, spot, std::move(message), std::move(hint));
}

void Findings::warning(const Spot& spot, std::string message, std::string hint) {
  add(Problem::Severity::warning, spot, std::move(message), std::move(hint));
}

void Findings::error_at(std::string_view path, std::string_view message, std::string hint) {
  std::string_view rest = path;
  const Member* member = root_ && !full() ? nearest(*root_, rest) : nullptr;
  error(member ? spot_for_problem(*member) : Spot{}, std::string(path) + ": " + std::string(message), std::move(hint));
}

void Findings::error_at_key(std::string_view path, std::string_view message, std::string hint) {
  std::string_view rest = path;
  const Member* member = root_ && !full() ? nearest(*root_, rest) : nullptr;
  error(member ? member->spot : Spot{}, std::string(path) + ": " + std::string(message), std::move(hint));
}

void Findings::warning_at(std::string_view path, std::string_view message, std::string hint) {
  std::string_view rest = path;
  const Member* member = root_ && !full() ? nearest(*root_, rest) : nullptr;
  warning(member ? spot_for_problem(*member) : Spot{}, std::string(path) + ": " + std::string(message),
          std::move(hint));
}

bool Findings::is_written(std::string_view path) const {
  const Member* member = root_ ? nearest(*root_, path) : nullptr;
  return member && path.empty() && member->value.kind != Tree::Kind::null;
}

std::string Findings::line_of(std::string_view path) const {
  const Member* member = root_ ? nearest(*root_, path) : nullptr;
  if (!member) return {};
  return sources_.document(member->spot.file).name + ":" + std::to_string(member->spot.line + 1);
}

std::vector<Problem> Findings::problems() const {
  const auto order = [](const Found& found) {
    return std::tuple(found.spot.file, found.spot.line + 1, found.spot.column, std::string_view(found.message));
  };  // line + 1: the whole file wraps to 0 and comes first
  std::vector<Found> sorted = found_;
  std::ranges::stable_sort(sorted, {}, order);
  const auto is_same = [](const Found& a, const Found& b) { return a.spot == b.spot && a.message == b.message; };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), is_same), sorted.end());
  std::vector<Problem> problems;
  for (const auto& found : sorted)
    problems.push_back({found.severity, sources_.place(found.spot), found.message, found.hint});
  if (full()) {
    problems.push_back({.place = sources_.place(Spot{.file = sorted.back().spot.file}),
                        .message = "there may be more problems than these " + std::to_string(problems.size()),
                        .hint = "correct these first"});
  }
  return problems;
}

std::map<std::string, Place> places_of(const Tree& root, const Sources& sources) {
  std::map<std::string, Place> places;
  add_places(root, "", sources, places);
  if (sources.count() > 0) places.emplace("", sources.place(Spot{}));
  return places;
}

}  // namespace skep::model
