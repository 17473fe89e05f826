// The arithmetic of managers: which changes of a swarm's membership keep its quorum, in every order that they can
// happen. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skep {

struct Members {
  int count = 0;
  int up = 0;
  bool operator==(const Members&) const = default;
};

/// How many of `count` managers must be up.
constexpr int quorum_of(int count) { return count / 2 + 1; }
constexpr bool has_quorum(const Members& members) { return members.up >= quorum_of(members.count); }

struct QuorumEvent {
  enum class Kind {
    add,        // a new manager is promoted
    again,      // a dead manager is taken out, and made again under its name
    drop,       // a manager that is up is demoted
    drop_dead,  // a manager that is not up is demoted
    outage,     // a manager is out of service for a while
    power_on,   // the machine of a manager is started
  };
  Kind kind = Kind::add;
  std::string what = {};    // "create swarm_manager/manager-2", for people
  std::uint64_t after = 0;  // a bit for each event, by position, that has surely ended before
};

struct QuorumProof {
  std::vector<std::string> lines = {};     // one an event, in the order given: how many are up of how many, and needed
  std::vector<std::string> refusals = {};  // why the changes must not be made; empty: they keep the quorum
  std::vector<std::string> warnings = {};
};

/// At most this many changes are walked through in all their orders.
inline constexpr std::size_t most_quorum_events = 64;

/// Walks through every state that the events can reach in any order that `after` permits, and through those in which
/// one new or disturbed manager never comes back (what waits for it then does not happen). The events are in an order
/// that is permitted.
QuorumProof prove_quorum(Members start, std::span<const QuorumEvent> events);

}  // namespace skep
