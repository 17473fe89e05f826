#include "providers/digitalocean/dialect.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "providers/cloud/account.h"
#include "providers/digitalocean/digitalocean.h"

namespace skep::digitalocean {

namespace {

using cloud::ActionStatus;
using cloud::Meaning;
using cloud::Reply;

// So many actions are asked for one by one; more of them are looked up in the list of the newest.
constexpr std::size_t alone_most = 2;
constexpr const char* quota_hint = "ask the provider to raise the account's limit";

bool says(const std::string& message, std::initializer_list<const char*> words) {
  std::string lower = message;
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::any_of(words, [&](const char* word) { return lower.find(word) != std::string::npos; });
}

/// Tags have errors of another shape.
void read_error(Reply& reply) {
  if (!reply.body.is_object()) return;
  reply.code = json_string_or(reply.body, "id", std::to_string(reply.status));
  reply.message = json_string_or(reply.body, "message", json_string_or(reply.body, "error"));
  if (!reply.message.empty()) reply.message += " (" + reply.code + ")";
}

bool is_refused_for_now(const Response& response) {
  return (response.status == 409 || response.status == 422) && says(response.body, {"pending event"});
}

Meaning meaning_of_422(const std::string& message) {
  if (says(message, {"pending event"})) return {ErrorCode::unavailable, "another action is running on it: try again"};
  if (says(message, {"limit"})) return {ErrorCode::exhausted, quota_hint};
  if (says(message, {"unavailable", "not available", "sold out", "capacity"})) {
    return {ErrorCode::exhausted, "try another size or region"};
  }
  if (says(message, {"already", "in use", "is attached"})) return {ErrorCode::conflict};
  return {ErrorCode::invalid_input};
}

Meaning meaning_of(const Reply& reply) {
  switch (reply.status) {
    case 401:
      return {ErrorCode::invalid_input, "set DIGITALOCEAN_TOKEN to a token of the account"};
    case 403:
      // what is still in use is forbidden to go
      if (says(reply.message, {"member"})) return {ErrorCode::conflict};
      return {ErrorCode::denied, "the token lacks a permission for this: make one with read and write scopes"};
    case 404:
      return {ErrorCode::not_found};
    case 409:
    case 412:
      return {ErrorCode::conflict};
    case 422:
      return meaning_of_422(reply.message);
    case 429:
      return {ErrorCode::unavailable, "the account's requests are used up: try again later"};
    default:
      break;
  }
  if (reply.status >= 500) return {ErrorCode::unavailable, "try again later"};
  return {ErrorCode::invalid_input};
}

bool is_name_taken(const Reply& reply) {
  const bool is_conflict = reply.status == 409 || reply.status == 422;
  return is_conflict && says(reply.message, {"already exist", "already in use", "already been taken", "duplicate name",
                                             "must be unique", "already has a"});
}

std::optional<std::int64_t> next_page(const Json& answer, std::int64_t page) {
  const Json next = answer.value(Json::json_pointer("/links/pages/next"), Json());
  if (!next.is_string()) return std::nullopt;
  return page + 1;
}

/// Those of a creation have neither status nor type, only what they are for.
std::vector<Json> actions_in(const Json& answer) {
  std::vector<Json> found;
  if (const Json action = cloud::part_of(answer, "action"); !action.is_null()) found.push_back(action);
  const Json links = cloud::part_of(answer, "links");
  if (links.is_null()) return found;
  const Json linked = links.value("actions", Json::array());
  if (linked.is_array()) found.insert(found.end(), linked.begin(), linked.end());
  return found;
}

ActionStatus action_status(const Json& action) {
  const std::string status = json_string_or(action, "status");
  if (status == "completed") return ActionStatus::done;
  return status == "errored" ? ActionStatus::failed : ActionStatus::running;
}

std::string action_name(const Json& action) { return json_string_or(action, "type", json_string_or(action, "rel")); }

Error action_error(const Json& action) {
  return {ErrorCode::unavailable,
          fmt::format("the action {} ended in an error; DigitalOcean gives no reason", action_name(action)),
          "try again; if it stays so, ask the provider"};
}

Duration action_expected(const std::string& type) {
  return type == "create" ? std::chrono::seconds(5) : std::chrono::seconds(1);
}

Result<std::vector<Json>> ask_actions(cloud::Account& account, const std::vector<cloud::ActionId>& ids,
                                      const Context& context) {
  std::vector<Json> found;
  std::vector<cloud::ActionId> missing = ids;
  if (ids.size() > alone_most) {
    const Json newest = TRY(account.get("/actions", {{"per_page", dialect().per_page}}, context));
    for (const auto& action : newest.value("actions", Json::array())) {
      if (std::erase(missing, json_int_or(action, "id", 0)) > 0) found.push_back(action);
    }
  }
  for (const auto id : missing) {
    const auto answer = account.get(fmt::format("/actions/{}", id), {}, context);
    if (!answer.ok() && answer.error().code == ErrorCode::not_found) continue;
    if (!answer.ok()) return answer.error();
    found.push_back(cloud::part_of(answer.value(), "action"));
  }
  return found;
}

}  // namespace

const cloud::Dialect& dialect() {
  static const cloud::Dialect dialect = {
      .provider = "DigitalOcean",
      .token_variable = digitalocean_token_variable,
      .token_hint = "set DIGITALOCEAN_TOKEN to a token of the account, with read and write scopes",
      .per_page = "200",
      .limits = {.reset = ResetMeaning::next},
      .read_error = read_error,
      .meaning = meaning_of,
      .is_refused_for_now = is_refused_for_now,
      .is_name_taken = is_name_taken,
      .next_page = next_page,
      .actions = {.in = actions_in,
                  .name = action_name,
                  .status = action_status,
                  .error = action_error,
                  .expected = action_expected,
                  .ask = ask_actions},
  };
  return dialect;
}

std::string whole_endpoint(std::string endpoint) {
  if (endpoint.empty()) return default_endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint.ends_with("/v2") ? endpoint : endpoint + "/v2";
}

bool is_quota(const Error& error) { return error.hint == quota_hint; }

}  // namespace skep::digitalocean
