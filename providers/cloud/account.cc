#include "providers/cloud/account.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/number.h"
#include "planner/base/text.h"

namespace skep::cloud {

namespace {

constexpr int page_limit = 1000;

RetryPolicy retry_policy(const Dialect& dialect) {
  RetryPolicy policy;
  policy.attempt_limit = 10;
  policy.wait_first = std::chrono::seconds(1);
  policy.wait_longest = std::chrono::seconds(20);
  policy.reset = dialect.limits.reset;
  policy.is_refused_for_now = dialect.is_refused_for_now;
  return policy;
}

bool is_reading(const std::string& method) { return method == "GET"; }

}  // namespace

Json part_of(const Json& body, const char* key) {
  if (!body.is_object()) return nullptr;
  const auto found = body.find(key);
  return found != body.end() && found->is_object() ? *found : Json();
}

Account::Account(Http& http, const Clock& clock, Random& random, const Dialect& dialect, std::string endpoint,
                 Secret token)
    : clock_(clock),
      random_(random),
      dialect_(dialect),
      endpoint_(std::move(endpoint)),
      token_(std::move(token)),
      limited_(http, clock, dialect.limits),
      retrying_(limited_, clock, random, retry_policy(dialect)) {}

Result<void> Account::check_token() const {
  if (token_.empty()) {
    return Error{ErrorCode::invalid_input, fmt::format("there is no token for {}", dialect_.provider),
                 dialect_.token_hint};
  }
  const std::string& text = token_.reveal();
  // A line end from a file would make two headers of one.
  if (std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; })) return {};
  return Error{ErrorCode::invalid_input,
               fmt::format("{} holds blanks or other characters that no token has", dialect_.token_variable),
               dialect_.token_hint};
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
  Reply reply{.status = response.status};
  if (!response.body.empty()) {
    auto parsed = parse_json(response.body, "the answer");
    if (parsed.ok()) reply.body = std::move(parsed).value();
  }
  if (!reply.ok()) dialect_.read_error(reply);
  const bool is_broken = reply.ok() && response.status != 204 && !reply.body.is_object();
  if (is_broken || response.status >= 500) {
    const ErrorCode code = is_reading(method) ? ErrorCode::unavailable : ErrorCode::unknown_outcome;
    const std::string what = is_broken ? "with something that is no JSON" : std::to_string(response.status);
    return Error{code, fmt::format("{} {}: {} answered {}", method, path, dialect_.provider, what), "try again later"};
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
  query.emplace_back("per_page", dialect_.per_page);
  query.emplace_back("page", "1");
  for (std::int64_t page = 1; page <= page_limit;) {
    query.back().second = std::to_string(page);
    Json answer = TRY(get(path, query, context));
    const auto items = answer.find(member);
    if (items == answer.end() || !items->is_array()) {
      return Error{ErrorCode::internal, fmt::format("GET {}: the answer holds no {}", path, member)};
    }
    for (auto& item : *items) {
      if (!item.is_object()) {
        return Error{ErrorCode::unavailable, fmt::format("GET {}: one of the {} is no object", path, member),
                     "try again later"};
      }
      all.push_back(std::move(item));
    }
    const auto next = dialect_.next_page(answer, page);
    if (!next) return all;
    if (*next <= page) break;
    page = *next;
  }
  return Error{ErrorCode::internal, fmt::format("GET {}: its pages never end", path)};
}

Error Account::error_of(const Reply& reply) const {
  const Meaning meaning = dialect_.meaning(reply);
  if (reply.message.empty() && reply.code.empty()) {
    return {meaning.code, fmt::format("{} answered {}", dialect_.provider, reply.status), meaning.hint};
  }
  return {meaning.code, fmt::format("{} says: {}", dialect_.provider, reply.message), meaning.hint};
}

RemoteId id_text(const Json& id) {
  if (id.is_string()) return id.get<std::string>();
  return id.is_number_integer() ? std::to_string(id.get<std::int64_t>()) : "";
}

std::int64_t id_number(std::string_view id) { return parse_integer(id).value_or(0); }

}  // namespace skep::cloud
