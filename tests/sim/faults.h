// What can go wrong in the simulated world, how often, and how often it did.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace skep::sim {

enum class Fault {
  unavailable,   // nothing happens
  lost_request,  // of changes: nothing happens, and nobody says so
  lost_answer,   // of changes: it happens, and nobody says so
  exhausted,     // of creations: there is no room
  slow,          // before or after it happens, time passes
  list_lag,      // what is made cannot be found for a while
  power_off,     // some machine loses its power
  machine_lost,  // some machine vanishes, and what was on it
  partition,     // machines are cut off from skep, from the others, or from both; or the network heals
  clock_jump,    // the computer slept: all deadlines are nearer at once
  disk_full,     // the journal cannot be written
  stop,          // skep is asked to stop
  crash,         // skep is gone from one point to the next
};
inline constexpr std::array<std::string_view, 13> fault_names = {
    "unavailable",  "lost request", "lost answer", "exhausted",    "slow", "list lag", "power off",
    "machine lost", "partition",    "clock jump",  "journal full", "stop", "crash"};

enum class Call { list, find, create, update, destroy, wait_ready, record };
inline constexpr std::array<std::string_view, 7> call_names = {"list",    "find",       "create", "update",
                                                               "destroy", "wait_ready", "record"};

/// How often each fault struck at each kind of call.
struct FaultCounts {
  std::array<std::array<std::uint64_t, call_names.size()>, fault_names.size()> counts = {};

  void add(Fault fault, Call call) { ++counts[static_cast<std::size_t>(fault)][static_cast<std::size_t>(call)]; }
  void add(const FaultCounts& other) {
    for (std::size_t fault = 0; fault < counts.size(); ++fault)
      for (std::size_t call = 0; call < counts[fault].size(); ++call) counts[fault][call] += other.counts[fault][call];
  }
};

/// One machine that vanishes or loses its power at one point, if the swarm can do without it then.
struct Loss {
  std::uint64_t at = 0;     // 0: never
  std::string node = {};    // whose newest machine it is
  bool is_for_good = true;  // else it can be switched on again
};

/// Counts the points at which something can go wrong, and does it at the chosen one.
struct Faults {
  std::uint64_t points = 0;    // passed so far
  std::uint64_t crash_at = 0;  // 0: never
  std::uint64_t stop_at = 0;   // 0: never
  Loss loss = {};
  std::stop_source stop = {};
  bool is_crashed = false;
  std::array<int, fault_names.size()> permille = {};  // of the calls that a fault can strike

  int& of(Fault fault) { return permille[static_cast<std::size_t>(fault)]; }
};

}  // namespace skep::sim
