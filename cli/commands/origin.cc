#include "cli/commands/origin.h"

#include <algorithm>
#include <optional>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr std::size_t change_bytes_longest = 100;

/// What git prints in the folder; nothing when it fails.
std::optional<std::string> git(const std::string& folder, std::vector<std::string> words, const Context& context,
                               Outside& outside) {
  std::vector<std::string> argv = {"git", "-C", folder.empty() ? "." : folder};
  argv.insert(argv.end(), words.begin(), words.end());
  const auto ran = outside.processes.run({.argv = std::move(argv)}, context);
  if (!ran.ok() || ran.value().code != 0) return std::nullopt;
  return std::string(trim(ran.value().out));
}

/// The digits at the beginning.
std::string number_at(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  return {text.begin(), end};
}

/// The number behind the last `mark` of a line, with `sign` in front; empty when there is none.
std::string numbered(std::string_view line, std::string_view mark, const char* sign) {
  const auto at = line.rfind(mark);
  const std::string number = at == std::string_view::npos ? "" : number_at(line.substr(at + mark.size()));
  return number.empty() ? "" : sign + number;
}

std::string one_line(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (text.size() > change_bytes_longest) text.resize(change_bytes_longest);
  return text;
}

std::string change_of_job(const Outside& outside) {
  if (std::string change = variable(outside, "SKEP_CHANGE"); !change.empty()) return one_line(std::move(change));
  if (const std::string number = variable(outside, "CI_MERGE_REQUEST_IID"); !number.empty()) return "!" + number;
  return numbered(variable(outside, "GITHUB_REF"), "refs/pull/", "#");
}

}  // namespace

std::string change_in_message(const std::string& message) {
  const auto lines = split_lines(message);
  for (const auto& line : lines) {
    if (line.starts_with("Change-Id:")) return one_line(std::string(trim(std::string_view(line).substr(10))));
    if (line.starts_with("See merge request ")) return numbered(line, "!", "!");
  }
  if (lines.empty()) return "";
  if (lines.front().starts_with("Merge pull request #")) return numbered(lines.front(), "request #", "#");
  return lines.front().ends_with(")") ? numbered(lines.front(), "(#", "#") : "";
}

Origin origin_of(const std::string& folder, Outside& outside) {
  const Context context = {.deadline = outside.clock.now() + std::chrono::seconds(10)};
  Origin origin = {.commit = git(folder, {"rev-parse", "HEAD"}, context, outside).value_or(""),
                   .change = change_of_job(outside),
                   .job_url = link_of_job(outside)};
  std::string message = variable(outside, "CI_COMMIT_MESSAGE");
  if (origin.commit.empty()) {
    origin.commit = variable(outside, "CI_COMMIT_SHA");
    if (origin.commit.empty()) origin.commit = variable(outside, "GITHUB_SHA");
  } else {
    if (message.empty()) message = git(folder, {"log", "-1", "--format=%B"}, context, outside).value_or("");
    if (git(folder, {"status", "--porcelain", "--untracked-files=no"}, context, outside) != "")
      origin.commit += "+dirty";
  }
  if (origin.change.empty()) origin.change = change_in_message(message);
  return origin;
}

std::string person_of(const Outside& outside) {
  for (const char* name : {"GITLAB_USER_LOGIN", "GITHUB_ACTOR"}) {
    if (const std::string login = variable(outside, name); !login.empty()) return one_line(login);
  }
  return outside.me.user;
}

std::string link_of_job(const Outside& outside) {
  if (std::string link = variable(outside, "CI_JOB_URL"); !link.empty()) return link;
  const std::string run = variable(outside, "GITHUB_RUN_ID");
  if (run.empty()) return "";
  return variable(outside, "GITHUB_SERVER_URL") + "/" + variable(outside, "GITHUB_REPOSITORY") + "/actions/runs/" + run;
}

HistoryEntry entry_begun(const std::string& operation, const std::string& spec_folder, std::int64_t serial,
                         Outside& outside) {
  Origin origin = origin_of(spec_folder, outside);
  return {.started = outside.clock.wall(),
          .operation = operation,
          .user = person_of(outside),
          .host = outside.me.host,
          .commit = std::move(origin.commit),
          .serial_before = serial,
          .change = std::move(origin.change),
          .job_url = std::move(origin.job_url)};
}

}  // namespace skep
