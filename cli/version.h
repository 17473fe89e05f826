// The version of this build; the same as in CMakeLists.txt, which a test checks.
#pragma once

namespace skep {

inline constexpr const char* version_text = "0.1.0";

}  // namespace skep
