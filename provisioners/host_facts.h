// One look at a host serves every kind that asks: remembered for a while, shared by those who ask at once.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "planner/system/clock.h"
#include "planner/system/ssh.h"
#include "provisioners/facts.h"

namespace skep {

class HostFacts {
 public:
  HostFacts(Ssh& ssh, const Clock& clock) : ssh_(ssh), clock_(clock) {}

  /// The facts of a host, at most `age` old. Several threads that ask at once wait for one look; a host that did not
  /// answer just now is not asked again for three seconds. Blocks at most until context.deadline.
  /// Errors: those of Ssh::run and of run_script().
  Result<std::shared_ptr<const Facts>> of(const Endpoint& host, Duration age, const Context& context);

  /// After something changed on the host: what is remembered, and what is being looked at right now, is of no use.
  void forget(const Endpoint& host);
  /// After a change that every manager sees.
  void forget_all();

  /// Whether a host could be used when it was last tried, for those who have a choice: one that could not is tried
  /// last for a minute.
  void note_use(const Endpoint& host, bool was_of_use);
  bool was_of_no_use(const Endpoint& host);

 private:
  struct Entry {
    bool looking = false;
    std::uint64_t changes = 0;  // grows with forget(): a look begun before is not remembered
    Instant at = {};
    std::shared_ptr<const Facts> facts = {};
    std::optional<Error> error = {};
  };

  Result<std::shared_ptr<const Facts>> look(const Endpoint& host, const Context& context);
  bool is_fresh(const Entry& entry, Duration age) const;
  Result<void> wait_for_other(std::unique_lock<std::mutex>& lock, const Entry& entry, const Context& context);

  Ssh& ssh_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Endpoint, Instant> of_no_use_;
  std::map<Endpoint, Entry> entries_;  // entries are never taken out: references to them stay valid
};

/// How old facts may be where a person reads a plan, and where a step is about to act on them.
inline constexpr Duration age_to_read = std::chrono::seconds(60);
inline constexpr Duration age_to_act = std::chrono::seconds(2);

}  // namespace skep
