#include "providers/hetzner/dialect.h"

#include <fmt/format.h>

#include <map>

#include "planner/base/text.h"
#include "providers/cloud/account.h"
#include "providers/hetzner/hetzner.h"

namespace skep::hetzner {

namespace {

using cloud::ActionStatus;
using cloud::Meaning;
using cloud::Reply;

bool is_refused_for_now(const Response& response) {
  if (response.status != 423 && response.status != 409) return false;
  const auto body = parse_json(response.body, "the answer");
  if (!body.ok()) return false;
  const Json error = cloud::part_of(body.value(), "error");
  const std::string code = error.is_null() ? "" : json_string_or(error, "code");
  return code == "locked" || code == "conflict";
}

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

void read_error(Reply& reply) {
  const Json error = cloud::part_of(reply.body, "error");
  if (error.is_null()) return;
  reply.code = json_string_or(error, "code");
  reply.message = fmt::format("{} ({})", json_string_or(error, "message"), reply.code);
  const std::string details = error.contains("details") ? joined_details(error["details"]) : "";
  if (!details.empty()) reply.message += ": " + details;
}

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

std::optional<std::int64_t> next_page(const Json& answer, std::int64_t) {
  const Json next = answer.value(Json::json_pointer("/meta/pagination/next_page"), Json());
  if (!next.is_number_integer()) return std::nullopt;
  return next.get<std::int64_t>();
}

std::vector<Json> actions_in(const Json& answer) {
  std::vector<Json> found;
  if (!answer.is_object()) return found;
  for (const char* key : {"action", "actions", "next_actions"}) {
    const auto part = answer.find(key);
    if (part == answer.end()) continue;
    if (part->is_object()) found.push_back(*part);
    if (part->is_array()) found.insert(found.end(), part->begin(), part->end());
  }
  return found;
}

ActionStatus action_status(const Json& action) {
  const std::string status = json_string_or(action, "status");
  if (status == "success") return ActionStatus::done;
  return status == "error" ? ActionStatus::failed : ActionStatus::running;
}

std::string action_name(const Json& action) { return json_string_or(action, "command"); }

Error action_error(const Json& action) {
  const Json error = action.contains("error") && action["error"].is_object() ? action["error"] : Json::object();
  const std::string code = json_string_or(error, "code", "unknown");
  const bool is_full =
      code == "resource_unavailable" || code == "placement_error" || code == "no_space_left_in_location";
  return {is_full ? ErrorCode::exhausted : ErrorCode::unavailable,
          fmt::format("the action {} ended in an error: {} ({})", action_name(action),
                      json_string_or(error, "message", "no reason given"), code),
          is_full ? "try another type or location" : "try again; if it stays so, ask the provider"};
}

Duration action_expected(const std::string& command) {
  if (command == "start_server") return std::chrono::seconds(3);  // right after it was created
  if (command == "create_server") return std::chrono::seconds(2);
  return Duration::zero();
}

Result<std::vector<Json>> ask_actions(cloud::Account& account, const std::vector<cloud::ActionId>& ids,
                                      const Context& context) {
  Query query;
  for (const auto id : ids) query.emplace_back("id", std::to_string(id));
  const Json answer = TRY(account.get("/actions", query, context));
  return answer.value("actions", std::vector<Json>());
}

}  // namespace

const cloud::Dialect& dialect() {
  static const cloud::Dialect dialect = {
      .provider = "Hetzner Cloud",
      .token_variable = hetzner_token_variable,
      .token_hint = "set HCLOUD_TOKEN to an API token of the project, with read & write permission",
      .per_page = "50",
      .read_error = read_error,
      .meaning = meaning_of,
      .is_refused_for_now = is_refused_for_now,
      .is_name_taken = [](const Reply& reply) { return reply.code == "uniqueness_error"; },
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

}  // namespace skep::hetzner
