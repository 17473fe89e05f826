// One account or project at a cloud: its credential, its requests, its lists page by page, and what its errors mean.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/secret.h"
#include "planner/system/clock.h"
#include "planner/system/http.h"
#include "planner/system/random.h"
#include "providers/cloud/dialect.h"
#include "providers/http/limited_http.h"
#include "providers/http/retrying_http.h"
#include "providers/http/url.h"

namespace skep::cloud {

/// Numbers or texts at the cloud, texts at ours: numbers may have 53 bits.
using RemoteId = std::string;

class Account {
 public:
  /// `http` sends one exchange; retries and limits are put in front of it here. All must outlive the account.
  Account(Http& http, const Clock& clock, Random& random, const Dialect& dialect, std::string endpoint, Secret token);

  /// Errors: invalid_input (there is none, or what there is cannot be one).
  Result<void> check_token() const;

  /// Blocks for one request and its retries, at most until the deadline. Errors: unavailable, unknown_outcome (a
  /// mutating request was sent, and its answer is missing, broken, or 5xx), denied, cancelled, invalid_input.
  Result<Reply> ask(const std::string& method, const std::string& path, const Json& body, const Context& context);

  /// What an answer that says no means to the caller: denied, conflict, exhausted, not_found, refused, unavailable, ...
  /// The message is the provider's, with the fields it names.
  Error error_of(const Reply& reply) const;

  /// ask(), where an answer that says no is an error too: see error_of().
  Result<Json> get(const std::string& path, const Query& query, const Context& context);
  Result<Json> post(const std::string& path, const Json& body, const Context& context);
  Result<Json> put(const std::string& path, const Json& body, const Context& context);
  /// Null when there was nothing to destroy.
  Result<Json> destroy(const std::string& path, const Context& context);

  /// All pages of a list, `member` being its key. Errors: as get(); internal (pages that never end).
  Result<std::vector<Json>> list(const std::string& path, const std::string& member, Query query,
                                 const Context& context);

  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  const Dialect& dialect() const { return dialect_; }

 private:
  const Clock& clock_;
  Random& random_;
  const Dialect& dialect_;
  const std::string endpoint_;
  const Secret token_;
  LimitedHttp limited_;
  RetryingHttp retrying_;
};

/// The number or text as text; empty for anything else.
RemoteId id_text(const Json& id);
/// The text as number, for bodies. 0 for anything else.
std::int64_t id_number(std::string_view id);

}  // namespace skep::cloud
