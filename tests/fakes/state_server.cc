// A server of Terraform's HTTP state protocol on this computer, for tests of real clients. It serves until its standard
// input closes, and says at once what it is asked and what it answers. (The methods LOCK and UNLOCK are beyond what
// the library of the other servers takes.)
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>

#include "tests/fakes/http_raw_server.h"
#include "tests/fakes/http_state_server.h"

namespace {

skep::Request parsed(const std::string& text) {
  const auto head_end = text.find("\r\n\r\n");
  skep::Request request;
  request.body = text.substr(head_end + 4);
  std::size_t at = text.find("\r\n");
  const std::string line = text.substr(0, at);
  request.method = line.substr(0, line.find(' '));
  request.url = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
  while (at < head_end) {
    const auto end = text.find("\r\n", at + 2);
    const std::string header = text.substr(at + 2, end - at - 2);
    const auto colon = header.find(": ");
    std::string name = header.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::tolower(letter); });
    if (colon != std::string::npos) request.headers[name] = header.substr(colon + 2);
    at = end;
  }
  return request;
}

// One state, whatever its name: GitLab's address is cut down to the plain one.
std::string plain_path(const std::string& url) {
  const std::string gitlab_folder = "/api/v4/projects/7/terraform/state/";
  if (!url.starts_with(gitlab_folder)) return url;
  const auto end = url.find_first_of("/?", gitlab_folder.size());
  return "/state" + (end == std::string::npos ? "" : url.substr(end));
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_gitlab = argc > 1 && std::string(argv[1]) == "--gitlab";
  if (argc > 1 && !is_gitlab) {
    fmt::print(stderr, "usage: skep_state_server [--gitlab]\n");
    return 64;
  }
  skep::testing::StateServer states({.is_gitlab = is_gitlab,
                                     .username = is_gitlab ? "gitlab-ci-token" : "anna",
                                     .password = "token-of-the-job",
                                     .read_only = "token-of-a-developer"});
  std::mutex mutex;
  skep::testing::RawServer server({[&](skep::testing::RawConnection& connection) {
    for (std::string text = connection.read_request(); !text.empty(); text = connection.read_request()) {
      skep::Request request = parsed(text);
      request.url = plain_path(request.url);
      const std::lock_guard lock(mutex);
      const skep::Response response = states.answer(request);
      fmt::print("{}\n", states.exchanges().back());
      std::fflush(stdout);
      const std::string length =
          response.status == 204 ? "" : fmt::format("Content-Length: {}\r\n", response.body.size());
      connection.write(fmt::format("HTTP/1.1 {} Status\r\n{}\r\n{}", response.status, length, response.body));
    }
  }});
  fmt::print("URL={}\n", server.url());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  std::_Exit(0);  // connections that clients keep open are not waited for
}
