// The simulated Hetzner Cloud as a server of its own, for official clients, proxies and the real binary:
//   skep_hetzner_simulator PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS] [--sold-out TYPE@LOCATION]
//                          [--machines FOLDER]
// In FOLDER each server has a file NAME.json with its addresses and its user-data, as long as it exists: for a script
// that backs servers with machines. Prints its URL and two tokens, then serves until its stdin ends or it is
// interrupted.
#include "tests/fakes/cloud_program.h"
#include "tests/fakes/hetzner_cloud.h"

namespace {

using skep::Json;
using skep::testing::HetznerCloud;
using skep::testing::HetznerOptions;
using skep::testing::ProgramMachine;

std::vector<ProgramMachine> machines_of(const HetznerCloud& cloud) {
  std::vector<ProgramMachine> machines;
  for (const auto& server : cloud.all("servers")) {
    if (server["status"] == "deleting") continue;
    const Json nets = server.value("private_net", Json::array());
    machines.push_back({server["name"],
                        server["status"] != "initializing",  // it is not in its network yet
                        {{"name", server["name"]},
                         {"address", server["public_net"]["ipv4"]["ip"]},
                         {"private_address", nets.empty() ? Json("") : nets[0]["ip"]},
                         {"user_data", cloud.user_data(server["id"])}}});
  }
  return machines;
}

}  // namespace

int main(int argc, char** argv) {
  const auto given = skep::testing::parse_program(argc, argv);
  if (!given) return 64;
  HetznerOptions options;
  options.speed = given->speed;
  options.list_lag = given->lag;
  options.rate_limit = given->rate.value_or(options.rate_limit);
  options.sold_out = given->sold_out;
  HetznerCloud cloud(options);
  const auto greeting = [&](const std::string& url) {
    std::vector<std::string> lines = {"HCLOUD_ENDPOINT=" + url + "/v1"};
    for (const auto& [token, access] : options.tokens) {
      const bool may_write = access == HetznerOptions::Access::read_write;
      lines.push_back((may_write ? "HCLOUD_TOKEN=" : "HCLOUD_TOKEN_READ_ONLY=") + token);
    }
    return lines;
  };
  return skep::testing::serve(
      {[&](const skep::Request& request, skep::testing::CloudTime now) { return cloud.handle(request, now); },
       [&] { return machines_of(cloud); }, greeting},
      *given);
}
