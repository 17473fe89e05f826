// For tests of specs: loading from text, and problems as short lines.
#pragma once

#include <string>
#include <vector>

#include "planner/model/load_spec.h"

namespace skep {

inline Environment test_environment() {
  return {{"NAME", "from-env"}, {"EMPTY", ""}, {"NUMBER", "3"}, {"NULL", "null"}, {"SECRET", "hunter2hunter2"}};
}

inline Checked load(const std::string& text) {
  const std::vector<Document> files = {{"cluster.yaml", text}};
  return load_spec(files, test_environment());
}

inline Checked load(const std::string& base, const std::string& overlay) {
  const std::vector<Document> files = {{"base.yaml", base}, {"over.yaml", overlay}};
  return load_spec(files, test_environment());
}

/// What is underlined: "typ".
inline std::string underlined(const Place& place) {
  const auto begin = static_cast<std::size_t>(place.column - place.text_column);
  return begin > place.line_text.size() ? "" : place.line_text.substr(begin, static_cast<std::size_t>(place.length));
}

/// "3 [typ] pools.worker: unknown key 'typ'", a line each, with what is underlined; warnings begin with "warning ",
/// other files than cluster.yaml with their name. For specs in ASCII.
inline std::string problem_lines(const Checked& checked) {
  std::string lines;
  for (const auto& problem : checked.problems) {
    if (problem.severity == Problem::Severity::warning) lines += "warning ";
    if (problem.place.file != "cluster.yaml") lines += problem.place.file + ":";
    if (problem.place.line > 0) lines += std::to_string(problem.place.line) + " [" + underlined(problem.place) + "] ";
    lines += problem.message + "\n";
  }
  return lines;
}

/// A good public key; no machine has its private part.
inline constexpr const char* test_host_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBL0PO8QpHFoj5SbdDfzkezjc0wQZhH4UZuonx5w/+iT";

/// The four lines that every spec needs, with the pools given as one line of YAML.
inline std::string spec_with(const std::string& pools, const std::string& more = "") {
  return "skep: 1\nname: test\nprovider: local\npools: " + pools + "\n" + more;
}

/// Three machines that exist already.
inline std::string existing_spec() {
  std::string text = "skep: 1\nname: test\nprovider: existing\npools:\n  m:\n    role: manager\n    nodes:\n";
  for (const char* number : {"1", "2", "3"})
    text += std::string("      m-") + number + ": {address: 198.51.100." + number + ", host_key: \"" + test_host_key +
            "\"}\n";
  return text;
}

inline std::string three_managers(const std::string& more) { return spec_with("{m: {role: manager, count: 3}}", more); }

/// A spec, and what must be said about it, no more and no fewer.
struct SpecCase {
  std::string spec;
  std::string problems;
};

inline void expect_problems(std::span<const SpecCase> cases) {
  for (const auto& c : cases) {
    const Checked checked = load(c.spec);
    EXPECT_EQ(problem_lines(checked), c.problems) << c.spec.substr(0, 200);
    const bool has_error = c.problems.find("warning ") != 0 && !c.problems.empty();
    EXPECT_EQ(checked.spec.has_value(), !has_error) << c.spec.substr(0, 200);
    for (const auto& problem : checked.problems)
      EXPECT_EQ(problem.message.find("hunter2"), std::string::npos) << "shows what a variable holds";
  }
}

}  // namespace skep
