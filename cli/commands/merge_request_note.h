// One note on a GitLab merge request that is ours, changed rather than written again.
#pragma once

#include <string>

#include "cli/outside.h"
#include "planner/base/secret.h"
#include "planner/system/http.h"

namespace skep {

struct NotePlace {
  std::string notes_url;  // ".../projects/7/merge_requests/12/notes"
  std::string marker;     // the first line of our note, invisible when rendered; one for each cluster
  Secret token;
};

/// From GitLab's own variables and SKEP_GITLAB_TOKEN. Errors: invalid_input, naming the variable that is missing.
Result<NotePlace> note_place(const std::string& cluster, const Outside& outside);

/// Finds our note among the first thousands and replaces it, or writes the first one. Blocks until context.deadline at
/// most. A note that others began with our marker is passed over when GitLab does not let us change it.
/// Errors: denied (the token), refused (any other answer), those of Http::send().
Result<void> keep_merge_request_note(Http& http, const NotePlace& place, const std::string& markdown,
                                     const Context& context);

}  // namespace skep
