#include "cli/commands/state_place.h"

#include <optional>

#include "cli/commands/state_keys.h"
#include "planner/base/number.h"

namespace skep {

namespace {

/// Nothing when it is not set.
Result<std::optional<int>> number_in(const Outside& outside, const char* name) {
  const std::string text = variable(outside, name);
  if (text.empty()) return std::optional<int>();
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > 1'000'000)
    return Error{ErrorCode::invalid_input, std::string(name) + ": '" + text + "' is no number from 0 to 1000000"};
  return std::optional(static_cast<int>(*number));
}

void read_word(const Outside& outside, const char* name, std::string& into) {
  if (const std::string text = variable(outside, name); !text.empty()) into = text;
}

// A project's managed state: https://docs.gitlab.com/user/infrastructure/iac/terraform_state/.
bool use_gitlab(const Spec& spec, const Outside& outside, HttpStateOptions& options) {
  const std::string api = variable(outside, "CI_API_V4_URL");
  const std::string project = variable(outside, "CI_PROJECT_ID");
  const std::string token = variable(outside, "CI_JOB_TOKEN");
  if (api.empty() || project.empty() || token.empty()) return false;
  options.address = api + "/projects/" + project + "/terraform/state/" + spec.name;
  options.lock_address = options.address + "/lock";
  options.lock_method = "POST";
  options.unlock_method = "DELETE";
  options.username = "gitlab-ci-token";
  options.password = token;
  options.retry_wait_min = std::chrono::seconds(5);
  return true;
}

Result<HttpStateOptions> http_options(const Spec& spec, const Outside& outside) {
  HttpStateOptions options = {.address = spec.state.address};
  if (options.address.empty()) options.address = variable(outside, "TF_HTTP_ADDRESS");
  if (options.address.empty() && !use_gitlab(spec, outside, options)) {
    return Error{ErrorCode::invalid_input, "the http backend of the state has no address",
                 "set state.address or TF_HTTP_ADDRESS; in a GitLab job the project's own state needs neither"};
  }
  read_word(outside, "TF_HTTP_UPDATE_METHOD", options.update_method);
  read_word(outside, "TF_HTTP_LOCK_ADDRESS", options.lock_address);
  read_word(outside, "TF_HTTP_LOCK_METHOD", options.lock_method);
  read_word(outside, "TF_HTTP_UNLOCK_ADDRESS", options.unlock_address);
  read_word(outside, "TF_HTTP_UNLOCK_METHOD", options.unlock_method);
  read_word(outside, "TF_HTTP_USERNAME", options.username);
  read_word(outside, "TF_HTTP_PASSWORD", options.password);
  using std::chrono::seconds;
  if (const auto least = TRY(number_in(outside, "TF_HTTP_RETRY_WAIT_MIN"))) options.retry_wait_min = seconds(*least);
  if (const auto most = TRY(number_in(outside, "TF_HTTP_RETRY_WAIT_MAX"))) options.retry_wait_max = seconds(*most);
  if (const auto tries = TRY(number_in(outside, "TF_HTTP_RETRY_MAX"))) options.retry_max = *tries;
  if (const auto skip = variable(outside, "TF_HTTP_SKIP_CERT_VERIFICATION"); !skip.empty() && skip != "false") {
    return Error{ErrorCode::invalid_input, "TF_HTTP_SKIP_CERT_VERIFICATION: skep verifies the certificate always",
                 "install the server's authority on this computer"};
  }
  return options;
}

}  // namespace

Result<StatePlace> state_place(const Spec& spec, const std::string& file, const Outside& outside) {
  StatePlace place = {.cluster = spec.name, .file = file, .commit = variable(outside, "CI_COMMIT_SHA")};
  std::string backend = spec.state.backend;
  read_word(outside, "SKEP_STATE_BACKEND", backend);
  if (backend == "local") return place;
  if (backend != "http")
    return Error{ErrorCode::invalid_input, "SKEP_STATE_BACKEND: there is no backend '" + backend + "'",
                 "local, or http"};
  place.http = TRY(http_options(spec, outside));
  place.keys = TRY(state_keys(outside));
  return place;
}

}  // namespace skep
