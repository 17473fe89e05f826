#include "providers/hetzner/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "planner/base/text.h"

namespace skep::hetzner {

namespace {

constexpr int page_limit = 1000;
constexpr const char* per_page = "50";  // the most that is allowed

Json error_part(const Response& response) {
  const auto body = parse_json(response.body, "the answer");
  if (!body.ok() || !body.value().is_object()) return nullptr;
  const auto found = body.value().find("error");
  return found != body.value().end() && found->is_object() ? *found : Json();
}

/// The object is busy or was changed at the same moment: nothing happened, the same may succeed soon.
bool is_refused_for_now(const Response& response) {
  if (response.status != 423 && response.status != 409) return false;
  const Json error = error_part(response);
  const std::string code = error.is_null() ? "" : json_string_or(error, "code");
  return code == "locked" || code == "conflict";
}

RetryPolicy retry_policy() {
  RetryPolicy policy;
  policy.attempt_limit = 10;
  policy.wait_first = std::chrono::seconds(1);
  policy.wait_longest = std::chrono::seconds(20);
  policy.is_refused_for_now = is_refused_for_now;
  return policy;
}

bool is_reading(const std::string& method) { return method == "GET"; }

std::string joined_details(const Json& details) {
  std::vector<std::string> parts;
  if (!details.is_object()) return {};
  for (const char* key : {"fields", "limits"}) {
    const auto list = details.find(key);
    if (list == details.end() || !list->is_array()) continue;
    for (const auto& one : *list) {
      if (!one.is_object()) continue;
      std::string part = json_string_or(one, "name");
      const auto messages = one.find("messages");
      if (messages != one.end() && messages->is_array() && !messages->empty() && messages->front().is_string()) {
        part += " " + messages->front().get<std::string>();
      }
      if (!part.empty()) parts.push_back(part);
    }
  }
  return join(parts, "; ");
}

struct Meaning {
  ErrorCode code;
  const char* hint = "";
};

Meaning meaning_of(const Reply& reply) {
  static const std::map<std::string, Meaning, std::less<>> table = {
      {"unauthorized", {ErrorCode::invalid_input, "set HCLOUD_TOKEN to an API token of the project"}},
      {"token_readonly", {ErrorCode::denied, "the token may only read: make one with read & write permission"}},
      {"forbidden", {ErrorCode::denied, "the token lacks a permission for this"}},
      {"maintenance", {ErrorCode::unavailable, "the provider has maintenance: try again later"}},
      {"resource_limit_exceeded", {ErrorCode::exhausted, "ask the provider to raise the project's limit"}},
      {"resource_unavailable", {ErrorCode::exhausted, "try another type or location"}},
      {"placement_error", {ErrorCode::exhausted, "try another type or location, or without spread"}},
      {"no_space_left_in_location", {ErrorCode::exhausted, "try another location"}},
      {"not_found", {ErrorCode::not_found}},
      {"uniqueness_error", {ErrorCode::conflict}},
      {"conflict", {ErrorCode::unavailable, "try again later"}},
      {"locked", {ErrorCode::unavailable, "another action is running on it: try again later"}},
      {"protected", {ErrorCode::refused, "it is protected at the provider: lift the protection there first"}},
      {"rate_limit_exceeded", {ErrorCode::unavailable, "the project's requests are used up: try again later"}},
      {"resource_in_use", {ErrorCode::conflict}},
      {"must_be_unassigned", {ErrorCode::conflict}},
      {"floating_ip_assigned", {ErrorCode::conflict}},
      {"volume_already_attached", {ErrorCode::conflict, "it is attached to another server: detach it there first"}},
      {"server_not_stopped", {ErrorCode::conflict}},
      {"json_error", {ErrorCode::internal, "this is a bug in skep: please report it"}},
      {"method_not_allowed", {ErrorCode::internal, "this is a bug in skep: please report it"}},
      {"deprecated_api_endpoint", {ErrorCode::internal, "the provider's API changed: look for a newer skep"}},
  };
  if (const auto found = table.find(reply.code); found != table.end()) return found->second;
  if (reply.status == 401) return {ErrorCode::invalid_input, "set HCLOUD_TOKEN to an API token of the project"};
  if (reply.status == 403) return {ErrorCode::denied};
  if (reply.status == 404) return {ErrorCode::not_found};
  if (reply.status == 429 || reply.status >= 500) return {ErrorCode::unavailable, "try again later"};
  return {ErrorCode::invalid_input};
}

}  // namespace

Account::Account(Http& http, const Clock& clock, Random& random, std::string endpoint, Secret token)
    : clock_(clock),
      random_(random),
      endpoint_(std::move(endpoint)),
      token_(std::move(token)),
      limited_(http, clock),
      retrying_(limited_, clock, random, retry_policy()) {}

Result<void> Account::check_token() const {
  const char* hint = "set HCLOUD_TOKEN to an API token of the project, with read & write permission";
  if (token_.empty()) return Error{ErrorCode::invalid_input, "there is no token for Hetzner Cloud", hint};
  const std::string& text = token_.reveal();
  // A line end from a file would make two headers of one.
  if (std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; })) return {};
  return Error{ErrorCode::invalid_input, "HCLOUD_TOKEN holds blanks or other characters that no token has", hint};
}

Result<Reply> Account::ask(const std::string& method, const std::string& path, const Json& body,
                           const Context& context) {
  TRY(check_token());
  Request request{method, endpoint_ + path, {{"Authorization", "Bearer " + token_.reveal()}}, {}};
  // What was destroyed, or set to a value, is so after a second time too.
  request.repeatable = method == "DELETE" || method == "PUT";
  if (!body.is_null()) {
    request.headers["Content-Type"] = "application/json";
    request.body = dump_json(body);
  }
  const Response response = TRY(retrying_.send(request, context));
  Reply reply{response.status, nullptr, {}};
  if (!response.body.empty()) {
    auto parsed = parse_json(response.body, "the answer");
    if (parsed.ok()) reply.body = std::move(parsed).value();
  }
  const Json error = error_part(response);
  if (!error.is_null()) reply.code = json_string_or(error, "code");
  const bool is_broken = reply.ok() && response.status != 204 && !reply.body.is_object();
  if (is_broken || response.status >= 500) {
    const ErrorCode code = is_reading(method) ? ErrorCode::unavailable : ErrorCode::unknown_outcome;
    const std::string what = is_broken ? "with something that is no JSON" : std::to_string(response.status);
    return Error{code, fmt::format("{} {}: Hetzner Cloud answered {}", method, path, what), "try again later"};
  }
  return reply;
}

Result<Json> Account::get(const std::string& path, const Query& query, const Context& context) {
  Reply reply = TRY(ask("GET", url_of("", path, query), nullptr, context));
  if (!reply.ok()) return error_of(reply);
  return std::move(reply.body);
}

Result<Json> Account::post(const std::string& path, const Json& body, const Context& context) {
  Reply reply = TRY(ask("POST", path, body, context));
  if (!reply.ok()) return error_of(reply);
  return std::move(reply.body);
}

Result<Json> Account::put(const std::string& path, const Json& body, const Context& context) {
  Reply reply = TRY(ask("PUT", path, body, context));
  if (!reply.ok()) return error_of(reply);
  return std::move(reply.body);
}

Result<Json> Account::destroy(const std::string& path, const Context& context) {
  Reply reply = TRY(ask("DELETE", path, nullptr, context));
  if (reply.status == 404) return Json();
  if (!reply.ok()) return error_of(reply);
  return std::move(reply.body);
}

Result<std::vector<Json>> Account::list(const std::string& path, const std::string& member, Query query,
                                        const Context& context) {
  std::vector<Json> all;
  query.emplace_back("per_page", per_page);
  query.emplace_back("page", "1");
  for (std::int64_t page = 1; page <= page_limit;) {
    query.back().second = std::to_string(page);
    Json answer = TRY(get(path, query, context));
    const auto items = answer.find(member);
    if (items == answer.end() || !items->is_array()) {
      return Error{ErrorCode::internal, fmt::format("GET {}: the answer holds no {}", path, member)};
    }
    for (auto& item : *items) {
      if (!is_object_with_id(item)) {
        return Error{ErrorCode::unavailable, fmt::format("GET {}: one of the {} has no id", path, member),
                     "try again later"};
      }
      all.push_back(std::move(item));
    }
    const Json next = answer.value(Json::json_pointer("/meta/pagination/next_page"), Json());
    if (!next.is_number_integer()) return all;
    if (next <= page) break;
    page = next;
  }
  return Error{ErrorCode::internal, fmt::format("GET {}: its pages never end", path)};
}

Error error_of(const Reply& reply) {
  const Meaning meaning = meaning_of(reply);
  std::string message = fmt::format("Hetzner Cloud answered {}", reply.status);
  if (reply.body.is_object() && reply.body.contains("error") && reply.body["error"].is_object()) {
    const Json& error = reply.body["error"];
    message = fmt::format("Hetzner Cloud says: {} ({})", json_string_or(error, "message"), reply.code);
    const std::string details = error.contains("details") ? joined_details(error["details"]) : "";
    if (!details.empty()) message += ": " + details;
  }
  return {meaning.code, message, meaning.hint};
}

bool is_object_with_id(const Json& json) { return json_member(json, "id").is_number_integer(); }

RemoteId id_text(const Json& id) { return id.is_number_integer() ? std::to_string(id.get<std::int64_t>()) : ""; }

std::int64_t id_number(std::string_view id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  return error == std::errc() && end == id.data() + id.size() ? number : 0;
}

}  // namespace skep::hetzner
