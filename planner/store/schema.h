// How a state file looks inside: its tables, and the numbers by which it is known as ours.
#pragma once

#include <cstdint>

namespace skep {

inline constexpr std::int64_t state_application_id = 0x736B6570;  // "skep", as `file` shows it
inline constexpr std::int64_t state_format = 1;                   // PRAGMA user_version; a greater one is refused

/// Makes all tables and sets both numbers; for an empty file, inside a transaction.
extern const char* const state_schema;

}  // namespace skep
