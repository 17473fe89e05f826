// The logic of `skep ssh`: ssh(1) with the node's address, our key, and no host key but the pinned one.
#pragma once

#include <string>
#include <vector>

#include "cli/render/nodes.h"
#include "planner/base/result.h"
#include "planner/system/files.h"
#include "planner/system/processes.h"
#include "planner/system/random.h"
#include "provisioners/ssh/libssh2_ssh.h"

namespace skep {

struct ShellRequest {
  NodeInfo node;
  SshCredentials credentials;
  std::string identity_file = {};         // where the key is; empty: it is a text, or the agent's
  std::vector<std::string> command = {};  // empty: a login shell
  bool has_terminal = false;              // in and out: then a command gets one too, as an interactive one needs it
  std::string scratch_folder = "/tmp";    // for the files that ssh(1) reads
};

/// Runs ssh(1) in our terminal to its end and returns its exit code. Two files exist meanwhile, in a folder that only
/// we can enter: known_hosts with the one pinned key, and the key if it was given as text. Both are destroyed
/// afterwards, also on failure. Configuration files of ssh(1) are not read: what skep reaches, this reaches, and
/// nothing else. Errors: not_found (no ssh, no machine yet), refused (no pinned key), those of Files.
Result<int> open_shell(const ShellRequest& request, Files& files, Processes& processes, Random& random);

/// One word is a line of shell, as typed; several are a program and its arguments, passed on exactly.
std::string command_line(const std::vector<std::string>& words);

/// Nodes by that name. Errors: not_found, with the name that may be meant, or the names there are.
Result<NodeInfo> node_named(const std::string& name, const std::vector<NodeInfo>& nodes);

}  // namespace skep
