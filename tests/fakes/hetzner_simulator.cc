// The simulated Hetzner Cloud as a server of its own, for official clients, proxies and the real binary:
//   skep_hetzner_simulator PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS]
// Prints its URL and two tokens, then serves until its stdin ends or it is interrupted.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

#include "tests/fakes/hetzner_cloud.h"
#include "tests/fakes/http_server.h"

namespace {

using skep::testing::CloudTime;

CloudTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

int usage() {
  std::cerr << "usage: skep_hetzner_simulator PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS]\n";
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments.size() % 2 == 0) return usage();
  skep::testing::HetznerOptions options;
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    const double value = std::atof(arguments[i + 1].c_str());
    if (arguments[i] == "--speed" && value > 0) {
      options.speed = value;
    } else if (arguments[i] == "--lag") {
      options.list_lag = std::chrono::milliseconds(static_cast<int>(value));
    } else if (arguments[i] == "--rate" && value >= 1) {
      options.rate_limit = static_cast<int>(value);
    } else {
      return usage();
    }
  }
  skep::testing::HetznerCloud cloud(options);
  std::mutex mutex;
  skep::testing::HttpServer server(
      [&](const skep::Request& request) {
        const std::lock_guard lock(mutex);
        return cloud.handle(request, wall_now());
      },
      {.port = std::atoi(arguments[0].c_str())});
  fmt::print("HCLOUD_ENDPOINT={}/v1\n", server.url());
  for (const auto& [token, access] : options.tokens) {
    const bool may_write = access == skep::testing::HetznerOptions::Access::read_write;
    fmt::print("{}={}\n", may_write ? "HCLOUD_TOKEN" : "HCLOUD_TOKEN_READ_ONLY", token);
  }
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}
