#include "planner/store/patient_http.h"

#include <algorithm>

#include "planner/base/text.h"

namespace skep {

Result<Response> send_patiently(Http& http, const Clock& clock, const Patience& patience, const Request& request,
                                const Context& context) {
  Duration pause = patience.wait_min;
  for (int attempt = 0;; ++attempt) {
    auto result = http.send(request, context);
    if (attempt >= patience.retry_max || !may_pass(result)) return result;
    if (!clock.sleep(pause, context).ok()) return result;
    pause = std::min(2 * pause, patience.wait_max);
  }
}

bool may_pass(const Result<Response>& result) {
  if (!result.ok())
    return result.error().code == ErrorCode::unavailable || result.error().code == ErrorCode::unknown_outcome;
  const int status = result.value().status;
  return status == 429 || (status >= 500 && status != 501);
}

bool is_one_of(int status, std::initializer_list<int> codes) {
  return std::find(codes.begin(), codes.end(), status) != codes.end();
}

std::string excerpt(const std::string& body) {
  constexpr std::size_t longest = 200;
  const auto end = body.find_first_of("\r\n");
  return std::string(trim(body.substr(0, std::min(end, longest))));
}

}  // namespace skep
