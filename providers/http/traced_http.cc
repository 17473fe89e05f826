#include "providers/http/traced_http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "planner/model/refs.h"
#include "providers/http/url.h"

namespace skep {

namespace {

constexpr std::size_t body_bytes_shown = 64U << 10;
constexpr std::string_view hidden = "***";

bool is_secret_header(std::string_view name) {
  constexpr std::array<std::string_view, 9> names = {"authorization",   "proxy-authorization",  "cookie",
                                                     "set-cookie",      "x-auth-token",         "auth-api-token",
                                                     "x-subject-token", "x-amz-security-token", "x-api-key"};
  return std::ranges::find(names, lower_case(name)) != names.end();
}

/// Members that providers fill with secrets of their own making, or that carry ours in a packed form.
bool is_secret_member(std::string_view name) {
  constexpr std::array<std::string_view, 10> names = {"root_password", "password",     "adminpass", "user_data",
                                                      "userdata",      "access_token", "token",     "private_key",
                                                      "secret",        "secret_key"};
  return std::ranges::find(names, lower_case(name)) != names.end();
}

std::string without_secrets(std::string text, std::span<const Secret> secrets) {
  return redact(std::move(text), secrets);
}

Json cleaned(const Json& value, std::span<const Secret> secrets) {
  if (value.is_string()) return without_secrets(value.get<std::string>(), secrets);
  if (value.is_array()) {
    Json result = Json::array();
    for (const auto& element : value) result.push_back(cleaned(element, secrets));
    return result;
  }
  if (!value.is_object()) return value;
  Json result = Json::object();
  for (const auto& [name, member] : value.items()) {
    const bool is_hidden = is_secret_member(name) && !member.is_null();
    result[without_secrets(name, secrets)] = is_hidden ? Json(hidden) : cleaned(member, secrets);
  }
  return result;
}

Json shown_body(const std::string& body, std::span<const Secret> secrets) {
  if (auto parsed = parse_json(body, "body"); parsed.ok()) {
    Json clean = cleaned(parsed.value(), secrets);
    if (body.size() <= body_bytes_shown) return clean;
    return dump_json(clean).substr(0, body_bytes_shown) + fmt::format("... ({} bytes in all)", body.size());
  }
  std::string clean = without_secrets(body, secrets);
  if (clean.size() <= body_bytes_shown) return clean;
  return clean.substr(0, body_bytes_shown) + fmt::format("... ({} bytes in all)", body.size());
}

Json shown_headers(const std::map<std::string, std::string>& headers, std::span<const Secret> secrets) {
  Json result = Json::object();
  for (const auto& [name, value] : headers) {
    result[name] = is_secret_header(name) ? std::string(hidden) : without_secrets(value, secrets);
  }
  return result;
}

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return "invalid_input";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::denied:
      return "denied";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::exhausted:
      return "exhausted";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::unknown_outcome:
      return "unknown_outcome";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace

TracedHttp::TracedHttp(Http& next, const Clock& clock, TraceSink sink, std::vector<Secret> secrets)
    : next_(next), clock_(clock), sink_(std::move(sink)) {
  for (auto& secret : secrets) add_secret(std::move(secret));
}

void TracedHttp::add_secret(Secret secret) {
  const std::string& clear = secret.reveal();
  if (clear.empty()) return;
  const std::string quoted = dump_json(clear);
  const std::array<std::string, 3> forms = {quoted.substr(1, quoted.size() - 2), percent_encode(clear),
                                            base64_encode(clear)};
  const std::lock_guard lock(mutex_);
  const auto is_known = std::ranges::any_of(secrets_, [&](const Secret& one) { return one.reveal() == clear; });
  if (is_known) return;
  secrets_.push_back(secret);
  for (const auto& form : forms) {
    if (form != clear) secrets_.emplace_back(form);
  }
  // the longest first: one secret may be a part of another
  std::ranges::stable_sort(secrets_, std::greater{}, [](const Secret& one) { return one.reveal().size(); });
}

Result<Response> TracedHttp::send(const Request& request, const Context& context) {
  const Instant begun = clock_.now();
  auto result = next_.send(request, context);
  const Duration elapsed = clock_.now() - begun;
  const std::lock_guard lock(mutex_);
  sink_(line(request, result, elapsed));
  return result;
}

std::string TracedHttp::line(const Request& request, const Result<Response>& result, Duration elapsed) const {
  Json entry = {{"at", rfc3339(clock_.wall())}, {"elapsed_ms", elapsed.count()}};
  entry["request"] = {{"method", request.method},
                      {"url", without_secrets(request.url, secrets_)},
                      {"headers", shown_headers(request.headers, secrets_)}};
  if (!request.body.empty()) entry["request"]["body"] = shown_body(request.body, secrets_);
  if (result.ok()) {
    const Response& response = result.value();
    entry["response"] = {{"status", response.status}, {"headers", shown_headers(response.headers, secrets_)}};
    if (!response.body.empty()) entry["response"]["body"] = shown_body(response.body, secrets_);
  } else {
    entry["error"] = {{"code", name_of(result.error().code)},
                      {"message", without_secrets(result.error().message, secrets_)}};
  }
  return dump_json(entry);
}

}  // namespace skep
