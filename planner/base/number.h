// Numbers in texts that come from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skep {

/// The whole text as a decimal integer; nothing for anything else, and for what does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace skep
