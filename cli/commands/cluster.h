// One cluster as a command works on it: its checked spec, its providers and hosts, its wanted resources.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/commands/login.h"
#include "cli/commands/spec_files.h"
#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/engine/catalog.h"
#include "planner/engine/expand.h"
#include "planner/model/spec.h"

namespace skep {

struct Cluster {
  Spec spec;
  std::vector<std::string> files;
  ClusterPaths paths;
  Login login;
  std::vector<std::unique_ptr<Provider>> providers;  // all that ship with skep: the state may know more than the spec
  std::unique_ptr<Ssh> ssh;
  std::unique_ptr<HostKinds> hosts;
  std::unique_ptr<Catalog> catalog;

  /// The providers of the spec's pools, by name.
  std::vector<Provider*> used_providers() const;
};

/// What a command needs to know about login keys: nothing, what is there, or one is made where none is.
enum class LoginUse { none, look, make };

/// Reads and checks the spec (its own rules, its providers', the hosts'), prints all problems, finds the login.
/// Errors: not_found, invalid_input (the problems have been printed), those of find_login().
Result<std::unique_ptr<Cluster>> open_cluster(const Invocation& invocation, LoginUse login, Outside& outside);

/// The spec alone, for commands that read only the state.
struct SpecAndPaths {
  Spec spec;
  std::vector<std::string> files;
  ClusterPaths paths;
};
Result<SpecAndPaths> open_spec(const Invocation& invocation, Outside& outside);

/// What the spec's providers and the hosts find wrong with it, offline.
Result<std::vector<Problem>> offline_problems(const Spec& spec, Outside& outside);

/// The spec's resources. Errors: internal.
Result<Expanded> expand_cluster(const Cluster& cluster);

}  // namespace skep
