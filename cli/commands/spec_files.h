// Which spec files a command works on, read and checked, and where the state of their cluster lies.
#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"
#include "planner/model/load_spec.h"

namespace skep {

/// The files of -f, of SKEP_FILE (with ':' between them), or cluster.yaml or skep.yaml here.
/// Errors: not_found (none of these is there).
Result<std::vector<std::string>> spec_files(const Invocation& invocation, const Outside& outside);

/// Their texts. Errors: those of Files::read(), naming the file.
Result<std::vector<Document>> read_documents(const std::vector<std::string>& files, const Outside& outside);

/// Where everything of a cluster lies, beside its first spec file.
struct ClusterPaths {
  std::string spec_folder;   // of the first file; empty: here
  std::string state_folder;  // .skep
  StatePlace state;          // .skep/NAME.db, or where a team shares it
  std::string key;           // .skep/NAME.key: the login key that skep makes when there is none
};
ClusterPaths cluster_paths(const std::string& first_file, const std::string& cluster);

/// Makes .skep with a .gitignore that keeps it out of repositories. Errors: those of Files.
Result<void> make_state_folder(const ClusterPaths& paths, Outside& outside);

/// Prints the problems to stderr, each with its line. True when one of them is an error.
bool report_problems(const std::vector<Problem>& problems, const Invocation& invocation, Outside& outside);

/// "cluster.yaml has 2 mistakes", for the line after the problems.
Error problems_error(const std::vector<Problem>& problems, const std::vector<std::string>& files);

}  // namespace skep
