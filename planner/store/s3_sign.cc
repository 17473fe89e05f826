#include "planner/store/s3_sign.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "planner/system/clock.h"

namespace skep {

namespace {

std::string percent_encoded(const std::string& text) {
  const std::string plain = "-._~/";
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_plain = byte < 128 && (std::isalnum(byte) != 0 || plain.find(letter) != std::string::npos);
    encoded += is_plain ? std::string(1, letter) : fmt::format("%{:02X}", byte);
  }
  return encoded;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

// "20130524T000000Z" of "2013-05-24T00:00:00Z".
std::string basic_time(WallTime time) {
  std::string text = rfc3339(time);
  std::erase_if(text, [](char letter) { return letter == '-' || letter == ':'; });
  return text;
}

}  // namespace

Request sign_s3(Request request, const S3Credentials& credentials, const std::string& region, WallTime now) {
  const std::string time = basic_time(now);
  const std::string day = time.substr(0, 8);
  const std::string digest = sha256_hex(request.body);
  request.headers["x-amz-date"] = time;
  request.headers["x-amz-content-sha256"] = digest;
  if (!credentials.session_token.empty()) request.headers["x-amz-security-token"] = credentials.session_token.reveal();

  const auto host_begin = request.url.find("://") + 3;
  const auto path_begin = std::min(request.url.find('/', host_begin), request.url.size());
  std::map<std::string, std::string> headers = {{"host", request.url.substr(host_begin, path_begin - host_begin)}};
  for (const auto& [name, value] : request.headers) headers[lower_case(name)] = trim(value);
  std::string lines;
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    lines += name + ":" + value + "\n";
    names.push_back(name);
  }
  const std::string path = request.url.substr(path_begin);
  const std::string canonical =
      fmt::format("{}\n{}\n\n{}\n{}\n{}", request.method, path.empty() ? "/" : path, lines, join(names, ";"), digest);
  const std::string scope = day + "/" + region + "/s3/aws4_request";
  const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, sha256_hex(canonical));
  std::string key = "AWS4" + credentials.secret.reveal();
  for (const std::string& part : {day, region, std::string("s3"), std::string("aws4_request")})
    key = keyed_digest(key, part);
  request.headers["Authorization"] =
      fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}", credentials.key_id, scope,
                  join(names, ";"), keyed_digest_hex(key, to_sign));
  return request;
}

std::string s3_path(const std::string& bucket, const std::string& key) {
  return "/" + percent_encoded(bucket) + "/" + percent_encoded(key);
}

}  // namespace skep
