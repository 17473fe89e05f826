// A sound HTTP server on 127.0.0.1, on a free port or a given one: a function answers every request.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "planner/system/http.h"

namespace skep::testing {

class HttpServer {
 public:
  /// `Request::url` is the target ("/v1/servers?page=1"), header names are in lower case. Called from many threads.
  using Handler = std::function<Response(const Request&)>;

  struct Options {
    int port = 0;                  // 0: a free one
    std::string certificate = {};  // PEM files: the server then speaks TLS
    std::string key = {};
  };

  /// Listens when it returns. Asserts when it cannot.
  explicit HttpServer(Handler handler) : HttpServer(std::move(handler), Options{}) {}
  HttpServer(Handler handler, const Options& options);
  ~HttpServer();  // waits for the requests under way
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  std::string url() const;  // "http://127.0.0.1:4020"
  int connection_count() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep::testing
