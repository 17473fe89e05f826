#include "tests/fakes/team_place.h"

#include <fmt/format.h>

#include "tests/fakes/ceph_server.h"
#include "tests/fakes/http_server.h"
#include "tests/fakes/http_state_service.h"
#include "tests/fakes/postgres_server.h"
#include "tests/fakes/s3_server.h"

namespace skep::testing {

namespace {

using Environment = std::map<std::string, std::string>;

constexpr const char* job_token = "token-of-the-job";

std::string local_url(int port) { return "http://127.0.0.1:" + std::to_string(port); }

class HttpPlace final : public TeamPlace {
 public:
  std::string name() const override { return "http"; }
  int port() const override { return service_.port(); }
  Environment environment(const std::string& cluster, int port) const override {
    const std::string address = local_url(port) + "/" + cluster + "/state";
    return {{"SKEP_STATE_BACKEND", "http"},
            {"TF_HTTP_ADDRESS", address},
            {"TF_HTTP_LOCK_ADDRESS", address + "/lock"},
            {"TF_HTTP_UNLOCK_ADDRESS", address + "/lock"},
            {"TF_HTTP_USERNAME", "anna"},
            {"TF_HTTP_PASSWORD", job_token},
            {"TF_HTTP_RETRY_WAIT_MIN", "0"}};
  }

 private:
  StateService service_{{.username = "anna", .password = job_token}};
};

class GitlabPlace final : public TeamPlace {
 public:
  std::string name() const override { return "gitlab"; }
  int port() const override { return service_.port(); }
  Environment environment(const std::string&, int port) const override {
    return {{"SKEP_STATE_BACKEND", "http"},
            {"CI_API_V4_URL", local_url(port) + "/api/v4"},
            {"CI_PROJECT_ID", "7"},
            {"CI_JOB_TOKEN", job_token},
            {"TF_HTTP_RETRY_WAIT_MIN", "0"}};
  }

 private:
  StateService service_{{.is_gitlab = true, .username = "gitlab-ci-token", .password = job_token}};
};

Environment s3_environment(const std::string& cluster, int port, const std::string& region) {
  return {{"SKEP_STATE_BACKEND", "s3"},
          {"SKEP_STATE_S3", "s3://bucket/team/" + cluster + ".json"},
          {"AWS_ACCESS_KEY_ID", CephServer::key_id},
          {"AWS_SECRET_ACCESS_KEY", CephServer::secret},
          {"AWS_REGION", region},
          {"AWS_ENDPOINT_URL_S3", local_url(port)}};
}

class S3Place final : public TeamPlace {
 public:
  std::string name() const override { return "s3"; }
  int port() const override { return server_.port(); }
  Environment environment(const std::string& cluster, int port) const override {
    return s3_environment(cluster, port, "eu-central-1");
  }

 private:
  // Whoever comes by a proxy names the proxy's port as the host, and has signed it.
  S3Server store_;
  HttpServer server_{[this](const Request& request) { return store_.answer(request); }};
};

class CephPlace final : public TeamPlace {
 public:
  std::string name() const override { return "ceph"; }
  int port() const override { return server_.port(); }
  Environment environment(const std::string& cluster, int port) const override {
    return s3_environment(cluster, port, CephServer::region);
  }

 private:
  CephServer server_;
};

class PostgresPlace final : public TeamPlace {
 public:
  std::string name() const override { return "postgres"; }
  int port() const override { return server_.port(); }
  Environment environment(const std::string&, int port) const override {
    return {{"SKEP_STATE_BACKEND", "postgres"},
            {"PG_CONN_STR", server_.connection("skep", port) + " sslmode=disable gssencmode=disable"}};
  }

 private:
  PostgresServer server_;
};

}  // namespace

std::unique_ptr<TeamPlace> make_team_place(const std::string& name) {
  if (name == "http") return std::make_unique<HttpPlace>();
  if (name == "gitlab") return std::make_unique<GitlabPlace>();
  if (name == "s3") return std::make_unique<S3Place>();
  if (name == "postgres") return std::make_unique<PostgresPlace>();
  if (name != "ceph") return nullptr;
  if (const std::string why = CephServer::missing(); !why.empty()) {
    fmt::print(stderr, "ceph: skipped: {}\n", why);
    return nullptr;
  }
  return std::make_unique<CephPlace>();
}

std::vector<std::unique_ptr<TeamPlace>> make_team_places() {
  std::vector<std::unique_ptr<TeamPlace>> places;
  for (const char* name : {"http", "gitlab", "s3", "ceph", "postgres"})
    if (auto place = make_team_place(name)) places.push_back(std::move(place));
  return places;
}

}  // namespace skep::testing
