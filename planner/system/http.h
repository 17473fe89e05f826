// Seam 5 of 6: HTTP. The interface only; the real client is providers/http.
#pragma once

#include <map>
#include <string>

#include "planner/base/result.h"
#include "planner/system/context.h"

namespace skep {

struct Request {
  std::string method = "GET";
  std::string url;
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  bool repeatable = false;  // sending it twice does no harm, whatever its method; GET and HEAD always may be repeated
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers = {};  // names in lower case
  std::string body = {};
};

class Http {
 public:
  virtual ~Http() = default;

  /// One exchange; any status is a Response. Blocks at most until context.deadline. Safe from any thread.
  /// Errors: unavailable (never sent), unknown_outcome (sent, no whole answer), cancelled (stopped before it was sent,
  /// or a GET or HEAD), refused (the server's certificate is not trusted), invalid_input (no URL, no header).
  virtual Result<Response> send(const Request& request, const Context& context) = 0;
};

}  // namespace skep
