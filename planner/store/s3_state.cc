#include "planner/store/s3_state.h"

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr int already_exists = 412;  // the condition does not hold
constexpr int raced = 409;           // another conditional write was under way at that moment
constexpr const char* unheard_tag = "\"00000000000000000000000000000000\"";

std::string tag_of(const Response& response) {
  const auto found = response.headers.find("etag");
  return found == response.headers.end() ? "" : found->second;
}

class S3State final : public SharedState {
 public:
  S3State(Http& http, const Clock& clock, S3Options options)
      : http_(http), clock_(clock), options_(std::move(options)) {}

  std::string what() const override { return "the state at s3://" + options_.bucket + "/" + options_.key; }
  Result<std::optional<std::string>> read(const Context& context) override;
  Result<void> write(const std::string& text, const std::string& lock_id, const Context& context) override;
  Result<std::optional<LockInfo>> lock(const LockInfo& ours, const Context& context) override;
  Result<void> unlock(const LockInfo& info, const Context& context) override;

 private:
  using Headers = std::map<std::string, std::string>;

  Request request(const std::string& method, const std::string& key, Headers headers, std::string body) const;
  Result<Response> insist(const Request& request, const Context& context, const std::string& deed);
  /// The lock as it is there; nothing: it is free.
  struct LockObject {
    LockInfo info;
    std::string tag;
  };
  Result<std::optional<LockObject>> present_lock(const Context& context);
  Result<void> probe(const LockInfo& ours, const std::string& tag, const Context& context);
  Result<void> expect_refused(const LockInfo& ours, const Headers& condition, const Context& context);
  Result<void> learn_tag_form(const LockInfo& ours, std::string tag, const Context& context);
  Result<Response> rewrite_lock(const LockInfo& ours, const Headers& condition, const Context& context);
  Headers matching(const std::string& tag) const;
  Error unexpected(const Response& response, const std::string& deed) const;
  Error without_tags() const {
    return {ErrorCode::refused, what() + ": the store says no ETag", "take another store, or another backend"};
  }
  std::string lock_key() const { return options_.key + ".tflock"; }

  Http& http_;
  const Clock& clock_;
  const S3Options options_;
  bool is_read_ = false;
  std::string tag_ = {};     // of the state as we know it; empty: there is none
  bool quotes_tags_ = true;  // in conditions; Ceph's gateway of Debian 12 compares them without
};

Request S3State::request(const std::string& method, const std::string& key, Headers headers, std::string body) const {
  Request request = {.method = method,
                     .url = options_.endpoint + s3_path(options_.bucket, key),
                     .headers = std::move(headers),
                     .body = std::move(body)};
  if (!request.body.empty()) request.headers["Content-Type"] = "application/json";
  return sign_s3(std::move(request), options_.credentials, options_.region, clock_.wall());
}

Result<Response> S3State::insist(const Request& request, const Context& context, const std::string& deed) {
  return send_patiently(http_, clock_, options_.patience, request, context).doing(deed + " " + what());
}

Error S3State::unexpected(const Response& response, const std::string& deed) const {
  const std::string said = excerpt(response.body);
  const std::string message =
      fmt::format("{} {}: the store answered {}{}", deed, what(), response.status, said.empty() ? "" : ": " + said);
  if (response.status == 403 || response.status == 401)
    return {ErrorCode::denied, message,
            "the key must be allowed s3:ListBucket, and Get, Put and Delete of the objects; see AWS_ACCESS_KEY_ID"};
  if (response.status == 501 || response.status == 400)
    return {ErrorCode::refused, message,
            "this store may not know conditional writes: take another, or another backend"};
  return {response.status >= 500 || response.status == 429 ? ErrorCode::unavailable : ErrorCode::invalid_input, message,
          response.status == 404 ? "is there such a bucket?" : ""};
}

Result<std::optional<std::string>> S3State::read(const Context& context) {
  auto answer = TRY(insist(request("GET", options_.key, {}, ""), context, "read"));
  const bool is_absent = answer.status == 404 && answer.body.find("NoSuchBucket") == std::string::npos;
  if (!is_absent && answer.status != 200) return unexpected(answer, "read");
  is_read_ = true;
  tag_ = is_absent ? "" : tag_of(answer);
  if (is_absent) return std::optional<std::string>();
  if (tag_.empty()) return without_tags();
  return std::optional(std::move(answer.body));
}

Result<void> S3State::write(const std::string& text, const std::string&, const Context& context) {
  if (!is_read_) TRY(read(context));
  Duration pause = options_.patience.wait_min;
  for (int attempt = 0;; ++attempt) {
    const Headers condition = tag_.empty() ? Headers{{"If-None-Match", "*"}} : matching(tag_);
    auto answer = http_.send(request("PUT", options_.key, condition, text), context);
    if (answer.ok() && answer.value().status == 200 && !tag_of(answer.value()).empty()) {
      tag_ = tag_of(answer.value());
      return {};
    }
    const bool is_refused = answer.ok() && is_one_of(answer.value().status, {already_exists, 404});
    const bool may_try = may_pass(answer) || (answer.ok() && is_one_of(answer.value().status, {raced, 200}));
    if (!is_refused && !may_try)
      return answer.ok() ? unexpected(answer.value(), "write") : std::move(answer).error().doing("write " + what());
    // It may have been stored all the same, by this try or the one before; if not, the condition is still the old one.
    const std::string tag_before = tag_;
    const auto stored = read(context);
    if (stored.ok() && stored.value() == text) return {};
    if (is_refused || (stored.ok() && tag_ != tag_before)) {
      tag_ = tag_before;
      return Error{ErrorCode::conflict, "write " + what() + ": it is not what we have read any more",
                   "somebody else has written it; see: skep state history"};
    }
    tag_ = tag_before;
    if (attempt >= options_.patience.retry_max || !clock_.sleep(pause, context).ok())
      return answer.ok() ? unexpected(answer.value(), "write") : std::move(answer).error().doing("write " + what());
    pause = std::min(2 * pause, options_.patience.wait_max);
  }
}

S3State::Headers S3State::matching(const std::string& tag) const {
  const bool is_quoted = tag.size() > 1 && tag.starts_with('"') && tag.ends_with('"');
  return {{"If-Match", is_quoted && !quotes_tags_ ? tag.substr(1, tag.size() - 2) : tag}};
}

Result<std::optional<S3State::LockObject>> S3State::present_lock(const Context& context) {
  const auto answer = TRY(insist(request("GET", lock_key(), {}, ""), context, "look at the lock of"));
  if (answer.status == 404) return std::optional<LockObject>();
  if (answer.status != 200) return unexpected(answer, "look at the lock of");
  const auto json = parse_json(answer.body, "the holder of the lock");
  return std::optional(
      LockObject{json.ok() ? lock_info_of(json.value()) : LockInfo{.who = "somebody"}, tag_of(answer)});
}

Result<std::optional<LockInfo>> S3State::lock(const LockInfo& ours, const Context& context) {
  for (int attempt = 0; attempt <= options_.patience.retry_max; ++attempt) {
    const auto answer = TRY(
        insist(request("PUT", lock_key(), {{"If-None-Match", "*"}}, dump_json(lock_info_json(ours))), context, "lock"));
    const bool is_taken = is_one_of(answer.status, {already_exists, raced});
    if (answer.status != 200 && !is_taken) return unexpected(answer, "lock");
    std::string tag = tag_of(answer);
    if (is_taken || tag.empty()) {
      auto present = TRY(present_lock(context));
      if (!present) continue;  // it went away meanwhile
      if (present->info.id != ours.id) return std::optional(std::move(present->info));
      tag = std::move(present->tag);
    }
    if (auto probed = probe(ours, tag, context); !probed.ok()) {
      static_cast<void>(unlock(ours, context));
      return std::move(probed).error();
    }
    return std::optional<LockInfo>();
  }
  return std::optional(LockInfo{.who = "somebody who comes and goes"});
}

// Both conditions that everything rests on, asked so that they must fail, and once so that it must hold; where a store
// does otherwise, our own lock is rewritten and no more.
Result<void> S3State::probe(const LockInfo& ours, const std::string& tag, const Context& context) {
  TRY(expect_refused(ours, {{"If-None-Match", "*"}}, context));
  TRY(learn_tag_form(ours, tag, context));
  return expect_refused(ours, matching(unheard_tag), context);
}

Result<void> S3State::expect_refused(const LockInfo& ours, const Headers& condition, const Context& context) {
  const auto answer = TRY(rewrite_lock(ours, condition, context));
  if (is_one_of(answer.status, {already_exists, raced})) return {};
  if (answer.status != 200) return unexpected(answer, "probe");
  return Error{
      ErrorCode::refused,
      what() + ": this store ignores " + condition.begin()->first + ", so two applies at once could ruin the cluster",
      "take a store that honours conditional writes, or the http or postgres backend"};
}

// With its quotes, as HTTP has it, or without.
Result<void> S3State::learn_tag_form(const LockInfo& ours, std::string tag, const Context& context) {
  if (tag.empty()) return without_tags();
  for (const bool quotes : {true, false}) {
    quotes_tags_ = quotes;
    const auto answer = TRY(rewrite_lock(ours, matching(tag), context));
    if (answer.status == 200) return {};
    if (!is_one_of(answer.status, {already_exists, raced, 404})) return unexpected(answer, "probe");
    // Where every write has a new tag, a try whose answer was lost has changed it.
    const auto present = TRY(present_lock(context));
    if (!present || present->info.id != ours.id)
      return Error{ErrorCode::conflict, what() + ": somebody has taken our lock away", "try again"};
    tag = present->tag;
  }
  return Error{ErrorCode::refused, what() + ": this store does not know its own ETag in If-Match",
               "take a store that honours conditional writes, or the http or postgres backend"};
}

Result<Response> S3State::rewrite_lock(const LockInfo& ours, const Headers& condition, const Context& context) {
  return insist(request("PUT", lock_key(), condition, dump_json(lock_info_json(ours))), context, "probe");
}

Result<void> S3State::unlock(const LockInfo& info, const Context& context) {
  const auto present = TRY(present_lock(context));
  if (!present || present->info.id != info.id) return {};  // an answer was lost, or somebody has taken it away
  const auto answer = TRY(insist(request("DELETE", lock_key(), {}, ""), context, "unlock"));
  if (is_one_of(answer.status, {200, 204, 404})) return {};
  return unexpected(answer, "unlock");
}

}  // namespace

std::unique_ptr<SharedState> make_s3_state(Http& http, const Clock& clock, S3Options options) {
  return std::make_unique<S3State>(http, clock, std::move(options));
}

}  // namespace skep
