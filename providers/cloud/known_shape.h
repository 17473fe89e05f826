// Answers of another shape than the API's document says (a proxy's, a newer API's) are errors and no crashes.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

#include "planner/base/json.h"
#include "planner/engine/driver.h"

namespace skep::cloud {

/// What `call` returns, or an error with `code` where it looks for something that an answer does not hold.
template <class Call>
auto with_known_shape(std::string_view provider, ErrorCode code, Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const Json::exception& broken) {
    return Error{code, fmt::format("{} answers in a form that skep does not know ({})", provider, broken.what()),
                 "try again later; if it stays so, report it with what --trace FILE writes"};
  }
}

/// The same for every call of a driver: unknown_outcome where it changes something, else unavailable.
std::unique_ptr<Driver> with_known_shape(std::string provider, std::unique_ptr<Driver> driver);

}  // namespace skep::cloud
