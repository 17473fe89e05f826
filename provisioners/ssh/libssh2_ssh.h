// Scripts on hosts by libssh2: non-blocking with poll, one session a host, pinned keys only.
#pragma once

#include <memory>
#include <string>

#include "planner/base/secret.h"
#include "planner/system/clock.h"
#include "planner/system/files.h"
#include "planner/system/ssh.h"

namespace skep {

struct SshCredentials {
  Secret private_key;             // OpenSSH text, ed25519 or ECDSA; empty: only the agent
  std::string agent_socket = {};  // SSH_AUTH_SOCK; empty: no agent
};

struct SshOptions {
  Duration timeout_connect = std::chrono::seconds(10);  // of one attempt: TCP, handshake and login
  Duration keepalive = std::chrono::seconds(15);
  std::size_t channels_per_host = 8;  // scripts that run at once on one session
};

/// While a machine boots, refused, reset and timed out connections and rejected logins are tried again with growing
/// pauses until context.deadline; a wrong host key never is. Safe from any thread.
std::unique_ptr<Ssh> make_libssh2_ssh(SshCredentials credentials, SshOptions options, const Clock& clock);

}  // namespace skep
