// Every exchange as one line of JSON to a sink, secrets redacted: for --trace and for questions to a provider.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/secret.h"
#include "planner/system/clock.h"
#include "planner/system/http.h"

namespace skep {

/// Takes one line without its end; called for one exchange at a time.
using TraceSink = std::function<void(std::string_view)>;

/// Innermost of the decorators, so that it sees every attempt. A line holds: at (RFC 3339), elapsed_ms, request
/// (method, url, headers, body) and response (status, headers, body) or error. Bodies stand as JSON where they are,
/// else as text; more than 64 KiB of one are cut. Never shown: credentials in headers, what add_secret() was given
/// (plain, in JSON, percent-encoded or base64), and members of bodies whose name says that they are secret
/// (root_password, user_data, ...).
class TracedHttp final : public Http {
 public:
  TracedHttp(Http& next, const Clock& clock, TraceSink sink, std::vector<Secret> secrets = {});

  /// From now on this text is redacted wherever it occurs. Safe from any thread.
  void add_secret(Secret secret);

  Result<Response> send(const Request& request, const Context& context) override;

 private:
  std::string line(const Request& request, const Result<Response>& result, Duration elapsed) const;

  Http& next_;
  const Clock& clock_;
  const TraceSink sink_;
  std::mutex mutex_;
  std::vector<Secret> secrets_;
};

}  // namespace skep
