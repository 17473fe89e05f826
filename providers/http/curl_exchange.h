// One exchange on one libcurl handle: how the request is put, when it is given up, and what its end means.
#pragma once

#include <curl/curl.h>

#include <array>
#include <optional>
#include <string>

#include "planner/system/http.h"
#include "providers/http/curl_http.h"
#include "providers/http/curl_pool.h"

namespace skep {

/// Made, run once, and gone; the handle may be used for the next one then.
class CurlExchange {
 public:
  /// All must outlive the exchange.
  CurlExchange(CurlHandle& handle, CURLSH* share, const Request& request, const CurlOptions& options);
  ~CurlExchange();
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  /// See CurlHttp. Blocks until the end of the exchange.
  Result<Response> run(const Context& context);

 private:
  enum class Ending { done, stopped, timed_out };

  void put_request();
  void put_body();
  void put_connection();
  Ending transfer(const Context& context);
  bool wants_to_end_now(const Context& context) const;
  Result<Response> outcome(Ending ending);
  Error failure(CURLcode code) const;
  Error described(ErrorCode code, std::string_view cause, std::string hint = {}) const;
  bool is_sent() const;
  bool is_reading() const { return request_.method == "GET" || request_.method == "HEAD"; }

  static std::size_t on_header(char* text, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* text, std::size_t size, std::size_t count, void* self);
  static int on_connected(void* self, char* remote, char* local, int remote_port, int local_port);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  CurlHandle& handle_;
  CURLSH* share_;
  const Request& request_;
  const CurlOptions& options_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  CURLcode code_ = CURLE_OK;
  Response response_;
  bool has_all_headers_ = false;
  bool is_too_long_ = false;
  int connected_count_ = 0;  // how often a connection was ready to take the request
  long bytes_before_ = 0;    // sent on the way there, to a proxy
};

/// Why the request cannot be put into HTTP at all, if so: line ends in a header, an unknown method, a URL that is none.
std::optional<Error> unfit(const Request& request);

/// "GET https://api.example.com/v1/servers": without the query and without a user's name and password.
std::string shown(const Request& request);

}  // namespace skep
