// Seam 6 of 6: scripts on a host over SSH. The interface only; the real client is provisioners/ssh.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "planner/base/result.h"
#include "planner/base/secret.h"
#include "planner/system/context.h"
#include "planner/system/processes.h"

namespace skep {

/// Where a host is and by which key it is known. `host_key` is "ssh-ed25519 AAAA...", the only key that is accepted.
struct Endpoint {
  std::string address;
  std::uint16_t port = 22;
  std::string user = "root";
  std::string host_key;
  auto operator<=>(const Endpoint&) const = default;
};

/// A named script of provisioners/scripts (or a command line of the user's own, for `skep run`). Arguments travel as
/// environment variables, `input` on stdin; neither ever appears in the host's process list.
struct Script {
  std::string name;  // file name without ".sh"
  std::map<std::string, std::string> arguments = {};
  Secret input = {};
  std::string text = {};  // instead of `name`: this text, run by sh
};

class Ssh {
 public:
  virtual ~Ssh() = default;

  /// Runs one script as root (by sudo -n when the user is another) and returns how it ended; a non-zero code is no
  /// Error. Connects first if need be, and keeps the session for the next call. Safe from any thread.
  /// Errors: unavailable (no connection before the deadline; nothing ran), unknown_outcome (connection lost while it
  /// ran), denied (the host accepts none of our keys), refused (the host shows another key than `endpoint.host_key`),
  /// cancelled.
  virtual Result<Exit> run(const Endpoint& endpoint, const Script& script, const Context& context) = 0;
};

/// run(), where a non-zero exit is an error too: its message is the last line of the script's stderr. A script says
/// what kind of failure it is by its exit code: 65 invalid_input, 75 unavailable, 77 refused, anything else internal.
Result<std::string> run_script(Ssh& ssh, const Endpoint& endpoint, const Script& script, const Context& context);

}  // namespace skep
