// The managers that a step may ask: the first that answers is asked, and asked first from then on; a step's own host
// can be left out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "planner/model/state.h"
#include "provisioners/host_tools.h"
#include "provisioners/quorum.h"

namespace skep {

/// The swarm as one manager sees it.
struct SwarmView {
  Member by;
  std::vector<SwarmNode> nodes;

  const SwarmNode* node(std::string_view id) const;
};

/// Paths of the engine's API: all services with how many of their tasks run, the tasks that are wanted to run, and
/// overlay networks.
inline constexpr const char* services_path = "/services?status=true";
inline constexpr const char* wanted_tasks_path =
    "/tasks?filters=%7B%22desired-state%22%3A%7B%22running%22%3Atrue%7D%7D";
inline constexpr const char* overlay_networks_path =
    "/networks?filters=%7B%22driver%22%3A%7B%22overlay%22%3Atrue%7D%7D";

class Managers {
 public:
  /// From the inputs "managers" (those of all swarm_manager objects) and "first" (the one that swarm/main names): the
  /// first one alone while there are no others, and before the others while it is one of them.
  Managers(const HostTools& tools, const Attributes& inputs);
  Managers(const HostTools& tools, std::vector<Member> members) : tools_(tools), members_(std::move(members)) {}

  const std::vector<Member>& members() const { return members_; }
  /// The same without one host: a node that is about to go, or to lose its office.
  Managers without(const Member& member) const;

  /// Runs a script on the first manager that can carry it out; it must bear repeating. Blocks for at most 20 s a
  /// manager that does not answer, and 45 s while none does (they may be electing a leader).
  /// Errors: unavailable (none can: says why, for each), refused (all show another host key), not_found
  /// (none is known), those of the script.
  Result<std::string> run(const Script& script, const Context& context) const;

  /// What the first manager that answers sees now.
  Result<SwarmView> view(const Context& context) const;
  /// What up to two managers see now; those that do not answer are left out. Errors: unavailable (none answers).
  Result<std::vector<SwarmView>> two_views(const Context& context) const;
  /// The token with which workers join.
  Result<std::string> worker_token(const Context& context) const;
  /// The key that unlocks managers; empty: they do not lock. It is for memory alone.
  Result<Secret> unlock_key(const Context& context) const;
  /// As view(), from facts at most `age` old, and without waiting for managers that do not answer now.
  Result<SwarmView> remembered_view(Duration age, const Context& context) const;
  /// GET `path` of the first manager that answers, as JSON.
  Result<Json> read(const std::string& path, const Context& context) const;

 private:
  template <class T>
  using Question = std::function<Result<T>(const Member&, const Context&)>;

  template <class T>
  Result<T> ask_once(const Question<T>& question, const Context& context) const;
  template <class T>
  Result<T> ask(const Question<T>& question, const Context& context) const;
  Result<SwarmView> view_of(const Member& member, const Context& context) const;

  HostTools tools_;
  std::vector<Member> members_;
  mutable std::size_t asked_first_ = 0;  // who answered last: one that has gone would cost its patience each time
};

/// The managers on record, by what they report of themselves.
Managers managers_on_record(const State& state, const HostTools& tools);

/// GET `path` of the engine on a host, as JSON. Errors: unavailable (the engine does not answer, or says no).
Result<Json> read_engine(const HostTools& tools, const Endpoint& host, const std::string& path, const Context& context);

}  // namespace skep
