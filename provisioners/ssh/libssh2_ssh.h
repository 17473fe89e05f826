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
  Duration patience = std::chrono::minutes(10);  // with a host that does not let us in, however far the deadline is
  Duration keepalive = std::chrono::seconds(15);
  std::size_t channels_per_host = 8;  // scripts that run at once on one session
};

/// While a machine boots, refused, reset and timed out connections and rejected logins are tried again with growing
/// pauses until context.deadline, but no longer than the options' patience, and the error then holds the last answer; a
/// wrong host key never is. Scripts for one host run side by side on one session; a session that was lost is opened
/// again by the next call.
///
/// A stop request ends every wait for a connection, a login or a free channel at once, and no script begins after it. A
/// script that is on its way runs to its end: cut off in the middle, nobody would know what it did. What ends it is
/// the deadline: the call then returns unknown_outcome, and the script may go on on the host.
///
/// Credentials that cannot work (an RSA key, an encrypted one without an agent, none at all) are reported by the first
/// run(). Safe from any thread. `clock` must outlive the result; all calls must have returned before it is destroyed.
std::unique_ptr<Ssh> make_libssh2_ssh(SshCredentials credentials, SshOptions options, const Clock& clock);

}  // namespace skep
