// Seam 2 of 6: randomness. Seeded in tests, the kernel's in production.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace skep {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;  // safe from any thread
};

/// getrandom(2).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

/// Uniform in [0, bound). `bound` must not be 0.
std::uint64_t random_below(Random& random, std::uint64_t bound);
/// 26 characters of Crockford base 32 from 128 random bits: an identifier that is never reused.
std::string random_id(Random& random);
std::array<std::uint8_t, 32> random_seed(Random& random);

}  // namespace skep
