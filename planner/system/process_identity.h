// Which process somebody was, told precisely enough to say later whether it is surely gone: for locks that outlive it.
#pragma once

#include <cstdint>
#include <string>

namespace skep {

/// What is unknown is 0 or empty.
struct ProcessIdentity {
  int pid = 0;
  std::int64_t started = 0;   // in clock ticks since the boot: a pid is used again, a pid and its start are not
  std::string boot_id;        // new at every boot of a kernel
  std::string pid_namespace;  // a container has numbers of its own
  std::string machine_id;     // with the host name: the same computer after a reboot
  std::string host_name;
  bool operator==(const ProcessIdentity&) const = default;
};

/// The identity of a process on this computer; with `started` 0 when there is none of that number.
ProcessIdentity identify_process(int pid);

/// True when no doubt is left: it ran under this kernel and has ended, or on this computer before a reboot. False for a
/// process on another computer or in another container, since it cannot be seen from here.
bool is_surely_gone(const ProcessIdentity& process);

}  // namespace skep
