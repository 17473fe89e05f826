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

/// "3:5 pools.worker: unknown key 'typ'", a line each; warnings begin with "warning ", other files with their name.
inline std::string problem_lines(const Checked& checked) {
  std::string lines;
  for (const auto& problem : checked.problems) {
    if (problem.severity == Problem::Severity::warning) lines += "warning ";
    if (problem.place.file != "cluster.yaml") lines += problem.place.file + ":";
    if (problem.place.line > 0)
      lines += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " ";
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

inline std::string three_managers(const std::string& more) { return spec_with("{m: {role: manager, count: 3}}", more); }

}  // namespace skep
