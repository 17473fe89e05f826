// The spec as it was written: a tree of keys, texts and lists, each with its spot in a file. Private to planner/model.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/model/load_spec.h"
#include "planner/model/problem.h"

namespace skep::model {

/// Where something stands; small, so that every value can carry one. Lines and columns count from 0, columns in bytes.
struct Spot {
  std::uint32_t file = 0;  // index into the documents
  std::uint32_t line = whole_file;
  std::uint32_t column = 0;
  std::uint32_t length = 1;  // in bytes, on that line
  static constexpr std::uint32_t whole_file = UINT32_MAX;
  bool operator==(const Spot&) const = default;
};

struct Member;

/// One value of the spec. Maps keep the order they were written in; items of a list are members without a key.
struct Tree {
  enum class Kind : std::uint8_t { null, text, list, map };
  Kind kind = Kind::null;
  bool quoted = false;         // a text that is never a number, a boolean or null
  bool from_variable = false;  // its text came from the environment: not to be shown in messages
  bool wrong = false;          // a problem has been reported: later checks leave it alone
  std::string text = {};
  Spot spot = {};
  std::vector<Member> members;

  /// The member of a map, or nullptr.
  const Tree* find(std::string_view key) const;
  /// The same, but nullptr also for null and for what is wrong: for those who read values.
  const Tree* good(std::string_view key) const;
};

struct Member {
  std::string key;
  Spot spot;  // of the key
  Tree value;
};

/// What a plain scalar means in YAML's core schema; a quoted one is always text.
enum class ScalarType { null, boolean, integer, number, text };
ScalarType scalar_type(const Tree& scalar);

/// How a message names a value: "'abc'", "a list", "the value of ${VAR}"; long texts are cut.
std::string shown(const Tree& value);
std::string shown(std::string_view text);

/// The path of a member: "pools" + "worker" is "pools.worker".
std::string joined(std::string_view path, std::string_view key);

/// The documents, and where their lines begin.
class Sources {
 public:
  /// No file of a spec is longer.
  static constexpr std::size_t bytes_limit = 4U << 20;

  /// The documents must outlive this.
  explicit Sources(std::span<const Document> documents);

  std::size_t count() const { return documents_.size(); }
  const Document& document(std::uint32_t file) const { return documents_[file]; }
  /// The line without its end; empty when there is no such line.
  std::string_view line(std::uint32_t file, std::uint32_t line) const;
  /// The text from the spot to the end of the file.
  std::string_view text_from(const Spot& spot) const;
  Place place(const Spot& spot) const;

 private:
  int characters_before(const Spot& spot, std::string_view line) const;

  std::span<const Document> documents_;
  std::vector<std::vector<std::size_t>> line_starts_;
  std::vector<std::set<std::uint32_t>> secret_lines_;  // of each file: those that hold a private key
  // Columns are counted on from the last place asked for: a file in one long line is walked once, not once a place.
  mutable Spot counted_ = {};
  mutable int counted_characters_ = 0;
};

}  // namespace skep::model
