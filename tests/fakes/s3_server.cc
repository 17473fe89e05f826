#include "tests/fakes/s3_server.h"

#include "planner/base/digest.h"
#include "planner/system/clock.h"

namespace skep::testing {

namespace {

const std::string bucket_url = "http://s3.test/bucket/";

std::string tag(const std::string& body) { return "\"" + sha256_hex(body).substr(0, 32) + "\""; }

std::string header(const Request& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

Response refusal(int status, const std::string& code) {
  return {.status = status, .body = "<Error><Code>" + code + "</Code></Error>"};
}

}  // namespace

// Signs what came, as it came, and compares; that the signing is right, AWS's own examples say.
bool S3Server::is_signed(const Request& request) const {
  Request again = request;
  for (const char* name : {"Authorization", "x-amz-date", "x-amz-content-sha256"}) again.headers.erase(name);
  const std::string time = header(request, "x-amz-date");
  if (time.size() != 16) return false;
  const std::string readable = time.substr(0, 4) + "-" + time.substr(4, 2) + "-" + time.substr(6, 5) + ":" +
                               time.substr(11, 2) + ":" + time.substr(13);
  const auto when = parse_rfc3339(readable);
  return when && header(request, "Authorization") ==
                     header(sign_s3(again, options_.credentials, "eu-central-1", *when), "Authorization");
}

Response S3Server::answer(const Request& request) {
  const std::lock_guard guard(mutex_);
  if (!is_signed(request)) return refusal(403, "SignatureDoesNotMatch");
  if (!request.url.starts_with(bucket_url)) return refusal(404, "NoSuchBucket");
  const std::string key = request.url.substr(bucket_url.size());
  if (request.method == "PUT") return write(request, key);
  const auto found = objects_.find(key);
  if (request.method == "DELETE") {
    if (found != objects_.end()) objects_.erase(found);
    return {.status = 204};
  }
  if (request.method != "GET") return refusal(405, "MethodNotAllowed");
  if (found == objects_.end()) return refusal(404, "NoSuchKey");
  return {.status = 200, .headers = {{"etag", tag(found->second)}}, .body = found->second};
}

Response S3Server::write(const Request& request, const std::string& key) {
  const std::string none_match = header(request, "If-None-Match");
  const std::string match = header(request, "If-Match");
  if (options_.knows_no_conditions && !(none_match + match).empty()) return refusal(501, "NotImplemented");
  const auto found = objects_.find(key);
  const bool is_there = found != objects_.end();
  if (!options_.ignores_none_match && !none_match.empty() && is_there) return refusal(412, "PreconditionFailed");
  if (!options_.ignores_match && !match.empty()) {
    if (!is_there) return refusal(404, "NoSuchKey");
    if (match != tag(found->second)) return refusal(412, "PreconditionFailed");
  }
  objects_[key] = request.body;
  return {.status = 200, .headers = {{"etag", tag(request.body)}}};
}

std::map<std::string, std::string> S3Server::objects() const {
  const std::lock_guard guard(mutex_);
  return objects_;
}

void S3Server::put(const std::string& key, const std::string& body) {
  const std::lock_guard guard(mutex_);
  objects_[key] = body;
}

void S3Server::destroy(const std::string& key) {
  const std::lock_guard guard(mutex_);
  objects_.erase(key);
}

}  // namespace skep::testing
