// Where a run comes from: the commit of the spec, what was agreed on, the pipeline's job; for history, plans, messages.
#pragma once

#include <string>

#include "cli/outside.h"
#include "planner/store/store.h"

namespace skep {

struct Origin {
  std::string commit = {};   // of the repository the spec is in, "+dirty" when the work tree differs
  std::string change = {};   // "!12" of GitLab, "#7" of GitHub, a Change-Id, or what SKEP_CHANGE says
  std::string job_url = {};  // of the CI job
};

/// From the environment of the job, and git where there is a repository around `folder` (empty: here). What cannot be
/// found out stays empty. Blocks for 10 seconds at most.
Origin origin_of(const std::string& folder, Outside& outside);

/// Who started the job (its login at GitLab or GitHub), else the user that skep runs as.
std::string person_of(const Outside& outside);

/// The job's address, or the run's on GitHub; empty elsewhere.
std::string link_of_job(const Outside& outside);

/// The change that a commit's message names: a Change-Id, GitLab's and GitHub's merge commits, "(#7)" of a squash.
std::string change_in_message(const std::string& message);

/// The beginning of an entry of the history: who, when, from where.
HistoryEntry entry_begun(const std::string& operation, const std::string& spec_folder, std::int64_t serial,
                         Outside& outside);

}  // namespace skep
