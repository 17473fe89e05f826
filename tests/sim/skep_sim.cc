// skep_sim: runs random worlds and every crash point of fixed scenarios, and prints what was tried.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "tests/sim/random_world.h"
#include "tests/sim/scenarios.h"

namespace skep::sim {
namespace {

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 20'000;
  std::optional<std::uint64_t> replay = {};
  std::uint64_t jobs = std::max(1U, std::thread::hardware_concurrency());
};

constexpr std::string_view usage =
    "skep_sim [--seeds N] [--first S] [--jobs N]   run N random worlds from seed S on\n"
    "skep_sim --replay S                           run the world of one seed and tell of it\n";

std::optional<Arguments> parse(std::span<char*> words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == words.size()) return std::nullopt;
    const std::string_view value = words[i + 1];
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    if (name == "--seeds")
      arguments.seeds = number;
    else if (name == "--first")
      arguments.first = number;
    else if (name == "--jobs" && number > 0)
      arguments.jobs = number;
    else if (name == "--replay")
      arguments.replay = number;
    else
      return std::nullopt;
  }
  return arguments;
}

int replay(std::uint64_t seed) {
  const auto report = run_random_world(seed, Mutant::none, [](const std::string& text) { fmt::print("{}\n", text); });
  for (const auto& problem : report.problems) fmt::print("problem: {}\n", problem);
  if (report.problems.empty()) fmt::print("seed {}: every law holds\n", seed);
  return report.problems.empty() ? 0 : 1;
}

// Shares numbers out among threads; each does the same wherever it runs.
void share_out(std::uint64_t first, std::uint64_t count, std::uint64_t jobs,
               const std::function<void(std::uint64_t)>& body) {
  std::atomic<std::uint64_t> next = first;
  std::vector<std::jthread> threads;
  for (std::uint64_t job = 0; job < jobs; ++job) {
    threads.emplace_back([&] {
      for (std::uint64_t number = next++; number < first + count; number = next++) body(number);
    });
  }
}

struct Totals {
  std::uint64_t broken = 0;
  WorldReport sum = {};
};

Totals run_worlds(const Arguments& arguments) {
  Totals totals;
  std::mutex mutex;
  share_out(arguments.first, arguments.seeds, arguments.jobs, [&](std::uint64_t seed) {
    const WorldReport report = run_random_world(seed);
    const std::scoped_lock lock(mutex);
    totals.sum.applies += report.applies;
    totals.sum.points += report.points;
    totals.sum.counts.add(report.counts);
    if (report.problems.empty()) return;
    ++totals.broken;
    fmt::print("seed {}: {}\n", seed, report.problems.front());
  });
  return totals;
}

// Prints one line a scenario; returns how many broke a law.
std::uint64_t run_scenarios(std::uint64_t jobs) {
  const auto all = scenarios();
  std::vector<Findings> found(all.size());
  share_out(0, all.size(), jobs, [&](std::uint64_t number) { found[number] = all[number].run(Mutant::none); });
  std::uint64_t points = 0;
  std::uint64_t broken = 0;
  fmt::print("\n{:40}{:>11}\n", "cut off at every point", "points");
  for (std::size_t number = 0; number < all.size(); ++number) {
    fmt::print("{:40}{:>11}\n", all[number].name, found[number].points);
    points += found[number].points;
    broken += found[number].problems.empty() ? 0 : 1;
    for (const auto& problem : found[number].problems) fmt::print("  {}\n", problem);
  }
  fmt::print("{:40}{:>11}\n", "all", points);
  return broken;
}

// Returns how many mutants went unnoticed.
std::uint64_t run_mutants(std::uint64_t jobs) {
  constexpr std::uint64_t most_seeds = 10'000;
  const auto all = mutant_cases();
  std::vector<std::uint64_t> noticed(all.size());
  share_out(0, all.size(), jobs,
            [&](std::uint64_t number) { noticed[number] = first_noticed(all[number], most_seeds); });
  fmt::print("\n{:40}{:>11}\n", "mutants", "world");
  for (std::size_t number = 0; number < all.size(); ++number)
    fmt::print("{:40}{:>11}  {}\n", mutant_names[static_cast<std::size_t>(all[number].mutant)],
               noticed[number] == 0 ? "unnoticed" : std::to_string(noticed[number]), all[number].what);
  const auto unnoticed = static_cast<std::uint64_t>(std::ranges::count(noticed, std::uint64_t{0}));
  fmt::print("noticed: {} of {}\n", all.size() - unnoticed, all.size());
  return unnoticed;
}

void print_counts(const FaultCounts& counts) {
  fmt::print("\n{:14}", "faults at");
  for (const auto name : call_names) fmt::print("{:>11}", name);
  fmt::print("{:>11}\n", "all");
  for (std::size_t fault = 0; fault < fault_names.size(); ++fault) {
    std::uint64_t all = 0;
    fmt::print("{:14}", fault_names[fault]);
    for (const auto count : counts.counts[fault]) {
      all += count;
      fmt::print("{:>11}", count == 0 ? "-" : std::to_string(count));
    }
    fmt::print("{:>11}\n", all);
  }
}

int run(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const Totals totals = run_worlds(arguments);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  fmt::print("worlds {}, {:.0f} a second; {} applies under faults, {} points at which something could go wrong\n",
             arguments.seeds, static_cast<double>(arguments.seeds) / elapsed.count(), totals.sum.applies,
             totals.sum.points);
  print_counts(totals.sum.counts);
  const std::uint64_t broken = run_scenarios(arguments.jobs);
  const std::uint64_t unnoticed = run_mutants(arguments.jobs);
  fmt::print("\nworlds that broke a law: {}; scenarios: {}\n", totals.broken, broken);
  if (totals.broken > 0) fmt::print("replay one with: skep_sim --replay SEED\n");
  return totals.broken + broken + unnoticed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace skep::sim

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a seed is told at once, also to a file
  const auto arguments = skep::sim::parse({words + 1, static_cast<std::size_t>(count - 1)});
  if (!arguments) {
    fmt::print(stderr, "{}", skep::sim::usage);
    return 64;
  }
  return arguments->replay ? skep::sim::replay(*arguments->replay) : skep::sim::run(*arguments);
}
