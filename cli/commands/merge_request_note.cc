#include "cli/commands/merge_request_note.h"

#include <vector>

#include "planner/base/json.h"
#include "planner/base/text.h"

namespace skep {

namespace {

constexpr int note_pages = 50;  // of a hundred each

constexpr int status_unauthorized = 401;
constexpr int status_forbidden = 403;
constexpr int status_gone = 404;

bool is_good(const Response& response) { return response.status >= 200 && response.status < 300; }

Request note_request(const NotePlace& place, const std::string& method, const std::string& path) {
  return {.method = method,
          .url = place.notes_url + path,
          .headers = {{"PRIVATE-TOKEN", place.token.reveal()}, {"Content-Type", "application/json"}}};
}

Error note_refusal(const Response& response, const std::string& deed) {
  const std::string what = deed + ": GitLab answers " + std::to_string(response.status);
  if (response.status == status_unauthorized || response.status == status_forbidden) {
    return {ErrorCode::denied, what, "SKEP_GITLAB_TOKEN needs the scope api and the role Reporter or more"};
  }
  return {ErrorCode::refused, what, "see CI_API_V4_URL and whether the merge request is still there"};
}

/// Numbers of the notes that begin with our marker, oldest first.
Result<std::vector<std::int64_t>> our_notes(Http& http, const NotePlace& place, const Context& context) {
  std::vector<std::int64_t> found;
  std::string page = "1";
  for (int count = 0; count < note_pages && !page.empty(); ++count) {
    const auto response =
        TRY(http.send(note_request(place, "GET", "?sort=asc&order_by=created_at&per_page=100&page=" + page), context));
    if (!is_good(response)) return note_refusal(response, "read the notes");
    const Json notes = TRY(parse_json(response.body, "GitLab's list of notes"));
    for (const auto& note : notes) {
      const std::int64_t id = json_int_or(note, "id", 0);
      if (id > 0 && json_string_or(note, "body").starts_with(place.marker)) found.push_back(id);
    }
    const auto next = response.headers.find("x-next-page");
    page = next == response.headers.end() ? "" : next->second;
  }
  return found;
}

}  // namespace

Result<NotePlace> note_place(const std::string& cluster, const Outside& outside) {
  for (const char* name : {"CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID", "SKEP_GITLAB_TOKEN"}) {
    if (variable(outside, name).empty()) {
      return Error{ErrorCode::invalid_input, std::string(name) + " is not set",
                   "the first three are GitLab's own in a merge request's pipeline; the token is a project access "
                   "token with the scope api"};
    }
  }
  return NotePlace{variable(outside, "CI_API_V4_URL") + "/projects/" + variable(outside, "CI_PROJECT_ID") +
                       "/merge_requests/" + variable(outside, "CI_MERGE_REQUEST_IID") + "/notes",
                   "<!-- skep:note:" + cluster + " -->", Secret(variable(outside, "SKEP_GITLAB_TOKEN"))};
}

Result<void> keep_merge_request_note(Http& http, const NotePlace& place, const std::string& markdown,
                                     const Context& context) {
  const std::string body = dump_json({{"body", place.marker + "\n" + markdown}});
  for (const std::int64_t id : TRY(our_notes(http, place, context))) {
    Request change = note_request(place, "PUT", "/" + std::to_string(id));
    change.body = body;
    change.repeatable = true;
    const auto response = TRY(http.send(change, context));
    if (is_good(response)) return {};
    if (response.status != status_forbidden && response.status != status_gone) {
      return note_refusal(response, "change note " + std::to_string(id));
    }
  }
  Request first = note_request(place, "POST", "");
  first.body = body;
  const auto response = TRY(http.send(first, context));
  if (!is_good(response)) return note_refusal(response, "write the note");
  return {};
}

}  // namespace skep
