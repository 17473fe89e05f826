// How a state file looks inside: its tables, and the numbers by which it is known as ours.
#pragma once

#include <cstdint>

namespace skep {

inline constexpr std::int64_t state_application_id = 0x736B6570;  // "skep", as `file` shows it
inline constexpr std::int64_t state_format = 2;                   // PRAGMA user_version; a greater one is refused

/// Makes all tables and sets both numbers, as format 1 had them; for an empty file, inside a transaction.
extern const char* const state_schema_1;

/// From format 1, whose history had no steps, to format 2. A file of format 1 can be read as it is.
extern const char* const state_schema_2;

}  // namespace skep
