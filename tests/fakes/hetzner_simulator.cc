// The simulated Hetzner Cloud as a server of its own, for official clients, proxies and the real binary:
//   skep_hetzner_simulator PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS] [--sold-out TYPE@LOCATION]
//                          [--machines FOLDER]
// In FOLDER each server has a file NAME.json with its addresses and its user-data, as long as it exists: for a script
// that backs servers with machines. Prints its URL and two tokens, then serves until its stdin ends or it is
// interrupted.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <set>
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
  std::cerr << "usage: skep_hetzner_simulator PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS] "
               "[--sold-out TYPE@LOCATION] [--machines FOLDER]\n";
  return 64;
}

/// Files are complete when they appear under their name.
void write_machines(const skep::testing::HetznerCloud& cloud, const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& server : cloud.all("servers")) {
    if (server["status"] == "deleting") continue;
    const std::string name = server["name"];
    names.insert(name + ".json");
    if (server["status"] == "initializing") continue;  // it is not in its network yet
    if (std::filesystem::exists(folder / (name + ".json"))) continue;
    const skep::Json nets = server.value("private_net", skep::Json::array());
    const skep::Json machine = {{"name", name},
                                {"address", server["public_net"]["ipv4"]["ip"]},
                                {"private_address", nets.empty() ? skep::Json("") : nets[0]["ip"]},
                                {"user_data", cloud.user_data(server["id"])}};
    std::ofstream(folder / (name + ".new")) << machine.dump();
    std::filesystem::rename(folder / (name + ".new"), folder / (name + ".json"));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!names.contains(entry.path().filename().string())) std::filesystem::remove(entry.path());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments.size() % 2 == 0) return usage();
  skep::testing::HetznerOptions options;
  std::string machines;
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    const double value = std::atof(arguments[i + 1].c_str());
    if (arguments[i] == "--speed" && value > 0) {
      options.speed = value;
    } else if (arguments[i] == "--lag") {
      options.list_lag = std::chrono::milliseconds(static_cast<int>(value));
    } else if (arguments[i] == "--rate" && value >= 1) {
      options.rate_limit = static_cast<int>(value);
    } else if (const auto at = arguments[i + 1].find('@'); arguments[i] == "--sold-out" && at != std::string::npos) {
      options.sold_out.insert({arguments[i + 1].substr(0, at), arguments[i + 1].substr(at + 1)});
    } else if (arguments[i] == "--machines") {
      machines = arguments[i + 1];
    } else {
      return usage();
    }
  }
  skep::testing::HetznerCloud cloud(options);
  std::mutex mutex;
  skep::testing::HttpServer server(
      [&](const skep::Request& request) {
        const std::lock_guard lock(mutex);
        skep::Response response = cloud.handle(request, wall_now());
        if (!machines.empty()) write_machines(cloud, machines);
        return response;
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
