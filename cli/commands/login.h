// The SSH key that skep logs in with: the spec's, the user's, the agent's, or one made for local machines.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/spec_files.h"
#include "cli/outside.h"
#include "planner/base/result.h"
#include "planner/model/spec.h"

namespace skep {

struct Login {
  SshCredentials credentials;
  std::vector<std::string> authorized_keys;  // public lines, for machines that are made
  std::string identity_file = {};            // for ssh(1); empty: a key given as text, or the agent
  std::string note = {};                     // one line for people: a key was made; may be empty
};

enum class NewKey { make, pretend };  // pretend: a key in memory alone, for plans, which write nothing

/// In this order: ssh.key of the spec (text or path), .skep/NAME.key if it was made before, ~/.ssh/id_ed25519, the
/// agent, and a new .skep/NAME.key when the spec has local machines. Reads files, asks the agent, may write that file
/// (0600). Errors: invalid_input (no key, an RSA key, an unreadable file), not_found, denied; each says what to do.
Result<Login> find_login(const Spec& spec, const ClusterPaths& paths, NewKey new_key, Outside& outside);

}  // namespace skep
