// The simulated DigitalOcean, judged by the official document, and short words to talk to it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tests/fakes/cloud_talk.h"
#include "tests/fakes/digitalocean_cloud.h"

namespace skep::testing {

inline const std::optional<OpenApi>& digitalocean_document() {
  static const auto document = OpenApi::load(SKEP_SOURCE_DIR, "digitalocean.closed.openapi.json", "");
  return document;
}

class DropletSimulator : public CloudTalk<DigitalOceanCloud> {
 public:
  explicit DropletSimulator(DigitalOceanOptions options = {})
      : CloudTalk(std::move(options), "https://api.digitalocean.com", digitalocean_document()) {}

  static std::string token(char letter) { return "dop_v1_" + std::string(64, letter); }

  /// As the owner of the token of that letter (a may write, b only read); '\0': nobody.
  Told tell(const std::string& method, const std::string& path, const Json& body = nullptr, char letter = 'a') {
    return tell_as(letter == '\0' ? "" : token(letter), method, "/v2" + path, body);
  }
  Told get(const std::string& path) { return tell("GET", path); }
  Told post(const std::string& path, const Json& body = nullptr) { return tell("POST", path, body); }
  Told put(const std::string& path, const Json& body) { return tell("PUT", path, body); }
  Told drop(const std::string& path, const Json& body = nullptr) { return tell("DELETE", path, body); }

  void settle() { settle_asking(token('a'), "/account"); }
  std::string status_of(const Json& action) { return get("/actions/" + action["id"].dump()).body["action"]["status"]; }

  static Json droplet_order(const std::string& name, const Json& more = Json::object()) {
    Json body = {{"name", name}, {"region", "fra1"}, {"size", "s-1vcpu-1gb"}, {"image", "debian-12-x64"}};
    body.update(more);
    return body;
  }
  /// Makes one and waits until it runs: its id.
  std::int64_t make_droplet(const std::string& name, const Json& more = Json::object()) {
    const Told told = post("/droplets", droplet_order(name, more));
    EXPECT_EQ(told.status, 202) << told.body;
    settle();
    return told.body["droplet"]["id"];
  }
  Json droplet(std::int64_t id) { return get("/droplets/" + std::to_string(id)).body["droplet"]; }
  /// Makes one of a kind whose objects have ids of text: its id.
  std::string make(const std::string& kind, const Json& body) {
    const Told told = post("/" + kind, body);
    EXPECT_LT(told.status, 300) << kind << ": " << told.body;
    settle();
    return told.body.begin().value()["id"];
  }
  std::string make_volume(const std::string& name, const Json& more = Json::object()) {
    Json body = {{"name", name}, {"region", "fra1"}, {"size_gigabytes", 10}};
    body.update(more);
    return make("volumes", body);
  }
  /// Does something with a droplet and waits until it is done: how it went.
  std::string act(std::int64_t droplet_id, const Json& body) {
    const Told told = post("/droplets/" + std::to_string(droplet_id) + "/actions", body);
    if (told.status != 201) return told.body.value("message", "");
    settle();
    return status_of(told.body["action"]);
  }
};

/// One rule for all to come in, one for all to go out.
inline Json open_rules() {
  const Json all = {"0.0.0.0/0", "::/0"};
  return {{"inbound_rules", {{{"protocol", "tcp"}, {"ports", "22"}, {"sources", {{"addresses", all}}}}}},
          {"outbound_rules", {{{"protocol", "tcp"}, {"ports", "all"}, {"destinations", {{"addresses", all}}}}}}};
}

inline Json firewall_order(const std::string& name, const Json& more = Json::object()) {
  Json body = open_rules();
  body["name"] = name;
  body.update(more);
  return body;
}

}  // namespace skep::testing
