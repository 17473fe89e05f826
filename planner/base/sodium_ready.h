// libsodium wants to be greeted before its first use.
#pragma once

#include <sodium.h>

#include <cassert>

namespace skep {

/// Safe from any thread, and free after the first time.
inline void ensure_sodium_ready() {
  static const bool is_ready = sodium_init() >= 0;
  assert(is_ready);
}

}  // namespace skep
