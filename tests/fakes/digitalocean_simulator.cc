// The simulated DigitalOcean as a server of its own, for official clients, proxies and the real binary:
//   skep_digitalocean_simulator PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS] [--sold-out SIZE@REGION]
//                               [--machines FOLDER]
// REQUESTS are those of an hour; in a minute a twentieth of them may come. In FOLDER each droplet has a file NAME.json
// with its addresses and its user-data, as long as it exists: for a script that backs droplets with machines. Prints
// its URL and two tokens, then serves until its stdin ends or it is interrupted.
#include "tests/fakes/cloud_program.h"
#include "tests/fakes/digitalocean_cloud.h"

namespace {

using skep::Json;
using skep::testing::DigitalOceanCloud;
using skep::testing::DigitalOceanOptions;
using skep::testing::ProgramMachine;

std::string address_of(const Json& droplet, const char* type) {
  for (const auto& one : droplet["networks"]["v4"]) {
    if (one["type"] == type) return one["ip_address"];
  }
  return "";
}

std::vector<ProgramMachine> machines_of(const DigitalOceanCloud& cloud) {
  std::vector<ProgramMachine> machines;
  for (const auto& droplet : cloud.all("droplets")) {
    const std::string address = address_of(droplet, "public");
    const std::string private_address = address_of(droplet, "private");
    machines.push_back({droplet["name"],
                        !private_address.empty(),
                        {{"name", droplet["name"]},
                         {"address", address},
                         {"private_address", private_address},
                         {"user_data", cloud.user_data(droplet["id"])}}});
  }
  return machines;
}

}  // namespace

int main(int argc, char** argv) {
  const auto given = skep::testing::parse_program(argc, argv);
  if (!given) return 64;
  DigitalOceanOptions options;
  options.speed = given->speed;
  options.list_lag = given->lag;
  if (given->rate) {
    options.rate_hour = *given->rate;
    options.rate_minute = std::max(*given->rate / 20, 1);
  }
  options.sold_out = given->sold_out;
  DigitalOceanCloud cloud(options);
  const auto greeting = [&](const std::string& url) {
    std::vector<std::string> lines = {"DIGITALOCEAN_API_URL=" + url};
    for (const auto& [token, access] : options.tokens) {
      const bool may_write = access == DigitalOceanOptions::Access::read_write;
      lines.push_back((may_write ? "DIGITALOCEAN_TOKEN=" : "DIGITALOCEAN_TOKEN_READ_ONLY=") + token);
    }
    return lines;
  };
  return skep::testing::serve(
      {[&](const skep::Request& request, skep::testing::CloudTime now) { return cloud.handle(request, now); },
       [&] { return machines_of(cloud); }, greeting},
      *given);
}
