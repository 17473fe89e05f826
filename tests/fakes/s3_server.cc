#include "tests/fakes/s3_server.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "planner/base/digest.h"
#include "planner/system/clock.h"

namespace skep::testing {

namespace {

const std::string bucket_path = "/bucket/";

std::string tag(const std::string& body) { return "\"" + sha256_hex(body).substr(0, 32) + "\""; }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

std::string header(const Request& request, const std::string& name) {
  for (const auto& [given, value] : request.headers)
    if (lower(given) == name) return value;
  return "";
}

Response refusal(int status, const std::string& code) {
  return {.status = status, .body = "<Error><Code>" + code + "</Code></Error>"};
}

std::string path_of(const std::string& url) {
  const auto host = url.find("://");
  return host == std::string::npos ? url : url.substr(std::min(url.find('/', host + 3), url.size()));
}

/// "host;x-amz-date" of "... SignedHeaders=host;x-amz-date,Signature=...".
std::vector<std::string> signed_names(const std::string& authorization) {
  const std::string mark = "SignedHeaders=";
  const auto begin = authorization.find(mark);
  if (begin == std::string::npos) return {};
  const auto first = begin + mark.size();
  std::istringstream list(authorization.substr(first, authorization.find(',', first) - first));
  std::vector<std::string> names;
  for (std::string name; std::getline(list, name, ';');) names.push_back(name);
  return names;
}

}  // namespace

// Signs what came, as it came, and compares; that the signing is right, AWS's own examples say.
bool S3Server::is_signed(const Request& request) const {
  const std::string authorization = header(request, "authorization");
  const auto names = signed_names(authorization);
  Request again = request;
  again.headers.clear();
  if (again.url.starts_with('/')) again.url = "http://" + header(request, "host") + again.url;
  for (const auto& name : names)
    if (name != "host" && !name.starts_with("x-amz-")) again.headers[name] = header(request, name);
  for (const auto& [name, value] : request.headers) {
    const std::string plain = lower(name);
    const bool must_be_signed = plain.starts_with("x-amz-") || plain.starts_with("if-");
    if (must_be_signed && std::ranges::find(names, plain) == names.end()) return false;
  }
  const std::string time = header(request, "x-amz-date");
  if (time.size() != 16 || header(request, "x-amz-content-sha256") != sha256_hex(request.body)) return false;
  const std::string readable = time.substr(0, 4) + "-" + time.substr(4, 2) + "-" + time.substr(6, 5) + ":" +
                               time.substr(11, 2) + ":" + time.substr(13);
  const auto when = parse_rfc3339(readable);
  return when && authorization == header(sign_s3(again, options_.credentials, options_.region, *when), "authorization");
}

Response S3Server::answer(const Request& request) {
  const std::lock_guard guard(mutex_);
  const std::string path = path_of(request.url);
  const std::string key = path.starts_with(bucket_path) ? path.substr(bucket_path.size()) : "";
  Response response = respond(request, key);
  if (options_.says_no_tags) response.headers.erase("etag");
  exchanges_.push_back(request.method + " " + key + " " + std::to_string(response.status));
  return response;
}

Response S3Server::respond(const Request& request, const std::string& key) {
  if (!is_signed(request)) return refusal(403, "SignatureDoesNotMatch");
  if (key.empty()) return refusal(404, "NoSuchBucket");
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

bool S3Server::is_same_tag(const std::string& given, const std::string& body) const {
  const std::string quoted = tag(body);
  const std::string bare = quoted.substr(1, quoted.size() - 2);
  return (options_.knows_quotes && given == quoted) || (!options_.wants_quotes && given == bare);
}

Response S3Server::write(const Request& request, const std::string& key) {
  const std::string none_match = header(request, "if-none-match");
  const std::string match = header(request, "if-match");
  if (options_.knows_no_conditions && !(none_match + match).empty()) return refusal(501, "NotImplemented");
  const auto found = objects_.find(key);
  const bool is_there = found != objects_.end();
  if (!options_.ignores_none_match && !none_match.empty() && is_there) return refusal(412, "PreconditionFailed");
  if (!options_.ignores_match && !match.empty()) {
    if (!is_there) return refusal(404, "NoSuchKey");
    if (!is_same_tag(match, found->second)) return refusal(412, "PreconditionFailed");
  }
  objects_[key] = request.body;
  return {.status = 200, .headers = {{"etag", tag(request.body)}}};
}

std::map<std::string, std::string> S3Server::objects() const {
  const std::lock_guard guard(mutex_);
  return objects_;
}

std::vector<std::string> S3Server::exchanges() const {
  const std::lock_guard guard(mutex_);
  return exchanges_;
}

}  // namespace skep::testing
