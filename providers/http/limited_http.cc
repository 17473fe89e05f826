#include "providers/http/limited_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "planner/base/text.h"
#include "providers/http/woken_sleep.h"

namespace skep {

namespace {

constexpr Duration longest_sleep = std::chrono::hours(24);

Error stopped() { return {ErrorCode::cancelled, "stopped while waiting for its turn to send a request"}; }

}  // namespace

LimitedHttp::LimitedHttp(Http& next, const Clock& clock, Limits limits) : next_(next), clock_(clock), limits_(limits) {
  assert(limits_.in_flight >= 1);
}

Result<Response> LimitedHttp::send(const Request& request, const Context& context) {
  TRY(take_slot(context));
  const auto allowed = take_from_budget(context);
  if (!allowed.ok()) {
    give_slot_back();
    return allowed.error();
  }
  auto result = next_.send(request, context);
  if (result.ok()) learn(result.value());
  give_slot_back();
  return result;
}

/// Sleeps on the clock with a stop source of its own, so that a slot that becomes free wakes exactly one.
Result<void> LimitedHttp::take_slot(const Context& context) {
  const auto own = std::make_shared<std::stop_source>();
  {
    const std::lock_guard lock(mutex_);
    if (flying_ < limits_.in_flight && waiting_.empty()) {
      ++flying_;
      return {};
    }
    waiting_.push_back(own);
  }
  while (!own->stop_requested() && sleep_until_woken(clock_, own->get_token(), longest_sleep, context).ok()) continue;
  const std::lock_guard lock(mutex_);
  const auto place = std::ranges::find(waiting_, own);
  if (place == waiting_.end()) return {};  // the slot was handed over, whatever else happened
  waiting_.erase(place);
  if (context.stop.stop_requested()) return stopped();
  return Error{ErrorCode::unavailable, fmt::format("{} requests are in flight already, and none ended before the "
                                                   "deadline",
                                                   limits_.in_flight)};
}

void LimitedHttp::give_slot_back() {
  Waiter next;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      --flying_;
      return;
    }
    next = waiting_.front();  // the slot passes on
    waiting_.pop_front();
  }
  next->request_stop();
}

Result<void> LimitedHttp::take_from_budget(const Context& context) {
  while (const auto wait = reserve()) {
    const Instant now = clock_.now();
    if (now >= context.deadline || *wait >= context.deadline - now) {
      return Error{
          ErrorCode::unavailable,
          fmt::format("the provider's rate limit is used up; the next request may go in {}, after the deadline",
                      human_duration(*wait)),
          "wait a while, or ask the provider for a higher limit"};
    }
    context.say(fmt::format("waiting for the provider's rate limit ({})", human_duration(*wait)));
    const auto slept = clock_.sleep(*wait, context);
    if (!slept.ok()) return slept.error().code == ErrorCode::cancelled ? stopped() : slept.error();
  }
  return {};
}

/// Takes one request out of the budget, or says how long to wait before asking again.
std::optional<Duration> LimitedHttp::reserve() {
  const std::lock_guard lock(mutex_);
  if (!is_known_) return std::nullopt;
  const Instant now = clock_.now();
  if (refill_ > Duration::zero()) {
    left_ += static_cast<double>((now - counted_).count()) / static_cast<double>(refill_.count());
  }
  counted_ = now;
  if (left_ >= 1) {
    left_ -= 1;
    return std::nullopt;
  }
  const auto missing = (1 - left_) * static_cast<double>(refill_.count());
  return std::max(Duration(static_cast<Duration::rep>(missing) + 1), Duration(1));
}

void LimitedHttp::learn(const Response& response) {
  const auto reading = rate_reading(response);
  if (!reading) return;
  const std::lock_guard lock(mutex_);
  // Those in flight beside this one may not be counted in it yet.
  const auto others = static_cast<double>(flying_) - 1;
  is_known_ = true;
  left_ = std::max(static_cast<double>(reading->remaining) - others, 0.0);
  refill_ = reading->one_more(clock_.wall(), limits_.reset, limits_.wait_longest);
  counted_ = clock_.now();
}

}  // namespace skep
