// Sends again what may be sent again: with back-off, jitter and the server's own wish, until the deadline.
#pragma once

#include <functional>

#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "planner/system/random.h"
#include "providers/http/headers.h"

namespace skep {

struct RetryPolicy {
  int attempt_limit = 8;
  Duration wait_first = std::chrono::milliseconds(500);
  double factor = 2.0;
  Duration wait_longest = std::chrono::seconds(30);  // of our own choosing; a server may ask for more
  ResetMeaning reset = ResetMeaning::full;

  /// Answers of one provider that say: nothing happened, the same request may succeed soon (a locked object, a conflict
  /// among requests). Such a request is sent again, whatever its method.
  std::function<bool(const Response&)> is_refused_for_now = [](const Response&) { return false; };
};

/// Why a request is to be sent again, if so. Pure.
///   unavailable (never sent), 429, 503 with Retry-After, and is_refused_for_now(): every request
///   unknown_outcome, 408, 500, 502, 503, 504: GET, HEAD, and requests marked repeatable
bool may_be_repeated(const Request& request, const Result<Response>& result, const RetryPolicy& policy);

/// Gives the last result up when the attempts are used up, or when the wait would pass the deadline. A GET or HEAD that
/// never got its answer is then `unavailable`: reading changes nothing.
/// Sleeps on the clock; errors as Http, plus cancelled while it waits.
class RetryingHttp final : public Http {
 public:
  RetryingHttp(Http& next, const Clock& clock, Random& random, RetryPolicy policy = {});

  Result<Response> send(const Request& request, const Context& context) override;

 private:
  Duration wait_after(const Result<Response>& result, int attempt);

  Http& next_;
  const Clock& clock_;
  Random& random_;
  const RetryPolicy policy_;
};

}  // namespace skep
