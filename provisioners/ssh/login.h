// From an endpoint to a session that is logged in: dial, compare the host key, prove who we are. One attempt.
#pragma once

#include <memory>
#include <string>

#include "planner/base/result.h"
#include "provisioners/ssh/libssh2_ssh.h"
#include "provisioners/ssh/transport.h"

namespace skep {

/// Credentials, looked at once.
struct LoginKeys {
  Secret private_key;  // unencrypted; empty: only the agent
  std::string
      public_line;  // of the given key, also when that is encrypted (the agent may hold it); empty: no key given
  std::string agent_socket;
};

/// Errors: invalid_input (no key of a kind that works, an encrypted key without an agent, neither key nor agent).
Result<LoginKeys> login_keys(const SshCredentials& credentials);

struct LoginTimes {
  Duration connect;  // until TCP stands
  Duration total;    // and until the login is done
  Duration keepalive;
};

/// One attempt. Nothing is sent to a host that does not prove the pinned key. Blocks at most for times.total.
/// Errors: unavailable (no connection, or it was cut: try again), denied (it accepts none of our keys; so does a
/// machine whose keys are not written yet), refused (another host key, or none of the pinned kind), invalid_input (a
/// key that libssh2 cannot use), cancelled.
Result<std::unique_ptr<Transport>> log_in(const Endpoint& endpoint, const LoginKeys& keys, const LoginTimes& times,
                                          const Clock& clock, const Context& context);

}  // namespace skep
