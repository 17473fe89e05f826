// A store that speaks like S3, strictly: signatures, ETags, conditional writes; or as one that ignores conditions.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "planner/store/s3_sign.h"

namespace skep::testing {

struct S3ServerOptions {
  bool ignores_none_match = false;
  bool ignores_match = false;
  bool knows_no_conditions = false;  // 501
  bool says_no_tags = false;
  bool wants_quotes = true;  // around a tag in a condition
  bool knows_quotes = true;  // false: as Ceph 16, a tag with quotes never matches
  std::string region = "eu-central-1";
  S3Credentials credentials = {"AKIATEST", Secret("secret-canary"), {}};
};

class S3Server {
 public:
  explicit S3Server(S3ServerOptions options = {}) : options_(std::move(options)) {}

  /// `url` is whole, "http://s3.test/bucket/KEY", or a target with a host header; the case of a header's name does not
  /// matter. There is one bucket, "bucket". Safe from any thread.
  Response answer(const Request& request);
  std::map<std::string, std::string> objects() const;
  /// "PUT demo.json 412", in order.
  std::vector<std::string> exchanges() const;

 private:
  Response respond(const Request& request, const std::string& key);
  Response write(const Request& request, const std::string& key);
  bool is_signed(const Request& request) const;
  bool is_same_tag(const std::string& given, const std::string& body) const;

  const S3ServerOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> objects_ = {};
  std::vector<std::string> exchanges_ = {};
};

/// The store without a network.
class S3InMemory final : public Http {
 public:
  explicit S3InMemory(S3Server& server) : server_(server) {}
  Result<Response> send(const Request& request, const Context&) override { return server_.answer(request); }

 private:
  S3Server& server_;
};

}  // namespace skep::testing
