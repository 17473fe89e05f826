// The real HTTP client: libcurl behind the Http seam. One exchange a call; retries, rates and traces are decorators.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "planner/system/http.h"

namespace skep {

struct CurlOptions {
  Duration timeout_connect = std::chrono::seconds(10);
  Duration timeout_exchange = std::chrono::seconds(60);  // one whole exchange; the context's deadline may be nearer
  Duration grace_after_stop = std::chrono::seconds(10);  // what a mutating request that was sent still gets
  std::size_t body_bytes_limit = 64U << 20;              // of an answer, unpacked; more is an error
  std::size_t idle_limit = 64;                           // connections kept for later
  std::string ca_file = {};                              // PEM; empty: those the system trusts
  std::string user_agent = "skep";
};

/// Keeps connections open and uses them again, speaks HTTP/2 where the server offers it over TLS, verifies certificates
/// and host names, follows no redirect. http_proxy, https_proxy, all_proxy and no_proxy of the environment are
/// honoured, but never for this computer itself (localhost, 127.0.0.0/8, ::1).
///
/// A mutating request goes over the wire once at most: where libcurl by itself would send it again on a new connection
/// (a kept one was closed under it), the outcome is unknown_outcome instead.
///
/// When stopped, a GET or HEAD, and whatever was not sent yet, ends at once as `cancelled`; a mutating request that was
/// sent is waited for during `grace_after_stop`, then its outcome is unknown.
class CurlHttp final : public Http {
 public:
  explicit CurlHttp(CurlOptions options = {});
  ~CurlHttp() override;
  CurlHttp(const CurlHttp&) = delete;
  CurlHttp& operator=(const CurlHttp&) = delete;

  Result<Response> send(const Request& request, const Context& context) override;

 private:
  const CurlOptions options_;
  std::unique_ptr<class CurlPool> pool_;
};

}  // namespace skep
