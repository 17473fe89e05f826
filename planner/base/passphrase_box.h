// Bytes under a passphrase: nobody reads or changes them without it.
#pragma once

#include <string>
#include <string_view>

#include "planner/base/result.h"
#include "planner/base/secret.h"

namespace skep {

/// Argon2id makes the key (64 MiB, interactive), XChaCha20-Poly1305 the stream (libsodium's secretstream), in pieces of
/// 64 KiB, the last of which is marked: what was cut off is noticed. Takes about a tenth of a second, and as long as
/// the bytes take. The passphrase is not empty. Errors: exhausted (no 64 MiB to be had).
Result<std::string> box(std::string_view clear, const Secret& passphrase);

/// The other way. Errors: invalid_input (no box of ours, another passphrase, or damaged), exhausted.
Result<std::string> unbox(std::string_view boxed, const Secret& passphrase);

bool is_box(std::string_view bytes);

}  // namespace skep
