#include "cli/commands/state_place.h"

#include <algorithm>
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

Result<PostgresOptions> postgres_options(const Spec& spec, const Outside& outside) {
  PostgresOptions options = {.connection = variable(outside, "PG_CONN_STR"), .name = spec.name};
  if (spec.state.address.empty()) return options;
  if (TRY(names_password(spec.state.address))) {
    return Error{ErrorCode::invalid_input, "state.address holds a password, which a repository must not",
                 "set PGPASSWORD, or the whole address as PG_CONN_STR"};
  }
  options.connection = spec.state.address;
  return options;
}

// "s3://bucket/folder/demo.json"; without a key the object has the cluster's name.
Result<S3Options> s3_options(const Spec& spec, const Outside& outside) {
  const std::string mark = "s3://";
  const std::string place = spec.state.address.empty() ? variable(outside, "SKEP_STATE_S3") : spec.state.address;
  const std::string path = place.starts_with(mark) ? place.substr(mark.size()) : "";
  const auto slash = std::min(path.find('/'), path.size());
  S3Options options = {.bucket = path.substr(0, slash),
                       .key = path.size() > slash + 1 ? path.substr(slash + 1) : spec.name + ".json",
                       .region = "us-east-1",
                       .credentials = {.key_id = variable(outside, "AWS_ACCESS_KEY_ID"),
                                       .secret = Secret(variable(outside, "AWS_SECRET_ACCESS_KEY")),
                                       .session_token = Secret(variable(outside, "AWS_SESSION_TOKEN"))}};
  if (options.bucket.empty()) {
    return Error{ErrorCode::invalid_input, "the s3 backend of the state has no place",
                 "set state.address or SKEP_STATE_S3 to s3://BUCKET/FOLDER/" + spec.name + ".json"};
  }
  if (options.credentials.key_id.empty() || options.credentials.secret.empty()) {
    return Error{ErrorCode::invalid_input, "the s3 backend of the state has no credentials",
                 "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN of a temporary login)"};
  }
  read_word(outside, "AWS_DEFAULT_REGION", options.region);
  read_word(outside, "AWS_REGION", options.region);
  options.endpoint = "https://s3." + options.region + ".amazonaws.com";
  read_word(outside, "AWS_ENDPOINT_URL", options.endpoint);
  read_word(outside, "AWS_ENDPOINT_URL_S3", options.endpoint);
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  return options;
}

/// "https://host/path" of "https://user:token@host/path".
std::string without_login(const std::string& address) {
  const auto mark = address.find("://");
  const auto begin = mark == std::string::npos ? 0 : mark + 3;
  const auto at = address.substr(0, address.find('/', begin)).rfind('@');
  if (at == std::string::npos || at < begin) return address;
  return address.substr(0, begin) + address.substr(at + 1);
}

}  // namespace

std::string place_name(const StatePlace& place, const Outside& outside) {
  if (place.http) return "http, " + without_login(place.http->address);
  if (place.s3) return "s3, s3://" + place.s3->bucket + "/" + place.s3->key + " at " + place.s3->endpoint;
  if (place.is_local()) return "local, " + place.file + " at " + outside.me.host;
  const auto& connection = place.postgres->connection;
  const auto has_password = names_password(connection);
  const bool may_be_said = !connection.empty() && has_password.ok() && !has_password.value();
  return "postgres, " + (may_be_said ? connection : "where PG_CONN_STR or PGHOST and PGDATABASE say");
}

Result<StatePlace> state_place(const Spec& spec, const std::string& file, const Outside& outside) {
  std::string backend = spec.state.backend;
  read_word(outside, "SKEP_STATE_BACKEND", backend);
  return state_place_at(backend, spec, file, outside);
}

Result<StatePlace> state_place_at(const std::string& backend, const Spec& spec, const std::string& file,
                                  const Outside& outside) {
  StatePlace place = {.cluster = spec.name, .file = file, .commit = variable(outside, "CI_COMMIT_SHA")};
  if (backend == "local") return place;
  if (backend == "http") {
    place.http = TRY(http_options(spec, outside));
  } else if (backend == "postgres") {
    place.postgres = TRY(postgres_options(spec, outside));
  } else if (backend == "s3") {
    place.s3 = TRY(s3_options(spec, outside));
  } else {
    return Error{ErrorCode::invalid_input, "there is no backend '" + backend + "' of the state",
                 "local, http, postgres or s3"};
  }
  place.keys = TRY(state_keys(outside));
  return place;
}

}  // namespace skep
