// A file system for SQLite that fails: a layer over the usual one that counts what changes files, and lets one such
// operation, or all from there on, go wrong; or ends the process there, with or without the power.
#pragma once

#include <cstdint>
#include <string>

namespace skep {

struct Fault {
  enum class Kind {
    none,        // only counts
    full,        // no space left on the device
    io_error,    // the device fails
    killed,      // kill -9: half of a write may have landed, all before it has
    power_lost,  // of what was not synced since, some is lost, some is there, some is torn
  };
  Kind kind = Kind::none;
  int at = 0;                // from 1
  bool stays = false;        // full, io_error: all later operations fail as well
  std::uint64_t chance = 0;  // power_lost: what is lost; 0: everything
};

inline constexpr int exit_by_fault = 77;  // how a process ends that was killed, or lost its power
inline constexpr int exit_unsynced = 78;  // a file got another name before what is in it was durable

/// Becomes the file system of this process for good: for a child that ends soon.
void install_fault_vfs(const Fault& fault);

/// So many operations until now.
int fault_vfs_operations();

/// What the last operation was: "write state.db-wal".
const std::string& fault_vfs_last();

}  // namespace skep
