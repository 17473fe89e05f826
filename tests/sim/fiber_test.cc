// Fibers: they go on where they paused, also when exceptions pass through them.
#include "tests/sim/fiber.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace skep::sim {
namespace {

TEST(Fiber, GoesOnWhereItPaused) {
  std::string trace;
  std::vector<std::unique_ptr<Fiber>> fibers;
  for (int number = 0; number < 2; ++number) {
    fibers.push_back(std::make_unique<Fiber>([&trace, &fibers, number] {
      for (int turn = 0; turn < 2; ++turn) {
        trace += std::to_string(number) + std::to_string(turn) + " ";
        fibers[static_cast<std::size_t>(number)]->pause();
      }
    }));
  }
  for (int turn = 0; turn < 3; ++turn)
    for (auto& fiber : fibers) fiber->resume();
  EXPECT_EQ(trace, "00 10 01 11 ");
  for (auto& fiber : fibers) EXPECT_TRUE(fiber->is_done());
}

TEST(Fiber, CatchesItsOwnExceptions) {
  int caught = 0;
  Fiber fiber([&] {
    try {
      fiber.pause();
      throw std::runtime_error("from inside");
    } catch (const std::runtime_error&) {
      ++caught;
    }
  });
  fiber.resume();
  try {
    fiber.resume();
    throw std::runtime_error("from outside");
  } catch (const std::runtime_error&) {
    ++caught;
  }
  EXPECT_EQ(caught, 2);
}

}  // namespace
}  // namespace skep::sim
