#include "cli/commands/redaction.h"

#include "planner/base/text.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/hetzner/hetzner.h"

namespace skep {

namespace {

constexpr std::size_t secret_bytes_least = 8;
constexpr std::string_view plaintext_mark = "plaintext";  // a word among the keys of a state, and none of them

constexpr const char* secret_variables[] = {digitalocean_token_variable,
                                            hetzner_token_variable,
                                            "SKEP_GITLAB_TOKEN",
                                            "SKEP_STATE_KEY",
                                            "CI_JOB_TOKEN",
                                            "GITHUB_TOKEN",
                                            "TF_HTTP_PASSWORD",
                                            "PG_CONN_STR",
                                            "PGPASSWORD",
                                            "AWS_SECRET_ACCESS_KEY",
                                            "AWS_SESSION_TOKEN"};

}  // namespace

std::string without_secrets(std::string text, const Outside& outside) {
  for (const char* name : secret_variables) text = without_secret(std::move(text), variable(outside, name));
  return text;
}

std::string without_secret(std::string text, const std::string& secret) {
  for (const auto& line : split_lines(secret)) {
    if (line.size() >= secret_bytes_least && line != plaintext_mark) text = replace_all(std::move(text), line, "***");
  }
  return text;
}

}  // namespace skep
