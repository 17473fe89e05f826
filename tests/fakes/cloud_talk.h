// A simulated cloud, a clock to move, the official document as judge, and short words to talk to it: for tests.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/base/json.h"
#include "tests/fakes/cloud_http.h"
#include "tests/fakes/http_openapi.h"
#include "tests/fakes/http_script.h"

namespace skep::testing {

struct Told {
  int status = 0;
  Json body;
  std::map<std::string, std::string> headers;
  /// What the cloud calls the error: {"error": {"code"}} or {"id"}.
  std::string code() const {
    if (!body.is_object()) return "";
    return body.contains("error") && body["error"].is_object() ? body["error"].value("code", "") : body.value("id", "");
  }
};

/// What the documents said about all that was exchanged; printed at the end.
class JudgeReport final : public ::testing::Environment {
 public:
  void TearDown() override {
    if (exchange_count > 0) {
      fmt::print("[   JUDGE  ] {} exchanges with simulated clouds, {} violations of the official documents\n",
                 exchange_count, violation_count);
    }
  }
  std::size_t exchange_count = 0;
  std::size_t violation_count = 0;
};
inline JudgeReport& judge_report() {
  static auto* const report =  // GoogleTest owns it
      static_cast<JudgeReport*>(::testing::AddGlobalTestEnvironment(new JudgeReport));
  return *report;
}
inline const bool has_judge_report = (judge_report(), true);

/// At the end every accepted exchange must have been as the document says.
template <class Cloud>
class CloudTalk {
 public:
  template <class Options>
  CloudTalk(Options options, std::string address, const std::optional<OpenApi>& document)
      : cloud(std::move(options)),
        address_(std::move(address)),
        has_document_(document.has_value()),
        direct_(cloud, clock),
        http(direct_, document) {}
  ~CloudTalk() {
    judge_report().exchange_count += has_document_ ? http.exchange_count() : 0;
    for (const auto& line : http.violations()) {
      ++judge_report().violation_count;
      ADD_FAILURE() << line;
    }
  }
  CloudTalk(const CloudTalk&) = delete;
  CloudTalk& operator=(const CloudTalk&) = delete;

  /// Without a token, no credential is sent.
  Told tell_as(const std::string& token, const std::string& method, const std::string& path,
               const Json& body = nullptr) {
    Request request{method, address_ + path, {}, {}};
    if (!token.empty()) request.headers["Authorization"] = "Bearer " + token;
    if (!body.is_null()) {
      request.headers["Content-Type"] = "application/json";
      request.body = body.dump();
    }
    return send(request);
  }
  Told send(const Request& request) {
    const auto response = http.send(request, {});
    const auto& text = response.value().body;
    return {response.value().status, text.empty() ? Json() : Json::parse(text), response.value().headers};
  }

  /// Until nothing is under way any more; `path` is what is asked meanwhile.
  void settle_asking(const std::string& token, const std::string& path) {
    for (int i = 0; i < 10 && cloud.all_actions_done() > direct_.now(); ++i) {
      clock.advance(cloud.all_actions_done() - direct_.now());
      tell_as(token, "GET", path);
    }
  }

  Cloud cloud;
  ManualClock clock;

 private:
  std::string address_;
  bool has_document_;
  CloudHttp<Cloud> direct_;

 public:
  JudgedHttp http;
};

/// A request that is refused, and how.
struct Wrong {
  const char* name;
  std::string path;
  Json body;
  int status;
  const char* code;
  std::string method = "POST";
};

template <class Simulator>
void expect_refusals(Simulator& simulator, const std::vector<Wrong>& cases) {
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const Told told = simulator.tell(one.method, one.path, one.body);
    EXPECT_EQ(told.status, one.status) << told.body;
    EXPECT_EQ(told.code(), one.code);
  }
}

inline Json id(const std::string& text) { return Json::parse(text); }

inline constexpr const char* public_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbXk0u1xZ0mCw1yGmZy1bq0Y3nNq1oHnV1Gx0nZkq3T test";

/// What official clients were recorded to send, one JSON object a line; none when the folder of specifications
/// ($SKEP_API_SPECS, else ../shared/api beside the source tree) is not there.
inline std::vector<Json> recorded_requests(const std::string& name) {
  const char* folder = std::getenv("SKEP_API_SPECS");
  std::ifstream file((folder != nullptr ? std::string(folder) : std::string(SKEP_SOURCE_DIR) + "/../shared/api") +
                     "/examples/" + name);
  std::vector<Json> requests;
  for (std::string line; std::getline(file, line);) requests.push_back(Json::parse(line));
  return requests;
}

}  // namespace skep::testing
