// THE table of the spec's keys: what each is, means and defaults to, and whether skep supports it yet. The checker and
// the JSON Schema are both made from it. Private to planner/model.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "planner/model/spec_formats.h"

namespace skep::model {

enum class Shape {
  map,            // keys from this table
  names,          // keys that the user chooses, all of one shape
  list,           // items of one shape
  names_or_list,  // either names with settings, or a list of names
  text,
  text_or_list,  // one text or several
  integer,
  boolean,
  label,           // a text; numbers and booleans are taken as they are written
  number_or_text,  // a number, or a text in the format: "25%", "8000-8010"
  free_map,        // any keys and values, passed on as they are
};

struct KeyDetails {
  Format format = Format::any;         // of a text, of each text in a list, of the names of a map
  std::string_view values = {};        // "docker|distro": nothing else is known
  std::string_view values_later = {};  // known, and not supported yet
  std::string_view initial = {};       // the default, as one would write it; empty: none
  long minimum = 0;                    // of integers and numbers
  long maximum = 0;
  bool required = false;
  bool later = false;  // known, and not supported yet; its default and emptiness are accepted
};

struct Key {
  std::string_view path;  // "pools.*.type": "*" stands for a name, "[]" for an item of a list
  Shape shape;
  std::string_view doc;  // one sentence
  KeyDetails details = {};
};

std::span<const Key> spec_keys();

/// The table as the tree that it describes.
struct KeyNode {
  const Key* key = nullptr;
  std::vector<std::pair<std::string_view, KeyNode>> children = {};  // in the order of the table
  std::unique_ptr<KeyNode> each = {};                               // "*" or "[]"

  const KeyNode* child(std::string_view name) const;
};

/// The node of the whole spec; made at the first call.
const KeyNode& spec_key_tree();

/// "a|b" to {"a", "b"}.
std::vector<std::string_view> alternatives(std::string_view values);

}  // namespace skep::model
