// Judges exchanges by an OpenAPI 3.0 document: bodies of requests and answers, and names of query parameters.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/http.h"

namespace skep::testing {

class OpenApi {
 public:
  /// `name` below the folder of specifications: $SKEP_API_SPECS, else ../shared/api beside the source tree. Nothing
  /// when it is not there. `prefix` is what comes before the document's paths ("/v1").
  static std::optional<OpenApi> load(const std::string& source_folder, const std::string& name, std::string prefix);

  /// All it has: {"GET", "/v2/droplets/{droplet_id}"}.
  std::vector<std::pair<std::string, std::string>> operations() const;

  /// What is wrong, one line each; empty when all is well.
  std::vector<std::string> request_violations(const Request& request) const;
  std::vector<std::string> response_violations(const Request& request, const Response& response) const;

 private:
  OpenApi(Json document, std::string prefix) : document_(std::move(document)), prefix_(std::move(prefix)) {}

  const Json* operation(const Request& request) const;
  const Json& resolved(const Json& schema) const;
  void check(const Json& schema, const Json& value, const std::string& where, std::vector<std::string>& found) const;
  void check_object(const Json& schema, const Json& value, const std::string& where,
                    std::vector<std::string>& found) const;
  void check_choices(const Json& schema, const Json& value, const std::string& where,
                     std::vector<std::string>& found) const;

  Json document_;
  std::string prefix_;
};

/// Lets every exchange through and notes what the document finds wrong with it. A request is judged when it was
/// accepted: tests send wrong ones on purpose.
class JudgedHttp final : public Http {
 public:
  JudgedHttp(Http& next, const std::optional<OpenApi>& judge) : next_(next), judge_(judge) {}

  Result<Response> send(const Request& request, const Context& context) override;

  /// From now on: official clients go beyond their documents here and there.
  void judge_answers_only() { judges_requests_ = false; }

  std::vector<std::string> violations() const;
  std::size_t exchange_count() const;

 private:
  Http& next_;
  const std::optional<OpenApi>& judge_;
  bool judges_requests_ = true;
  mutable std::mutex mutex_;
  std::vector<std::string> violations_;
  std::size_t exchange_count_ = 0;
};

}  // namespace skep::testing
