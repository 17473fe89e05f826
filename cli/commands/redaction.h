// A second net under everything that leaves skep for a file, a server or a state.
#pragma once

#include <string>

#include "cli/outside.h"

namespace skep {

/// The text with *** for the value of each variable that holds a credential of clouds, states and pipelines. Nothing of
/// ours writes one; but a server may repeat one in an error.
std::string without_secrets(std::string text, const Outside& outside);

/// The same for one secret: each of its lines that is long enough to be one.
std::string without_secret(std::string text, const std::string& secret);

}  // namespace skep
