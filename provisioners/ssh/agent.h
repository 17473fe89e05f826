// Logging in with the keys of an SSH agent.
#pragma once

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "provisioners/ssh/login.h"
#include "provisioners/ssh/transport.h"

namespace skep {

struct AgentAnswer {
  bool is_in = false;
  std::vector<std::string> tried = {};  // fingerprints that the host did not want
  std::string problem = {};             // why the agent was of no help; empty: it was asked
};

/// Offers the agent's ed25519 and ECDSA keys: the one of `keys.public_line` first, at most five, because hosts hang up
/// after six. An agent that does not work is an answer, no error. Errors: unavailable (connection lost, deadline),
/// cancelled.
Result<AgentAnswer> prove_by_agent(Transport& transport, const std::string& user, const LoginKeys& keys,
                                   const Context& context);

}  // namespace skep
