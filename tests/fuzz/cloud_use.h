// What a fuzz target of a cloud does: every driver's every verb, and what a plan asks, with the answers of an input.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/model/resource.h"

namespace skep::fuzz {

/// What a provider makes of this spec, as the executor hands it over: each reference is an id by now.
std::vector<Resource> cloud_resources(const std::string& provider, const std::string& spec_text);

/// The first two bytes of the input choose a resource and a verb; each part after them is one answer: a line with the
/// status, headers, an empty line, the body.
void use_cloud(const std::string& provider, const std::vector<Resource>& all, const std::uint8_t* data,
               std::size_t size);

}  // namespace skep::fuzz
