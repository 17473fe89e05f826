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
  S3Credentials credentials = {"AKIATEST", Secret("secret-canary"), {}};
};

class S3Server {
 public:
  explicit S3Server(S3ServerOptions options = {}) : options_(std::move(options)) {}

  /// `url` is whole, "http://s3.test/bucket/KEY"; there is one bucket, "bucket". Safe from any thread.
  Response answer(const Request& request);
  std::map<std::string, std::string> objects() const;
  void put(const std::string& key, const std::string& body);
  void destroy(const std::string& key);

 private:
  Response write(const Request& request, const std::string& key);
  bool is_signed(const Request& request) const;

  const S3ServerOptions options_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> objects_ = {};
};

}  // namespace skep::testing
