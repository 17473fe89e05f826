// A simulated cloud behind the Http seam: in the same process, on any clock.
#pragma once

#include <memory>
#include <mutex>

#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "tests/fakes/cloud_api.h"

namespace skep::testing {

/// Safe from many threads; the host of a URL is not looked at.
template <class Cloud>
class CloudHttp final : public Http {
 public:
  CloudHttp(Cloud& cloud, const Clock& clock) : cloud_(cloud), clock_(clock), begin_(clock.now()) {}

  Result<Response> send(const Request& request, const Context& context) override {
    if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
    const std::lock_guard lock(mutex_);
    return cloud_.handle(request, now());
  }

  CloudTime now() const { return CloudTime(std::chrono::seconds(1'790'000'000)) + (clock_.now() - begin_); }

 private:
  Cloud& cloud_;
  const Clock& clock_;
  const Instant begin_;
  std::mutex mutex_;
};

}  // namespace skep::testing
