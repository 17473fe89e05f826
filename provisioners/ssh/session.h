// One host, logged in: scripts side by side over the channels of one session.
#pragma once

#include <memory>
#include <string>

#include "planner/base/result.h"
#include "planner/system/clock.h"
#include "planner/system/processes.h"
#include "provisioners/ssh/script_command.h"
#include "provisioners/ssh/transport.h"

namespace skep {

class Exchange;

class Session {
 public:
  /// `shell_command` starts a shell on the host, see script_command.h. `channel_limit` scripts run at once; further
  /// ones wait. `clock` must outlive the session.
  Session(std::unique_ptr<Transport> transport, std::string shell_command, std::size_t channel_limit,
          Duration keepalive, const Clock& clock);
  ~Session();

  /// Runs one script to its end. A stop request counts until the script is on its way; from then on only the deadline
  /// does, because a script that is cut off in the middle is worse than one that is waited for. Safe from any thread.
  /// Errors: unavailable (it did not begin: the connection was lost, the deadline came), unknown_outcome (lost, or the
  /// deadline came, while it ran; it may go on there), denied (the host runs no scripts for us), cancelled.
  Result<Exit> run(const ScriptCommand& command, const Context& context);

  /// Whether a further script can be given to this session. Does not wait.
  bool is_usable();
  /// Nothing was heard of the host for so long that check() should come first.
  bool is_stale();
  /// Asks the host for a sign of life, at most five seconds. False: connect again.
  bool check(const Context& context);

 private:
  Result<std::unique_ptr<Exchange>> take_exchange(const Context& context);
  Result<Exit> run_over(Exchange& exchange, const ScriptCommand& command, const Context& context);
  long open_spare();
  long prepare_spare(bool starts_ahead);
  void prepare_next();
  void give_back(const Exchange& exchange);
  void abandon();

  std::unique_ptr<Transport> transport_;
  const std::string shell_command_;
  const Duration keepalive_;
  const Clock& clock_;

  // Under the transport's lock:
  std::size_t channel_limit_;        // lowered when the host allows fewer
  std::size_t running_count_ = 0;    // channels in use
  std::size_t begun_count_ = 0;      // scripts so far
  std::unique_ptr<Exchange> spare_;  // open, and used by nobody yet: saves the next script a round trip
  bool may_have_spare_ = true;       // false once the host has refused one
  bool may_start_ahead_ = true;      // a shell waits in the spare; false once such a shell was ended before its script
  bool is_abandoned_ = false;        // a script was left running in it; nothing new begins here
};

}  // namespace skep
