// A cloud, its machines, and a swarm on them, in memory: the world that a simulated skep works on. Stricter than a real
// one: what the laws forbid is noted as a violation the moment it happens.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "planner/engine/driver.h"
#include "planner/model/refs.h"
#include "planner/system/clock.h"

namespace skep::sim {

struct Thing {
  std::string driver;
  ResourceId owner;          // the label it was created with
  Attributes inputs;         // as given
  std::string machine = {};  // of a thing on a host: the machine's remote id
  bool is_ready = false;
  bool is_off = false;         // of a machine
  Instant visible_since = {};  // by its label; by its id it is found at once
};

/// The managers that the swarm counts, and those of them that answer.
struct SwarmSize {
  std::size_t members = 0;
  std::size_t up = 0;
  bool has_quorum() const { return up >= members / 2 + 1; }
};

/// What one apply may do to the world, for the laws; set before it starts.
struct Permissions {
  bool is_torn_down = false;                          // the whole swarm may go: no quorum to keep
  std::optional<std::set<ResourceId>> destroys = {};  // what the plan names; nothing: not looked at
  std::set<std::string> wanted_volumes = {};          // by name: hold data
  std::map<std::string, std::size_t> machines = {};   // by pool: the most there may be at once
};

class FakeCloud {
 public:
  std::map<std::string, Thing> things = {};  // by remote id
  std::vector<std::string> violations = {};
  std::map<std::string, int> destroyed = {};  // by driver
  Permissions may = {};
  std::size_t most_machines = 0;
  int losses = 0;                         // of machines, by no deed of skep
  std::set<std::string> lost = {};        // the ids of things that went so
  std::set<std::string> in_service = {};  // machines whose engine is being changed
  std::set<std::string> silent = {};      // machines that run, and do not answer skep
  std::set<std::string> apart = {};       // machines that run, and do not reach the others
  bool is_swarm_told = false;             // somebody knows of the swarm: it is on record
  bool takes_volumes_along = false;       // what a careless cloud does when a machine is destroyed

  std::size_t count(const std::string& driver) const;
  const std::string* find(const std::string& driver, const ResourceId& owner) const;
  bool runs(const std::string& machine) const;
  /// It runs, and the others reach it.
  bool is_up(const std::string& machine) const;
  /// It runs, and skep reaches it.
  bool answers(const std::string& machine) const;
  SwarmSize swarm_size() const;
  /// Whether this machine is in the swarm, or began it.
  bool knows_swarm(const std::string& machine) const;
  /// Whether it is the only manager.
  bool holds_swarm_alone(const std::string& machine) const;
  /// The first remote id in the inputs that is not there any more, through no fault of skep.
  std::optional<std::string> missing(const Json& inputs) const;

  std::string create(Thing thing);
  void update(const std::string& id, const Attributes& inputs);
  void destroy(const std::string& id);
  void begin_swarm_on(const Thing& engine);
  /// What leaves the swarm by `node`'s destruction and is a manager still, on no record, is demoted on the way.
  void demote_unrecorded(const std::string& machine, const ResourceId& node);

  /// A machine vanishes or loses its power. Managers keep their quorum: what the world does alone is no law of skep's.
  bool can_lose(const std::string& machine) const;
  void lose(const std::string& machine);
  void power_all_on();
  /// A network that parts: the machine is silent, apart, or both.
  void cut_off(const std::string& machine, bool is_silent, bool is_apart);
  void heal();

  /// Everything by its owner, remote ids replaced by the owners they belong to: equal worlds print equally. On which of
  /// several machines an address is, is free.
  std::string snapshot() const;

 private:
  void check_creation(const Thing& thing);
  void check_destroy(const std::string& id, const Thing& thing);
  void check_volumes(const Thing& machine);
  void check_unmounted(const std::string& volume, const std::string& machine);
  void end_with_the_last_machine();
  void remove_machine(const std::string& id);

  int created_ = 0;
};

}  // namespace skep::sim
