// The simulated Hetzner Cloud, judged by the official document, and short words to talk to it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tests/fakes/cloud_talk.h"
#include "tests/fakes/hetzner_cloud.h"

namespace skep::testing {

inline const std::optional<OpenApi>& hetzner_document() {
  static const auto document = OpenApi::load(SKEP_SOURCE_DIR, "hetzner.closed.openapi.json", "/v1");
  return document;
}

class Simulator : public CloudTalk<HetznerCloud> {
 public:
  explicit Simulator(HetznerOptions options = {})
      : CloudTalk(std::move(options), "https://api.hetzner.cloud/v1", hetzner_document()) {}

  /// As the owner of the token of 64 times that letter; '\0': nobody.
  Told tell(const std::string& method, const std::string& path, const Json& body = nullptr, char token = 'k') {
    return tell_as(std::string(token == '\0' ? 0 : 64, token), method, path, body);
  }
  Told get(const std::string& path) { return tell("GET", path); }
  Told post(const std::string& path, const Json& body = nullptr) { return tell("POST", path, body); }

  void settle() { settle_asking(std::string(64, 'k'), "/locations"); }
  std::string status_of(const Json& action) { return get("/actions/" + action["id"].dump()).body["action"]["status"]; }

  /// Makes one and waits until it is there: its id as text.
  std::string make(const std::string& kind, const Json& body) {
    const Told told = post("/" + kind, body);
    EXPECT_EQ(told.status, 201) << kind << ": " << told.body.dump();
    settle();
    for (const auto& [name, object] : told.body.items()) {
      if (object.is_object() && object.contains("created")) return object["id"].dump();
    }
    return "0";
  }
  std::string make_server(const std::string& name, const Json& more = Json::object()) {
    Json body = {{"name", name}, {"server_type", "cx23"}, {"image", "debian-12"}, {"location", "fsn1"}};
    body.update(more);
    return make("servers", body);
  }
  std::string make_network(const std::string& name = "lan", const std::string& zone = "eu-central") {
    return make("networks", {{"name", name},
                             {"ip_range", "10.0.0.0/16"},
                             {"subnets", {{{"type", "cloud"}, {"network_zone", zone}, {"ip_range", "10.0.1.0/24"}}}}});
  }
};

}  // namespace skep::testing
