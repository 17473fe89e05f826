// The remote scripts, embedded in the build: provisioners/scripts/NAME.sh by NAME.
#pragma once

#include <optional>
#include <string_view>

namespace skep {

std::optional<std::string_view> embedded_script(std::string_view name);

}  // namespace skep
