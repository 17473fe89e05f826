// Collects what is wrong with a spec, and says where its keys stand. Private to planner/model.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec_tree.h"

namespace skep::model {

/// Collects what is wrong. Knows the tree, so that rules need only name the path.
class Findings {
 public:
  explicit Findings(const Sources& sources) : sources_(sources) {}

  /// Paths are looked up in this tree from now on; it must stay where it is.
  void set_root(const Tree& root) { root_ = &root; }

  void error(const Spot& spot, std::string message, std::string hint = {});
  void warning(const Spot& spot, std::string message, std::string hint = {});

  /// A problem with the value at a dotted path, at the nearest enclosing one that was written; the path is put in
  /// front.
  void error_at(std::string_view path, std::string_view message, std::string hint = {});
  void warning_at(std::string_view path, std::string_view message, std::string hint = {});

  /// The same, but at the key, where the key itself is what is wrong.
  void error_at_key(std::string_view path, std::string_view message, std::string hint = {});

  /// Whether the spec says something at this path, be it wrong.
  bool is_written(std::string_view path) const;

  /// "cluster.yaml:12", for a message that names a second place.
  std::string line_of(std::string_view path) const;

  bool has_errors() const { return error_count_ > 0; }
  /// So many that nobody reads on: whoever walks large input should stop.
  bool full() const { return found_.size() >= limit; }
  static constexpr std::size_t limit = 200;

  /// All problems, by file and line, each once; when full, the last one says that there are more.
  std::vector<Problem> problems() const;

 private:
  struct Found {
    Problem::Severity severity;
    Spot spot;
    std::string message;
    std::string hint;
  };
  void add(Problem::Severity severity, const Spot& spot, std::string message, std::string hint);

  const Sources& sources_;
  const Tree* root_ = nullptr;
  std::vector<Found> found_;
  std::size_t error_count_ = 0;
};

/// Where each key stands, by dotted path, down to the settings of nodes; what is passed on as it is counts as one key.
std::map<std::string, Place> places_of(const Tree& root, const Sources& sources);

}  // namespace skep::model
