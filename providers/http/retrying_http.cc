#include "providers/http/retrying_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "planner/base/text.h"

namespace skep {

namespace {

bool is_reading(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

/// The back-off after the given attempt (from 1), before jitter.
Duration back_off(const RetryPolicy& policy, int attempt) {
  double wait = static_cast<double>(policy.wait_first.count());
  const auto longest = static_cast<double>(policy.wait_longest.count());
  for (int i = 1; i < attempt && wait < longest; ++i) wait *= policy.factor;
  return Duration(static_cast<Duration::rep>(std::min(wait, longest)));
}

/// Somewhere between half of it and all of it, so that many waiting clients do not come back as one.
Duration jittered(Duration wait, Random& random) {
  const auto half = static_cast<std::uint64_t>(wait.count()) / 2;
  return wait - Duration(random_below(random, half + 1));
}

std::string reason(const Result<Response>& result) {
  if (!result.ok()) return result.error().message;
  if (result.value().status == 429) return "the rate limit is reached";
  return fmt::format("the server answered {}", result.value().status);
}

Result<Response> given_up(const Request& request, Result<Response> result) {
  if (result.ok() || result.error().code != ErrorCode::unknown_outcome || !is_reading(request)) return result;
  Error error = std::move(result).error();
  error.code = ErrorCode::unavailable;
  return error;
}

}  // namespace

bool may_be_repeated(const Request& request, const Result<Response>& result, const RetryPolicy& policy) {
  const bool harmless = is_reading(request) || request.repeatable;
  if (!result.ok()) {
    const ErrorCode code = result.error().code;
    return code == ErrorCode::unavailable || (code == ErrorCode::unknown_outcome && harmless);
  }
  const Response& response = result.value();
  const int status = response.status;
  if (status == 429 || (status == 503 && header(response, "retry-after")) || policy.is_refused_for_now(response)) {
    return true;
  }
  return harmless && (status == 408 || status == 500 || status == 502 || status == 503 || status == 504);
}

RetryingHttp::RetryingHttp(Http& next, const Clock& clock, Random& random, RetryPolicy policy)
    : next_(next), clock_(clock), random_(random), policy_(std::move(policy)) {
  assert(policy_.attempt_limit >= 1);
}

Result<Response> RetryingHttp::send(const Request& request, const Context& context) {
  for (int attempt = 1;; ++attempt) {
    auto result = next_.send(request, context);
    if (attempt >= policy_.attempt_limit || !may_be_repeated(request, result, policy_)) {
      return given_up(request, std::move(result));
    }
    const Duration wait = wait_after(result, attempt);
    const Instant now = clock_.now();
    if (now >= context.deadline || wait >= context.deadline - now) return given_up(request, std::move(result));
    context.say(fmt::format("{}: trying again in {}", reason(result), human_duration(wait)));
    const auto slept = clock_.sleep(wait, context);
    if (!slept.ok() && slept.error().code == ErrorCode::cancelled) {
      return Error{ErrorCode::cancelled, fmt::format("stopped while waiting to try again: {}", reason(result))};
    }
    if (!slept.ok()) return given_up(request, std::move(result));
  }
}

Duration RetryingHttp::wait_after(const Result<Response>& result, int attempt) {
  const Duration own = jittered(back_off(policy_, attempt), random_);
  if (!result.ok()) return own;
  const Response& response = result.value();
  if (const auto asked = retry_after(response, clock_.wall())) {
    // never sooner than asked; a little later, not all at once
    return *asked + Duration(random_below(random_, static_cast<std::uint64_t>(policy_.wait_first.count()) + 1));
  }
  if (response.status != 429) return own;
  const auto reading = rate_reading(response);
  if (!reading) return own;
  return std::max(own, reading->one_more(clock_.wall(), policy_.reset, std::chrono::hours(1)));
}

}  // namespace skep
