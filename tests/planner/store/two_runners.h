// Two runners that want the same state at the same moment, many times over.
#pragma once

#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <thread>

#include "store_folder.h"

namespace skep {

/// Each round both ask for the lock; one gets it and records a server, the other is told who has it. `open` is called
/// once by each of the two threads.
inline void expect_one_wins_each_round(const std::function<std::unique_ptr<Store>()>& open, int rounds) {
  std::barrier together(2);
  std::vector<std::vector<int>> wins(2);
  const auto run = [&](int runner) {
    const auto store = open();
    for (int round = 0; round < rounds; ++round) {
      together.arrive_and_wait();
      {
        auto lock = store->lock({.user = "runner" + std::to_string(runner), .host = "ci", .operation = "apply"});
        together.arrive_and_wait();  // both have asked
        if (lock.ok()) {
          wins[static_cast<std::size_t>(runner)].push_back(round);
          EXPECT_TRUE(store->load().ok());
          EXPECT_TRUE(store->record(std::vector<Entry>{finish(server("n" + std::to_string(round)))}).ok());
        } else {
          EXPECT_EQ(lock.error().code, ErrorCode::conflict) << lock.error().message;
          EXPECT_NE(lock.error().message.find("runner" + std::to_string(1 - runner) + "@ci"), std::string::npos)
              << lock.error().message;
        }
        together.arrive_and_wait();
      }
    }
  };
  std::thread other([&] { run(1); });
  run(0);
  other.join();
  EXPECT_EQ(wins[0].size() + wins[1].size(), static_cast<std::size_t>(rounds)) << "one each round";
  EXPECT_EQ(open()->load().value().records.size(), static_cast<std::size_t>(rounds)) << "nothing is lost";
}

}  // namespace skep
