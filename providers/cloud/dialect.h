// What differs between the REST APIs of clouds: how each says errors, pages and actions. Tables of functions, so that
// asking, waiting and finding again are written once for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "planner/system/context.h"
#include "planner/system/http.h"
#include "providers/http/limited_http.h"

namespace skep::cloud {

class Account;

/// An answer that came, whatever it says.
struct Reply {
  int status = 0;
  Json body = nullptr;
  std::string code = {};     // of the provider's error: "uniqueness_error"
  std::string message = {};  // of the provider's error, with the fields it names
  bool ok() const { return status >= 200 && status < 300; }
};

/// What an answer that says no means to the caller.
struct Meaning {
  ErrorCode code = ErrorCode::invalid_input;
  std::string hint = {};
};

using ActionId = std::int64_t;
enum class ActionStatus { running, done, failed };

/// Asynchronous work, as the API shows it.
struct ActionWords {
  std::vector<Json> (*in)(const Json& answer);  // those that an answer names
  std::string (*name)(const Json& action);      // "create_server": actions of one name take about as long
  ActionStatus (*status)(const Json& action);
  Error (*error)(const Json& action);             // of one that failed
  Duration (*expected)(const std::string& name);  // how long it takes, before one of that name was seen to end
  std::size_t batch_limit = 50;
  /// How these stand, in as few requests as the API allows; what it does not know is left out.
  Result<std::vector<Json>> (*ask)(Account& account, const std::vector<ActionId>& ids, const Context& context);
};

struct Dialect {
  const char* provider;        // "Hetzner Cloud"
  const char* token_variable;  // "HCLOUD_TOKEN"
  const char* token_hint;      // what to do when there is none
  const char* per_page;        // the most that is allowed
  Limits limits = {};
  void (*read_error)(Reply& reply);  // fills in code and message, when the body tells them
  Meaning (*meaning)(const Reply& reply);
  /// The object is busy or was changed at the same moment: nothing happened, the same may succeed soon.
  bool (*is_refused_for_now)(const Response& response);
  bool (*is_name_taken)(const Reply& reply);
  std::optional<std::int64_t> (*next_page)(const Json& answer, std::int64_t page);
  ActionWords actions;
};

/// What the body of an answer holds below `key`, when that is an object; null otherwise.
Json part_of(const Json& body, const char* key);

}  // namespace skep::cloud
