// AWS Signature Version 4, by which S3 and all that speaks like it knows who asks.
#pragma once

#include <string>

#include "planner/base/secret.h"
#include "planner/system/context.h"
#include "planner/system/http.h"

namespace skep {

struct S3Credentials {
  std::string key_id = {};
  Secret secret = {};
  Secret session_token = {};  // of a temporary login; else empty
};

/// The request with x-amz-date, x-amz-content-sha256 and Authorization. Its URL must have no query, and its path only
/// letters, digits and -._~/ (s3_path() makes one). Every header it has is signed.
Request sign_s3(Request request, const S3Credentials& credentials, const std::string& region, WallTime now);

/// The path of an object as it goes into a URL, percent-encoded: "/bucket/folder/demo.json".
std::string s3_path(const std::string& bucket, const std::string& key);

}  // namespace skep
