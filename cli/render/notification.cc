#include "cli/render/notification.h"

#include <algorithm>
#include <span>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr std::size_t named_limit = 100;  // in JSON and mail; a line names fewer
constexpr std::size_t named_in_line = 5;
constexpr std::size_t subject_bytes = 150;

std::string planned_text(const PlanCounts& counts) {
  return std::to_string(counts.add) + " to add, " + std::to_string(counts.change) + " to change, " +
         std::to_string(counts.destroy) + " to destroy";
}

/// "a, b and 3 more".
std::string some_of(const std::vector<std::string>& names, std::size_t limit) {
  const std::size_t shown = std::min(names.size(), limit);
  std::string text = join(std::span(names).first(shown), ", ");
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

void add_line(std::string& text, const char* name, const std::string& value) {
  if (!value.empty()) text += std::string(name) + ": " + value + "\n";
}

}  // namespace

Notification notification_of_plan(const Plan& plan) {
  Notification notification = {.event = "destroys"};
  const auto rows = plan_rows(plan);
  notification.counts = counts_of(rows);
  for (const auto& row : rows) {
    if (row.change.action == Action::destroy || row.change.action == Action::forget ||
        row.change.action == Action::replace)
      notification.destroyed.push_back(to_text(row.change.id));
  }
  return notification;
}

Json notification_json(const Notification& notification) {
  Json destroyed = Json::array();
  for (std::size_t i = 0; i < std::min(notification.destroyed.size(), named_limit); ++i)
    destroyed.push_back({{"id", notification.destroyed[i]}});
  return {{"format_version", "1.0"},
          {"type", "notification"},
          {"event", notification.event},
          {"id", notification.id},
          {"at", notification.at},
          {"text", notification_line(notification)},
          {"cluster", notification.cluster},
          {"operation", notification.operation},
          {"user", notification.user},
          {"host", notification.host},
          {"commit", notification.commit},
          {"change", notification.change},
          {"job_url", notification.job_url},
          {"plan_digest", notification.plan_digest},
          {"summary",
           {{"add", notification.counts.add},
            {"change", notification.counts.change},
            {"destroy", notification.counts.destroy}}},
          {"destroys", std::move(destroyed)},
          {"outcome", notification.outcome}};
}

std::string notification_line(const Notification& notification) {
  const std::string start = notification.cluster + ": ";
  if (notification.event == "destroys") {
    return start + "a plan destroys " + some_of(notification.destroyed, named_in_line) + " (" +
           planned_text(notification.counts) + ")";
  }
  if (notification.event == "start")
    return start + notification.operation + " has begun (" + planned_text(notification.counts) + ")";
  const std::string done = " (" + done_text(notification.counts) + ")";
  if (notification.event == "end") return start + notification.operation + " is done" + done;
  if (notification.outcome == "stopped") return start + notification.operation + " was stopped early" + done;
  return start + notification.operation + " " + notification.outcome;
}

std::string notification_subject(const Notification& notification) {
  std::string subject = "[skep] " + notification_line(notification);
  subject = subject.substr(0, std::min(subject.find('\n'), subject_bytes));
  std::ranges::replace_if(
      subject, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return subject;
}

std::string notification_text(const Notification& notification) {
  std::string text = notification_line(notification) + "\n\n";
  add_line(text, "by", notification.user + " on " + notification.host);
  add_line(text, "at", notification.at);
  add_line(text, "change", notification.change);
  add_line(text, "commit", notification.commit);
  add_line(text, "job", notification.job_url);
  add_line(text, "plan", notification.plan_digest);
  if (notification.event != "end") add_line(text, "destroys", some_of(notification.destroyed, named_limit));
  return text;
}

}  // namespace skep
