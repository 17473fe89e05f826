// daemon.json, merged key by key: ours are set, foreign ones are kept, and we remember which were ours. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/base/result.h"

namespace skep {

/// The wanted keys by what applies them: `reload` while the engine runs (SIGHUP), `restart` everything else.
struct DaemonKeys {
  Json restart = Json::object();
  Json reload = Json::object();
};
DaemonKeys split_daemon_keys(const Json& daemon);

/// What is in the file and what we wrote into it last (both may be empty), and what it shall hold.
struct DaemonChange {
  std::optional<std::string> present_text;  // of daemon.json; none: there is no such file
  Json memory = Json::object();             // {"ours": {...}, "unread": true}, as we left it at the last write
  Json wanted = Json::object();             // restart and reload keys together
  std::string label = {};                   // "skep.uid=..."; empty: takes ours away
};

struct DaemonMerge {
  std::string text;  // the new daemon.json
  Json memory;       // to be kept beside it, once the engine has read the text
  bool differs = false;
  bool needs_restart = false;  // some changed key is not reloadable, or the last text was never read
  std::vector<std::string> changed_keys = {};
};

/// Errors: invalid_input (the file is no JSON object; it is left alone).
Result<DaemonMerge> merge_daemon(const DaemonChange& change);

/// The same memory for a text that the engine has not read yet: until it has, none of its keys counts as set, and the
/// next merge restarts the engine.
Json unread(Json memory);

/// The keys that we wrote, as the file has them now, without our own label: what find() reports. A key that somebody
/// took out is absent, one that somebody changed shows the other value.
Json owned_daemon_keys(const std::optional<std::string>& present_text, const Json& memory);

}  // namespace skep
