#include "planner/store/http_state.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "planner/store/patient_http.h"

namespace skep {

HttpState::HttpState(Http& http, const Clock& clock, HttpStateOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {}

Request HttpState::request(const std::string& method, const std::string& address, std::string body) const {
  Request request = {.method = method, .url = address, .body = std::move(body)};
  if (!request.body.empty()) request.headers["Content-Type"] = "application/json";
  if (!options_.username.empty())
    request.headers["Authorization"] = "Basic " + base64_encode(options_.username + ":" + options_.password);
  return request;
}

Result<Response> HttpState::insist(const Request& request, const Context& context) {
  const Patience patience = {options_.retry_max, options_.retry_wait_min, options_.retry_wait_max};
  return send_patiently(http_, clock_, patience, request, context);
}

Error HttpState::unexpected(const Response& response, const std::string& deed) const {
  const std::string said = excerpt(response.body);
  const std::string message =
      fmt::format("{} {}: the server answered {}{}", deed, what(), response.status, said.empty() ? "" : ": " + said);
  switch (response.status) {
    case 401:
      return {ErrorCode::denied, message,
              "set TF_HTTP_USERNAME and TF_HTTP_PASSWORD; a CI job's token ends with the job"};
    case 403:
      return {ErrorCode::denied, message, "the token may not do this: at GitLab, locking and writing need Maintainer"};
    case 413:
      return {ErrorCode::exhausted, message, "the server's limit for states is too small"};
    default:
      return {response.status >= 500 || response.status == 429 ? ErrorCode::unavailable : ErrorCode::invalid_input,
              message};
  }
}

Result<std::optional<std::string>> HttpState::read(const Context& context) {
  auto answer = TRY(insist(request("GET", options_.address, ""), context).doing("read " + what()));
  if (is_one_of(answer.status, {204, 404})) return std::optional<std::string>();
  if (answer.status != 200) return unexpected(answer, "read");
  if (trim(answer.body).empty()) return std::optional<std::string>();
  return std::optional(std::move(answer.body));
}

Result<void> HttpState::write(const std::string& text, const std::string& lock_id, const Context& context) {
  const std::string mark = options_.address.find('?') == std::string::npos ? "?" : "&";
  const Request update = request(options_.update_method, options_.address + mark + "ID=" + lock_id, text);
  Duration pause = options_.retry_wait_min;
  for (int attempt = 0;; ++attempt) {
    auto answer = http_.send(update, context);
    if (answer.ok() && is_one_of(answer.value().status, {200, 201, 204})) return {};
    const bool is_refused = answer.ok() && is_one_of(answer.value().status, {409, 422, 423});
    if (!is_refused && !may_pass(answer))
      return answer.ok() ? unexpected(answer.value(), "write") : std::move(answer).error().doing("write " + what());
    // It may have been stored all the same, by this try or the one before.
    const auto stored = read(context);
    if (stored.ok() && stored.value() == text) return {};
    if (is_refused) {
      return Error{ErrorCode::conflict, unexpected(answer.value(), "write").message,
                   "somebody else has written it, or has taken our lock away; see: skep state history"};
    }
    if (attempt >= options_.retry_max || !clock_.sleep(pause, context).ok())
      return answer.ok() ? unexpected(answer.value(), "write") : std::move(answer).error().doing("write " + what());
    pause = std::min(2 * pause, options_.retry_wait_max);
  }
}

Result<std::optional<LockInfo>> HttpState::lock(const LockInfo& ours, const Context& context) {
  if (options_.lock_address.empty()) {
    return Error{ErrorCode::invalid_input, what() + " has no lock: two applies at once could ruin the cluster",
                 "set TF_HTTP_LOCK_ADDRESS (at GitLab: the same address with /lock, and POST and DELETE as methods)"};
  }
  const Request take = request(options_.lock_method, options_.lock_address, dump_json(lock_info_json(ours)));
  const auto answer = TRY(insist(take, context).doing("lock " + what()));
  if (answer.status == 200) return std::optional<LockInfo>();
  if (!is_one_of(answer.status, {409, 423})) return unexpected(answer, "lock");
  const auto json = parse_json(answer.body, "the holder of the lock");
  LockInfo holder = json.ok() ? lock_info_of(json.value()) : LockInfo{};
  if (holder.id == ours.id) return std::optional<LockInfo>();  // an answer was lost: it is ours
  // GitLab answers with the holder's id, name and time, and echoes the rest of what it was asked: that is ours.
  if (holder.info == ours.info) holder.info = holder.operation = "";
  return std::optional(holder);
}

Result<void> HttpState::unlock(const LockInfo& info, const Context& context) {
  const std::string& address = options_.unlock_address.empty() ? options_.lock_address : options_.unlock_address;
  const Request release = request(options_.unlock_method, address, dump_json(lock_info_json(info)));
  const auto answer = TRY(insist(release, context).doing("unlock " + what()));
  // 404: a retry of one whose answer was lost finds nothing to release.
  if (is_one_of(answer.status, {200, 204, 404})) return {};
  return unexpected(answer, "unlock");
}

}  // namespace skep
