#include "planner/model/spec_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "planner/model/spec_yaml_text.h"

namespace skep::model {

namespace {

/// Thrown out of the parser at the first thing that makes the rest of the file meaningless.
struct Unreadable {
  Spot spot;
  std::string message;
  std::string hint = {};
};

/// Builds the tree from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Sources& sources, std::uint32_t file, Findings& findings)
      : sources_(sources), file_(file), findings_(findings) {}

  std::optional<Tree> take() { return std::move(root_); }

  /// Where the innermost bracket stands that was not closed yet.
  std::optional<Spot> open_bracket() const {
    const auto found = std::find_if(open_.rbegin(), open_.rend(), [](const Open& open) { return open.is_flow; });
    return found == open_.rend() ? std::nullopt : std::optional(found->tree.spot);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_count_++ == 0) return;
    // The parser also begins a new document where the first one cannot go on.
    const auto line = static_cast<std::uint32_t>(mark.line);
    const bool is_marked = line > 0 && sources_.line(file_, line - 1).starts_with("---");
    if (is_marked || sources_.line(file_, line).starts_with("---"))
      throw Unreadable{spot_of(mark), "a second YAML document begins here",
                       "write one spec a file and give several -f"};
    throw Unreadable{spot_of(mark), "this belongs to nothing above it",
                     "indent it like its neighbours; a file holds either keys or a list, not both"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    count(1, spot_of(mark));
    Tree value;
    value.spot = open_.empty() || !open_.back().has_key ? spot_of(mark) : open_.back().key_spot;
    finish(std::move(value), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Unreadable{spot_of(mark), "this alias stands inside of what it names", "a value cannot hold itself"};
    count(found->second.value_count, spot_of(mark));
    if (open_.size() + found->second.depth > spec_depth_limit) throw too_deep(spot_of(mark));
    deepest_ = std::max(deepest_, open_.size() + found->second.depth);
    Tree copy = found->second.value;
    finish(std::move(copy), YAML::NullAnchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    count(1, spot_of(mark));
    Tree value;
    value.kind = Tree::Kind::text;
    value.spot = spot_of(mark);
    value.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    check_tag(tag, value.spot, {"str", "int", "float", "bool", "null"});
    value.text = text;
    const auto extent = scalar_extent(sources_, value.spot, text);
    value.spot = extent.spot;
    if (!extent.is_closed)
      throw Unreadable{value.spot, "this quote is never closed", "end the text with the same quote it began with"};
    finish(std::move(value), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    check_tag(tag, spot_of(mark), {"seq"});
    begin(Tree::Kind::list, mark, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    check_tag(tag, spot_of(mark), {"map"});
    begin(Tree::Kind::map, mark, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Tree tree;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::size_t values_before = 0;
    std::size_t deepest_before = 0;
    bool is_flow = false;  // in { } or [ ]
    bool has_key = false;  // a key was read, its value comes next
    std::string key = {};
    Spot key_spot = {};
    std::map<std::string, Spot, std::less<>> seen = {};
  };
  struct Anchored {
    Tree value;
    std::size_t value_count = 1;
    std::size_t depth = 0;  // levels below it
  };

  Spot spot_of(const YAML::Mark& mark) const {
    return {.file = file_,
            .line = static_cast<std::uint32_t>(std::max(0, mark.line)),
            .column = static_cast<std::uint32_t>(std::max(0, mark.column))};
  }

  static Unreadable too_deep(const Spot& spot) {
    return {spot, "nested deeper than " + std::to_string(spec_depth_limit) + " levels",
            "look for brackets that are never closed and for aliases inside aliases"};
  }

  void count(std::size_t values, const Spot& spot) {
    value_count_ += values;
    if (value_count_ <= spec_values_limit) return;
    throw Unreadable{spot, "the spec holds more than " + std::to_string(spec_values_limit) + " values from here on",
                     "look for aliases that repeat aliases"};
  }

  void check_tag(std::string tag, const Spot& spot, std::initializer_list<std::string_view> known) const {
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "!" || tag == "?") return;
    const bool is_standard = tag.starts_with(standard);
    if (is_standard) tag.erase(0, standard.size());
    if (is_standard && std::ranges::find(known, tag) != known.end()) return;
    throw Unreadable{spot, "the tag " + shown(is_standard ? "!!" + tag : tag) + " means nothing in a spec",
                     "leave the tag out; quotes make a text of a number"};
  }

  void begin(Tree::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, bool is_flow) {
    count(1, spot_of(mark));
    if (!open_.empty() && open_.back().tree.kind == Tree::Kind::map && !open_.back().has_key)
      throw Unreadable{spot_of(mark), "a key must be a text, not a list or a map",
                       variable_hint(sources_, spot_of(mark))};
    Open open;
    open.tree.kind = kind;
    open.tree.spot = spot_of(mark);
    open.anchor = anchor;
    open.is_flow = is_flow;
    open.values_before = value_count_ - 1;
    open.deepest_before = deepest_;
    open_.push_back(std::move(open));
    deepest_ = open_.size();
    if (open_.size() > spec_depth_limit) throw too_deep(spot_of(mark));
  }

  void end() {
    Open open = std::move(open_.back());
    open_.pop_back();
    if (open.anchor != YAML::NullAnchor) {
      anchors_[open.anchor] = {
          .value = open.tree, .value_count = value_count_ - open.values_before, .depth = deepest_ - open_.size()};
      count(value_count_ - open.values_before, open.tree.spot);  // the copy that the anchor keeps
    }
    deepest_ = std::max(deepest_, open.deepest_before);
    finish(std::move(open.tree), YAML::NullAnchor);
  }

  // A value is complete: it becomes the root, an item, a key, or the value of the key before it.
  void finish(Tree value, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {.value = value};
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& open = open_.back();
    if (open.tree.kind == Tree::Kind::list) {
      const Spot spot = value.spot;
      open.tree.members.push_back({.key = "", .spot = spot, .value = std::move(value)});
    } else if (open.has_key) {
      open.has_key = false;
      open.tree.members.push_back({.key = std::move(open.key), .spot = open.key_spot, .value = std::move(value)});
    } else {
      take_key(open, value);
    }
  }

  void take_key(Open& open, const Tree& key) {
    if (key.kind != Tree::Kind::text || key.text.empty())
      throw Unreadable{key.spot, "a key must be a text that is not empty", "put the name of the key before the ':'"};
    open.has_key = true;
    open.key = key.text;
    open.key_spot = key.spot;
    const auto [first, is_new] = open.seen.emplace(key.text, key.spot);
    if (is_new) return;
    if (findings_.full()) throw Unreadable{key.spot, "too many keys that stand here for the second time"};
    findings_.error(key.spot,
                    joined(path(), key.text) + ": stands here for the second time, first in line " +
                        std::to_string(first->second.line + 1),
                    key.text == "<<" ? "merge several with one key: <<: [*a, *b]" : "keep one of the two");
  }

  // Of the map that is being read.
  std::string path() const {
    std::string path;
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      if (open_[i].has_key) path = joined(path, open_[i].key);
    }
    return path;
  }

  const Sources& sources_;
  const std::uint32_t file_;
  Findings& findings_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::optional<Tree> root_;
  std::size_t value_count_ = 0;
  std::size_t deepest_ = 0;  // levels open at the deepest point of the innermost open value
  int document_count_ = 0;
};

}  // namespace

std::optional<Tree> parse_yaml(const Sources& sources, std::uint32_t file, Findings& findings) {
  if (!check_bytes(sources, file, findings)) return std::nullopt;
  Builder builder(sources, file, findings);
  try {
    std::istringstream stream(sources.document(file).text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Unreadable& unreadable) {
    findings.error(unreadable.spot, unreadable.message, unreadable.hint);
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    Spot spot{.file = file,
              .line = static_cast<std::uint32_t>(std::max(0, error.mark.line)),
              .column = static_cast<std::uint32_t>(std::max(0, error.mark.column))};
    const bool is_at_end = sources.text_from(spot).empty();
    if (is_at_end) spot = builder.open_bracket().value_or(spot);
    const auto explained = explain_syntax_error(sources, spot, error.msg);
    findings.error(explained.spot, explained.message, explained.hint);
    return std::nullopt;
  } catch (const std::exception& error) {  // the library throws others for hostile numbers in directives
    findings.error(Spot{.file = file}, std::string("not readable as YAML: ") + error.what());
    return std::nullopt;
  }
  return builder.take().value_or(Tree{});
}

}  // namespace skep::model
