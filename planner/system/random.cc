#include "planner/system/random.h"

#include <sys/random.h>

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace skep {

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {  // no getrandom(2): nothing that we make would be unique or secret
      std::fputs("skep: the kernel gives no random numbers (getrandom)\n", stderr);
      std::abort();
    }
  }
}

std::uint64_t random_below(Random& random, std::uint64_t bound) {
  assert(bound > 0);
  const std::uint64_t rest = (UINT64_MAX % bound + 1) % bound;  // so many numbers at the top would favour the low ones
  for (;;) {
    std::array<std::uint8_t, 8> bytes = {};
    random.fill(bytes);
    std::uint64_t number = 0;
    for (const auto byte : bytes) number = number << 8 | byte;
    if (number <= UINT64_MAX - rest) return number % bound;
  }
}

std::string random_id(Random& random) {
  static constexpr char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<std::uint8_t, 16> bytes = {};
  random.fill(bytes);
  std::string id;
  unsigned buffer = 0;
  int bit_count = 2;  // two zero bits in front make 130, which is 26 digits of five
  for (const auto byte : bytes) {
    buffer = buffer << 8 | byte;
    bit_count += 8;
    for (; bit_count >= 5; bit_count -= 5) id += digits[buffer >> (bit_count - 5) & 31];
    buffer &= 31;
  }
  assert(id.size() == 26 && bit_count == 0);
  return id;
}

std::array<std::uint8_t, 32> random_seed(Random& random) {
  std::array<std::uint8_t, 32> seed = {};
  random.fill(seed);
  return seed;
}

}  // namespace skep
