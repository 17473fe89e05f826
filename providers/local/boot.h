// One boot of a machine: a process in namespaces of its own that mounts the root and runs systemd-nspawn below it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/system/descriptor.h"
#include "providers/local/nspawn_command.h"

namespace skep {

/// What a boot needs, put together before the process is cloned.
struct BootOrder {
  std::vector<std::string> command;      // of systemd-nspawn
  std::vector<std::string> environment;  // NAME=VALUE, over our own
  std::string root;                      // where the overlay is mounted, in the machine's own mount namespace only
  std::string overlay;                   // see overlay_options()
  std::string title;                     // what `ps` shows
};

/// A cloned process that waits to be let go. When this object or this process dies before, it ends without a trace;
/// afterwards it and all that is in it end with this process.
class Boot {
 public:
  /// Errors: denied, unavailable.
  static Result<Boot> prepare(BootOrder order);

  int pid() const { return pid_; }
  void let_go() { gate_.close_after_writing(); }

 private:
  struct Gate {
    Descriptor pipe;
    void close_after_writing();
  };
  Boot(int pid, Gate gate) : pid_(pid), gate_(std::move(gate)) {}
  int pid_ = 0;
  Gate gate_;
};

/// The socket to which systemd-nspawn reports.
class NotifySocket {
 public:
  /// Errors: unavailable (the name is taken: another supervisor of this machine runs).
  static Result<NotifySocket> open(const std::string& unit);

  const std::string& name() const { return name_; }  // for NOTIFY_SOCKET
  int descriptor() const { return socket_.get(); }
  struct Notice {
    int sender = 0;  // process id, as this process sees it
    NspawnNotice content;
  };
  /// The next datagram, if one is there. Those of processes that are not root's are dropped.
  std::optional<Notice> receive() const;

 private:
  NotifySocket(Descriptor socket, std::string name) : socket_(std::move(socket)), name_(std::move(name)) {}
  Descriptor socket_;
  std::string name_;
};

}  // namespace skep
