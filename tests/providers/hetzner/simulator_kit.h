// A simulated cloud, a clock to move, the official document as judge, and short words to talk to it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/hetzner_cloud.h"
#include "tests/fakes/hetzner_http.h"
#include "tests/fakes/http_openapi.h"
#include "tests/fakes/http_script.h"

namespace skep::testing {

inline const std::optional<OpenApi>& hetzner_document() {
  static const auto document = OpenApi::load(SKEP_SOURCE_DIR, "hetzner.closed.openapi.json", "/v1");
  return document;
}

struct Told {
  int status = 0;
  Json body;
  std::map<std::string, std::string> headers;
  std::string code() const { return body.is_object() && body.contains("error") ? body["error"].value("code", "") : ""; }
};

/// At the end every accepted exchange must have been as the document says.
class Simulator {
 public:
  explicit Simulator(HetznerOptions options = {})
      : cloud(std::move(options)), direct_(cloud, clock), http(direct_, hetzner_document()) {}
  ~Simulator() {
    for (const auto& line : http.violations()) ADD_FAILURE() << line;
  }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  Told tell(const std::string& method, const std::string& path, const Json& body = nullptr, char token = 'k') {
    Request request{method, "https://api.hetzner.cloud/v1" + path, {}, {}};
    if (token != '\0') request.headers["Authorization"] = "Bearer " + std::string(64, token);
    if (!body.is_null()) {
      request.headers["Content-Type"] = "application/json";
      request.body = body.dump();
    }
    const auto response = http.send(request, {});
    const auto& text = response.value().body;
    return {response.value().status, text.empty() ? Json() : Json::parse(text), response.value().headers};
  }
  Told get(const std::string& path) { return tell("GET", path); }
  Told post(const std::string& path, const Json& body = nullptr) { return tell("POST", path, body); }

  /// Until nothing is under way any more.
  void settle() {
    for (int i = 0; i < 10 && cloud.all_actions_done() > direct_.now(); ++i) {
      clock.advance(cloud.all_actions_done() - direct_.now());
      get("/locations");
    }
  }
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

  HetznerCloud cloud;
  ManualClock clock;

 private:
  HetznerHttp direct_;

 public:
  JudgedHttp http;
};

inline Json id(const std::string& text) { return Json::parse(text); }

/// A request that is refused, and how.
struct Wrong {
  const char* name;
  std::string path;
  Json body;
  int status;
  const char* code;
  std::string method = "POST";
};

inline void expect_refusals(Simulator& simulator, const std::vector<Wrong>& cases) {
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const Told told = simulator.tell(one.method, one.path, one.body);
    EXPECT_EQ(told.status, one.status) << told.body;
    EXPECT_EQ(told.code(), one.code);
  }
}

inline constexpr const char* public_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbXk0u1xZ0mCw1yGmZy1bq0Y3nNq1oHnV1Gx0nZkq3T test";

}  // namespace skep::testing
