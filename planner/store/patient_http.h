// Requests of a state's place that are sent again: what never arrived, 429 and 5xx.
#pragma once

#include <initializer_list>
#include <string>

#include "planner/system/clock.h"
#include "planner/system/http.h"

namespace skep {

struct Patience {
  int retry_max = 2;  // further tries after the first
  Duration wait_min = std::chrono::seconds(1);
  Duration wait_max = std::chrono::seconds(30);
};

/// The last result, whatever it is. Only for what does no harm when it is done twice.
Result<Response> send_patiently(Http& http, const Clock& clock, const Patience& patience, const Request& request,
                                const Context& context);

/// Whether another try may bring another result; the request may have been done all the same.
bool may_pass(const Result<Response>& result);

bool is_one_of(int status, std::initializer_list<int> codes);

/// The first words of an answer, for people.
std::string excerpt(const std::string& body);

}  // namespace skep
