// A server of Terraform's HTTP state protocol on this computer, for tests of real clients. It serves until its standard
// input closes, and says at once what it is asked and what it answers.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/fakes/http_state_service.h"

int main(int argc, char** argv) {
  const bool is_gitlab = argc > 1 && std::string(argv[1]) == "--gitlab";
  if (argc > 1 && !is_gitlab) {
    fmt::print(stderr, "usage: skep_state_server [--gitlab]\n");
    return 64;
  }
  const skep::testing::StateService service({.is_gitlab = is_gitlab,
                                             .username = is_gitlab ? "gitlab-ci-token" : "anna",
                                             .password = "token-of-the-job",
                                             .read_only = "token-of-a-developer"},
                                            [](const std::string& exchange) {
                                              fmt::print("{}\n", exchange);
                                              std::fflush(stdout);
                                            });
  fmt::print("URL={}\n", service.url());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  std::_Exit(0);  // connections that clients keep open are not waited for
}
