// A place that a team shares: one text with a lock beside it. What every remote backend has to offer, and no more.
#pragma once

#include <optional>
#include <string>

#include "planner/base/json.h"
#include "planner/base/result.h"
#include "planner/system/context.h"

namespace skep {

/// Who holds the lock, in Terraform's seven words, so that its users and its servers understand them.
struct LockInfo {
  std::string id;         // "ID": of this lock, made by its holder
  std::string operation;  // "Operation": "apply"
  std::string info;       // "Info": "pid 12, commit 1f3a..., https://gitlab.example/-/jobs/8841"
  std::string who;        // "Who": "anna@build-7"
  std::string version;    // "Version": of skep
  std::string created;    // "Created": RFC 3339
  std::string path;       // "Path": the cluster
};
Json lock_info_json(const LockInfo& info);
/// What is missing stays empty: servers are careless with it.
LockInfo lock_info_of(const Json& json);

class SharedState {
 public:
  virtual ~SharedState() = default;
  /// For messages: "the state at https://...".
  virtual std::string what() const = 0;

  /// Nothing: there is no state yet. Errors: denied, unavailable.
  virtual Result<std::optional<std::string>> read(const Context& context) = 0;
  /// Durable on return; an answer that was lost is looked up before it counts as lost. `lock_id` is that of our lock.
  /// Errors: conflict (somebody else has written, or our lock is gone), exhausted (too large), denied, unavailable.
  virtual Result<void> write(const std::string& text, const std::string& lock_id, const Context& context) = 0;
  /// Nothing: it is ours now. Else who holds it. Errors: denied, unavailable, invalid_input (no locks there).
  virtual Result<std::optional<LockInfo>> lock(const LockInfo& ours, const Context& context) = 0;
  virtual Result<void> unlock(const LockInfo& info, const Context& context) = 0;
};

}  // namespace skep
