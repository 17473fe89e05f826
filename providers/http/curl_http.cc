#include "providers/http/curl_http.h"

#include "planner/system/clock.h"
#include "providers/http/curl_exchange.h"
#include "providers/http/curl_pool.h"

namespace skep {

CurlHttp::CurlHttp(CurlOptions options)
    : options_(std::move(options)), pool_(std::make_unique<CurlPool>(options_.idle_limit)) {}

CurlHttp::~CurlHttp() = default;

Result<Response> CurlHttp::send(const Request& request, const Context& context) {
  if (auto problem = unfit(request)) return *std::move(problem);
  if (context.stop.stop_requested()) {
    return Error{ErrorCode::cancelled, shown(request) + ": stopped on request"};
  }
  if (SystemClock().now() >= context.deadline) {
    return Error{ErrorCode::unavailable, shown(request) + ": the deadline passed"};
  }
  auto handle = pool_->take();
  auto result = CurlExchange(*handle, pool_->share(), request, options_).run(context);
  pool_->give_back(std::move(handle));
  return result;
}

}  // namespace skep
