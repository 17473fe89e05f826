// Waiting for actions: all that wait share one poll, which asks for many actions at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "providers/cloud/account.h"

namespace skep::cloud {

class ActionPoll {
 public:
  explicit ActionPoll(Account& account) : account_(account) {}

  /// Blocks until all these actions (as the API shows them) have ended well, at most until the deadline. Safe from any
  /// thread; one of those who wait asks for all, at a pace that follows how long such actions took before.
  /// Errors: unavailable (an action ended in error, or the deadline came), exhausted (no capacity), cancelled, denied.
  Result<void> await(const std::vector<Json>& actions, const Context& context);

 private:
  struct Waiter {
    std::vector<ActionId> open;  // in the order in which they end; the last decides when they are asked for
    std::vector<Error> failures;
    std::shared_ptr<std::stop_source> wake = std::make_shared<std::stop_source>();
  };
  struct Watched {
    std::string name;
    Instant since;
    Instant due;  // when it is asked for next
  };

  const ActionWords& words() const { return account_.dialect().actions; }
  void begin(Waiter& waiter, const std::vector<Json>& actions);
  void watch(Waiter& waiter, const Json& action);
  void leave(Waiter& waiter);
  Result<void> sleep(const Waiter& waiter, Duration at_most, const Context& context) const;
  std::map<ActionId, Instant> due() const;
  Duration until_due() const;
  Result<void> poll(const Context& context);
  void add_earlier(std::vector<ActionId>& asked);
  void take(const std::vector<ActionId>& asked, const Result<std::vector<Json>>& answer);
  void end(ActionId id, const Json& action);
  void fail(ActionId id, const Error& error);
  void wake_next();

  Account& account_;
  std::mutex mutex_;
  Waiter* leader_ = nullptr;  // who polls, or sleeps until it does
  std::vector<Waiter*> waiters_;
  std::map<ActionId, Watched> watched_;
  std::map<std::string, Duration> usual_;  // how long actions of a name took
};

}  // namespace skep::cloud
