#include "provisioners/host_facts.h"

#include <algorithm>

namespace skep {
namespace {
constexpr Duration failure_holds = std::chrono::seconds(3);

/// What everybody else who asks the host just now would be told as well, after as long a wait.
bool takes_long(ErrorCode code) { return code == ErrorCode::unavailable || code == ErrorCode::denied; }

}  // namespace

Result<std::shared_ptr<const Facts>> HostFacts::of(const Endpoint& host, Duration age, const Context& context) {
  std::unique_lock lock(mutex_);
  Entry& entry = entries_[host];
  while (!is_fresh(entry, age)) {
    if (entry.looking) {
      TRY(wait_for_other(lock, entry, context));
      continue;
    }
    entry.looking = true;
    const auto changes = entry.changes;
    lock.unlock();
    auto seen = look(host, context);
    lock.lock();
    entry.looking = false;
    changed_.notify_all();
    if (entry.changes != changes && seen.ok()) return seen;  // true for us, who began before; not for others
    entry.at = clock_.now();
    entry.facts = seen.ok() ? seen.value() : nullptr;
    entry.error.reset();
    if (!seen.ok() && takes_long(seen.error().code)) entry.error = seen.error();
    return seen;
  }
  if (entry.error) return *entry.error;
  return entry.facts;
}

bool HostFacts::is_fresh(const Entry& entry, Duration age) const {
  if (!entry.facts && !entry.error) return false;
  return clock_.now() - entry.at < (entry.error ? failure_holds : age);
}

Result<void> HostFacts::wait_for_other(std::unique_lock<std::mutex>& lock, const Entry& entry, const Context& context) {
  // Bounded, so that a deadline far away cannot overflow the wait; the loop outside waits again.
  const auto until = std::min(context.deadline, clock_.now() + std::chrono::seconds(5));
  changed_.wait_until(lock, context.stop, until, [&entry] { return !entry.looking; });
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped while waiting for the host's facts"};
  if (entry.looking && clock_.now() >= context.deadline) {
    return Error{ErrorCode::unavailable, "the host's facts did not come in time"};
  }
  return {};
}

Result<std::shared_ptr<const Facts>> HostFacts::look(const Endpoint& host, const Context& context) {
  const auto output = TRY(run_script(ssh_, host, {.name = "facts"}, context));
  return std::shared_ptr<const Facts>(std::make_shared<Facts>(TRY(parse_facts(output))));
}

void HostFacts::forget(const Endpoint& host) {
  const std::scoped_lock lock(mutex_);
  const auto at = entries_.find(host);
  if (at == entries_.end()) return;
  at->second.changes++;
  at->second.facts = nullptr;
  at->second.error.reset();
}

void HostFacts::forget_all() {
  const std::scoped_lock lock(mutex_);
  for (auto& [host, entry] : entries_) {
    entry.changes++;
    entry.facts = nullptr;
    entry.error.reset();
  }
}

void HostFacts::note_use(const Endpoint& host, bool was_of_use) {
  const std::scoped_lock lock(mutex_);
  if (was_of_use) {
    of_no_use_.erase(host);
  } else {
    of_no_use_[host] = clock_.now();
  }
}

bool HostFacts::was_of_no_use(const Endpoint& host) {
  const std::scoped_lock lock(mutex_);
  const auto at = of_no_use_.find(host);
  return at != of_no_use_.end() && clock_.now() - at->second < std::chrono::minutes(1);
}

}  // namespace skep
