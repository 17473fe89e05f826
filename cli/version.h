// The version of this build; the number is the same as in CMakeLists.txt, which a test checks.
#pragma once

namespace skep {

inline constexpr const char* version_text = "0.1.0";

/// Written by cmake/build_info.cmake at every build.
extern const char* const commit_text;  // twelve digits, "+dirty" appended when the tree differed; "unknown"
extern const char* const date_text;    // of the commit, "2026-05-04"
extern const char* const build_text;   // "Release, GNU 12.2.0, x86_64"

}  // namespace skep
