#include "tests/fakes/http_state_server.h"

#include "planner/base/digest.h"
#include "planner/base/json.h"

namespace skep::testing {

namespace {

std::string id_in(const std::string& body) {
  const auto json = parse_json(body, "lock info");
  return json.ok() ? json_string_or(json.value(), "ID") : "";
}

}  // namespace

Response StateServer::answer(const Request& request) {
  const std::lock_guard guard(mutex_);
  Response response = respond(request);
  exchanges_.push_back(request.method + " " + request.url.substr(0, request.url.find('?')) + " " +
                       std::to_string(response.status));
  return response;
}

Response StateServer::respond(const Request& request) {
  const auto header = request.headers.find("authorization");
  const std::string given = header == request.headers.end() || !header->second.starts_with("Basic ")
                                ? ""
                                : base64_decode(header->second.substr(6));
  const bool may_read_only = !options_.read_only.empty() && given == options_.username + ":" + options_.read_only;
  if (!options_.username.empty() && given != options_.username + ":" + options_.password && !may_read_only)
    return {.status = 401, .body = "{\"message\":\"401 Unauthorized\"}"};
  if (may_read_only && request.method != "GET") return {.status = 403, .body = "{\"message\":\"403 Forbidden\"}"};

  const std::string path = request.url.substr(0, request.url.find('?'));
  const bool is_lock = path == "/state/lock";
  if (!is_lock && path != "/state") return {.status = 404, .body = "not here"};
  if (is_lock && request.method == (options_.is_gitlab ? "POST" : "LOCK")) return respond_lock(request);
  if (is_lock && request.method == (options_.is_gitlab ? "DELETE" : "UNLOCK")) return respond_unlock(request);
  if (!is_lock && request.method == "POST") return respond_write(request);
  if (is_lock || request.method != "GET") return {.status = 405, .body = "method not allowed"};
  if (state_) return {.status = 200, .body = *state_};
  return {.status = options_.is_gitlab && has_record_ ? 204 : 404};
}

Response StateServer::respond_lock(const Request& request) {
  has_record_ = true;
  if (lock_.empty()) {
    lock_ = request.body;
    return {.status = 200};
  }
  if (!options_.is_gitlab) return {.status = 423, .body = lock_};
  // GitLab mixes the holder's id, name and time with what the request says of the rest.
  Json mixed = parse_json(request.body, "lock info").value();
  const Json held = parse_json(lock_, "lock info").value();
  for (const char* key : {"ID", "Who", "Created"}) mixed[key] = held.at(key);
  return {.status = 409, .body = dump_json(mixed)};
}

Response StateServer::respond_unlock(const Request& request) {
  const std::string id = id_in(request.body);
  if (!id.empty() && !lock_.empty() && id != id_in(lock_)) return {.status = 409, .body = lock_};
  lock_.clear();
  return {.status = 200};
}

Response StateServer::respond_write(const Request& request) {
  const auto at = request.url.find("ID=");
  const std::string id = at == std::string::npos ? "" : request.url.substr(at + 3);
  if (!lock_.empty() && id != id_in(lock_))
    return {.status = options_.is_gitlab ? 500 : 409, .body = "locked by another"};
  if (options_.bytes_limit > 0 && request.body.size() > options_.bytes_limit) return {.status = 413};
  const auto json = parse_json(request.body, "the state");
  if (options_.is_gitlab) {
    if (!json.ok() || !json.value().contains("serial")) return {.status = 500, .body = "no serial"};
    if (!serials_.insert(json.value().at("serial").get<std::int64_t>()).second)
      return {.status = 422, .body = "{\"message\":\"Version has already been taken\"}"};
  }
  state_ = request.body;
  versions_.push_back(request.body);
  return {.status = 200};
}

void StateServer::put_back(const std::string& version) {
  const std::lock_guard guard(mutex_);
  state_ = version;
}

std::optional<std::string> StateServer::state() const {
  const std::lock_guard guard(mutex_);
  return state_;
}

std::string StateServer::lock() const {
  const std::lock_guard guard(mutex_);
  return lock_;
}

std::vector<std::string> StateServer::exchanges() const {
  const std::lock_guard guard(mutex_);
  return exchanges_;
}

std::vector<std::string> StateServer::versions() const {
  const std::lock_guard guard(mutex_);
  return versions_;
}

}  // namespace skep::testing
