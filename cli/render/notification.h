// What people and programs are told of a plan or an apply while it happens: as JSON, as one line, as the text of a
// mail.
#pragma once

#include <string>
#include <vector>

#include "cli/render/plan_rows.h"
#include "planner/base/json.h"

namespace skep {

struct Notification {
  std::string event;  // "destroys", "start", "end", "failure"
  std::string id;     // of this message: the same when it is sent again
  std::string at;     // RFC 3339
  std::string cluster;
  std::string operation;  // "plan", "apply", "destroy"
  std::string user;
  std::string host;
  std::string commit = {};  // may be empty, as may all below
  std::string change = {};
  std::string job_url = {};
  std::string plan_digest = {};
  PlanCounts counts = {};                   // planned; at the end, done
  std::vector<std::string> destroyed = {};  // what the plan destroys or replaces: "server/worker-2"
  std::string outcome = {};                 // at the end: "done", "stopped", "failed: ..."
};

/// "destroys" with counts and what is destroyed.
Notification notification_of_plan(const Plan& plan);

/// The JSON that webhooks get; docs/team.md describes it.
Json notification_json(const Notification& notification);

/// "demo: apply has begun (2 to add, 0 to change, 1 to destroy)".
std::string notification_line(const Notification& notification);

/// A mail's subject, printable ASCII, and its text.
std::string notification_subject(const Notification& notification);
std::string notification_text(const Notification& notification);

}  // namespace skep
