// Keeps to what a provider's API bears: so many requests in flight, and the budget that its own headers tell.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "providers/http/headers.h"

namespace skep {

struct Limits {
  std::size_t in_flight = 32;
  ResetMeaning reset = ResetMeaning::full;
  Duration wait_longest = std::chrono::minutes(1);  // for the next request of the budget; then one asks anyhow
};

/// A slot is held during the exchange only. Who waits is served in the order of coming, sleeps on the clock, and is
/// woken when its turn comes. While the budget lasts nothing is slowed down; when it is used up, requests go out at the
/// pace at which it fills again. Safe from any thread; it must outlive all calls.
/// Errors: as the next Http, plus unavailable (its turn would come after the deadline), cancelled.
class LimitedHttp final : public Http {
 public:
  LimitedHttp(Http& next, const Clock& clock, Limits limits = {});

  Result<Response> send(const Request& request, const Context& context) override;

 private:
  using Waiter = std::shared_ptr<std::stop_source>;

  Result<void> take_slot(const Context& context);
  void give_slot_back();
  Result<void> take_from_budget(const Context& context);
  std::optional<Duration> reserve();
  void learn(const Response& response);

  Http& next_;
  const Clock& clock_;
  const Limits limits_;
  std::mutex mutex_;
  std::size_t flying_ = 0;
  std::deque<Waiter> waiting_;  // in the order of coming; taken out by who wakes it

  // The budget, unknown until a header tells it.
  bool is_known_ = false;
  double left_ = 0;       // requests that may go now
  Duration refill_ = {};  // time until one more may go
  Instant counted_ = {};  // when left_ was right
};

}  // namespace skep
