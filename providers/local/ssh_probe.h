// Small looks at a machine from outside.
#pragma once

#include <cstdint>
#include <string>

#include "planner/system/context.h"

namespace skep {

/// Whether something at the address greets as SSH servers do. Blocks until it answers or refuses, or the deadline.
bool answers_ssh(const std::string& address, std::uint16_t port, const Context& context);

/// The last 16 KiB of a file, or "".
std::string read_tail(const std::string& path);

}  // namespace skep
