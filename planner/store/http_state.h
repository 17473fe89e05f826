// Terraform's HTTP state protocol, as its client speaks it: GitLab, Gitea and whatever else serves it keep skep's
// state. Source: Terraform's internal/backend/remote-state/http, GitLab's lib/api/terraform/state.rb.
#pragma once

#include <string>

#include "planner/store/shared_state.h"
#include "planner/system/clock.h"
#include "planner/system/http.h"

namespace skep {

struct HttpStateOptions {
  std::string address;
  std::string update_method = "POST";
  std::string lock_address = {};  // empty: the server has no locks, and skep does not write there
  std::string lock_method = "LOCK";
  std::string unlock_address = {};  // empty: the lock's
  std::string unlock_method = "UNLOCK";
  std::string username = {};
  std::string password = {};
  int retry_max = 2;  // further tries after the first
  Duration retry_wait_min = std::chrono::seconds(1);
  Duration retry_wait_max = std::chrono::seconds(30);
};

/// Differs from Terraform's client where that one fails: a lock whose answer was lost is ours when the server names our
/// own id; a write that ends in doubt (409, 422, 5xx, no answer) is read back and compared before it is an error.
class HttpState final : public SharedState {
 public:
  HttpState(Http& http, const Clock& clock, HttpStateOptions options);

  std::string what() const override { return "the state at " + options_.address; }
  Result<std::optional<std::string>> read(const Context& context) override;
  Result<void> write(const std::string& text, const std::string& lock_id, const Context& context) override;
  Result<std::optional<LockInfo>> lock(const LockInfo& ours, const Context& context) override;
  Result<void> unlock(const LockInfo& info, const Context& context) override;

 private:
  Request request(const std::string& method, const std::string& address, std::string body) const;
  /// Sends again what never arrived, 429 and 5xx, as often as the options say; the last result, whatever it is.
  Result<Response> insist(const Request& request, const Context& context);
  Error unexpected(const Response& response, const std::string& deed) const;

  Http& http_;
  const Clock& clock_;
  const HttpStateOptions options_;
};

}  // namespace skep
