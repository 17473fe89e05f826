#include "tests/fakes/http_state_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace skep::testing {

namespace {

Request parsed(const std::string& text) {
  const auto head_end = text.find("\r\n\r\n");
  Request request;
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

/// Takes the name out of a request's address, which becomes "/state...".
std::string take_name(std::string& url) {
  const std::string gitlab_folder = "/api/v4/projects/7/terraform/state/";
  if (url.starts_with(gitlab_folder)) {
    const auto begin = gitlab_folder.size();
    const auto end = std::min(url.find_first_of("/?", begin), url.size());
    std::string name = url.substr(begin, end - begin);
    url = "/state" + url.substr(end);
    return name;
  }
  const auto plain = url.find("/state");
  if (plain == std::string::npos) return "";
  std::string name = url.substr(0, plain);
  url.erase(0, plain);
  return name;
}

}  // namespace

StateService::StateService(StateServerOptions options, std::function<void(const std::string&)> on_exchange)
    : options_(std::move(options)),
      on_exchange_(std::move(on_exchange)),
      server_({[this](RawConnection& connection) { serve(connection); }}) {}

void StateService::serve(RawConnection& connection) {
  for (std::string text = connection.read_request(); !text.empty(); text = connection.read_request()) {
    const Response response = answer(parsed(text));
    const std::string length =
        response.status == 204 ? "" : fmt::format("Content-Length: {}\r\n", response.body.size());
    connection.write(fmt::format("HTTP/1.1 {} Status\r\n{}\r\n{}", response.status, length, response.body));
  }
}

Response StateService::answer(Request request) {
  const std::lock_guard lock(mutex_);
  auto& state = states_[take_name(request.url)];
  if (!state) state = std::make_unique<StateServer>(options_);
  Response response = state->answer(request);
  on_exchange_(state->exchanges().back());
  return response;
}

}  // namespace skep::testing
