// The real skep, a state that a team shares at a real server, and the simulated Hetzner Cloud, over real HTTP.
//   skep_team_trials SKEP lost [PLACE...]            the answer to each single request of an apply is lost, one a run
//   skep_team_trials SKEP rounds COUNT [PLACE...]    two applies at once, so often
// Places: http, gitlab, s3, ceph, postgres; without any, all that can be had here. Prints what came of each. What
// happens on hosts is left out (--only): the simulated servers have none.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cli/exit_code.h"
#include "planner/base/ssh_key.h"
#include "skep_kill_world.h"
#include "tests/fakes/child_program.h"
#include "tests/fakes/cutting_proxy.h"
#include "tests/fakes/team_place.h"

namespace skep::testing {
namespace {

using Words = std::vector<std::string>;
using Places = std::vector<std::unique_ptr<TeamPlace>>;

const Words apply_words = {"apply",    "--auto-approve", "--only",  "network", "--only",
                           "firewall", "--only",         "ssh_key", "--only",  "server"};
const Words plan_words = {
    "plan", "--detailed-exitcode", "--only", "network", "--only", "firewall", "--only", "ssh_key", "--only", "server"};

std::string spec_text(const std::string& cluster, int port) {
  return fmt::format(
      "skep: 1\nname: {}\nprovider: hetzner\nlocation: fsn1\nssh: {{key: key}}\n"
      "firewall: {{inbound: [{{port: {}}}]}}\npools:\n  manager: {{role: manager, count: 1, type: cx23}}\n",
      cluster, port);
}

/// A folder as a runner has it: the spec, the key, and nothing else.
Machine make_machine(const std::string& folder, const TeamPlace& place, const std::string& cluster, int port,
                     const std::string& job) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/key") << ed25519_key_pair({}, "test").private_text.reveal();
  std::ofstream(folder + "/cluster.yaml") << spec_text(cluster, 80);
  Machine machine = {folder, place.environment(cluster, port)};
  machine.environment["CI_JOB_URL"] = "https://ci.example/-/jobs/" + job;
  return machine;
}

std::string one_line(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

struct LostAnswer {
  std::string request = {};  // empty: the run had fewer
  int request_count = 0;
  int code = 0;
  std::string said = {};
  std::string wrong = {};  // empty: all is well
};

/// What is wrong with the cluster and its state after a run that ended so.
std::string wrong_after(KillWorld& world, const Run& ran, const Machine& next) {
  const bool says_what_to_do = ran.code == exit_done || ran.err.find("hint: ") != std::string::npos;
  if (!says_what_to_do) return fmt::format("exit {} without a hint: {}", ran.code, ran.err);
  const Run unlock = world.run_at(next, {"state", "unlock"});
  if (unlock.out.find("nobody holds the lock") == std::string::npos) return "a lock is left: " + unlock.err;
  if (ran.code == exit_done && world.run_at(next, plan_words).code != exit_done) return "there is more to do";
  const Run again = world.run_at(next, apply_words);
  if (again.code != exit_done) return "the next run fails: " + again.err;
  const auto snapshot = parse_json(world.run_at(next, {"state", "pull"}).out, "state pull");
  if (!snapshot.ok()) return snapshot.error().message;
  if (snapshot.value()["records"].size() != 4) return "records: " + snapshot.value().dump();
  const Differences found = world.compare(snapshot.value());
  if (found.orphans.empty() && found.duplicates.empty() && found.missing.empty()) return "";
  return fmt::format("{} orphans, {} duplicates, {} missing", found.orphans.size(), found.duplicates.size(),
                     found.missing.size());
}

LostAnswer lose_answer(const std::string& skep, const std::string& folder, const TeamPlace& place, int cut) {
  const std::string cluster = fmt::format("lost{}", cut);
  CuttingProxy proxy(place.port(), cut);
  const Machine first = make_machine(folder + "/first", place, cluster, proxy.port(), "1");
  KillWorld world(skep, first);
  const Run ran = world.run(apply_words);
  LostAnswer lost = {.request = proxy.cut_request(), .request_count = proxy.request_count(), .code = ran.code};
  lost.said = one_line(ran.err, "error: ") + " " + one_line(ran.err, "hint: ");
  lost.wrong = wrong_after(world, ran, make_machine(folder + "/second", place, cluster, place.port(), "2"));
  return lost;
}

/// Which way a request went, without what differs from run to run.
std::string readable(const std::string& request) {
  const auto http = request.find(" HTTP/1.1");
  std::string text = request.substr(0, http);
  const auto id = text.find("?ID=");
  return text.substr(0, std::min<std::size_t>(id, 70));
}

int lose_answers(const std::string& skep, const std::string& folder, const Places& places) {
  int wrong_count = 0;
  for (const auto& place : places) {
    const LostAnswer none = lose_answer(skep, folder + "/" + place->name(), *place, 0);
    fmt::print("{}: {} requests\n", place->name(), none.request_count);
    if (!none.wrong.empty()) fmt::print("  without any loss: {}\n", none.wrong);
    wrong_count += none.wrong.empty() ? 0 : 1;
    std::vector<LostAnswer> rows(static_cast<std::size_t>(none.request_count));
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> workers;
    for (int i = 0; i < 6; ++i) {
      workers.emplace_back([&] {
        for (std::size_t at = next++; at < rows.size(); at = next++) {
          const int cut = static_cast<int>(at) + 1;
          rows[at] = lose_answer(skep, fmt::format("{}/{}-{}", folder, place->name(), cut), *place, cut);
        }
      });
    }
    workers.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const LostAnswer& row = rows[i];
      const std::string outcome = row.code == exit_done ? "done" : fmt::format("exit {}{}", row.code, row.said);
      fmt::print("  {:>2} {:<72} {}{}\n", i + 1, row.request.empty() ? "(not sent)" : readable(row.request), outcome,
                 row.wrong.empty() ? "" : "; WRONG: " + row.wrong);
      wrong_count += row.wrong.empty() ? 0 : 1;
    }
  }
  fmt::print("wrong: {}\n", wrong_count);
  return wrong_count == 0 ? 0 : 1;
}

struct Rounds {
  std::array<int, 2> wins = {};
  int holder_named = 0;
  std::vector<std::string> wrong = {};
};

/// Two runners of the same state; whoever gets the lock changes nothing before the other one has ended.
class Race {
 public:
  Race(const std::string& skep, const std::string& folder, const TeamPlace& place)
      : place_(place), folder_(folder), world_(skep, {folder}) {
    world_.before_changes([this] {
      for (int i = 0; i < 6000 && ended_ == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
  }

  Rounds run(int count) {
    Rounds rounds;
    for (int round = 1; round <= count; ++round) run_round(round, rounds);
    ended_ = 1;
    const Machine last = make_runner(count, 9);
    std::string wrong = wrong_after(world_, {}, last);
    if (!wrong.empty()) rounds.wrong.push_back(std::move(wrong));
    const auto history = parse_json(world_.run_at(last, {"state", "history", "--json", "-n", "1000"}).out, "history");
    const std::size_t applied = history.ok() ? history.value()["entries"].size() : 0;
    const auto expected = static_cast<std::size_t>(std::min(count, 100));  // as many are kept
    if (applied < expected) rounds.wrong.push_back(fmt::format("{} applies in the history", applied));
    return rounds;
  }

 private:
  Machine make_runner(int round, int number) const {
    const std::string job = fmt::format("{}{:03}", number, round);
    Machine machine = make_machine(folder_ + "/" + job, place_, "race", place_.port(), job);
    std::ofstream(machine.folder + "/cluster.yaml") << spec_text("race", 1000 + round);
    return machine;
  }

  void run_round(int round, Rounds& rounds) {
    ended_ = 0;
    std::array<Run, 2> runs;
    {
      std::vector<std::jthread> runners;
      for (std::size_t i = 0; i < runs.size(); ++i) {
        runners.emplace_back([&, i] {
          runs[i] = world_.run_at(make_runner(round, static_cast<int>(i) + 1), apply_words);
          ++ended_;
        });
      }
    }
    const std::size_t winner = runs[0].code == exit_done ? 0 : 1;
    const Run& loser = runs[1 - winner];
    if (runs[winner].code != exit_done || loser.code != exit_locked) {
      rounds.wrong.push_back(
          fmt::format("round {}: exit {} and {}: {}{}", round, runs[0].code, runs[1].code, runs[0].err, runs[1].err));
      return;
    }
    ++rounds.wins[winner];
    const bool is_named = loser.err.find(" is locked by ") != std::string::npos &&
                          loser.err.find(fmt::format("(lock job-{}{:03}-", winner + 1, round)) != std::string::npos;
    if (is_named) ++rounds.holder_named;
    if (!is_named) rounds.wrong.push_back("the holder is not named: " + loser.err);
  }

  const TeamPlace& place_;
  const std::string folder_;
  std::atomic<int> ended_ = 0;
  KillWorld world_;
};

int race(const std::string& skep, const std::string& folder, const Places& places, int count) {
  std::vector<Rounds> results(places.size());
  {
    std::vector<std::jthread> races;
    for (std::size_t i = 0; i < places.size(); ++i) {
      races.emplace_back([&, i] { results[i] = Race(skep, folder + "/" + places[i]->name(), *places[i]).run(count); });
    }
  }
  std::size_t wrong_count = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Rounds& rounds = results[i];
    fmt::print("{:<9} {} rounds: the first won {}, the second {}; exit 3 with the holder's name {}; wrong {}\n",
               places[i]->name(), count, rounds.wins[0], rounds.wins[1], rounds.holder_named, rounds.wrong.size());
    for (const auto& wrong : rounds.wrong) fmt::print("  {}\n", wrong);
    wrong_count += rounds.wrong.size();
  }
  return wrong_count == 0 ? 0 : 1;
}

int run(const Words& words) {
  const bool are_rounds = words.size() > 2 && words[1] == "rounds";
  if (words.size() < 2 || (!are_rounds && words[1] != "lost")) {
    fmt::print(stderr,
               "usage: skep_team_trials SKEP lost [PLACE...] | skep_team_trials SKEP rounds COUNT [PLACE...]\n");
    return 64;
  }
  Places places;
  for (std::size_t i = are_rounds ? 3 : 2; i < words.size(); ++i)
    if (auto place = make_team_place(words[i])) places.push_back(std::move(place));
  if (words.size() == (are_rounds ? 3U : 2U)) places = make_team_places();
  if (places.empty()) return 77;
  const std::string folder = testing::program_folder("skep-team");
  for (const auto* variable : {"SKEP_TRACE", "SSH_AUTH_SOCK"}) unsetenv(variable);
  const std::string skep = std::filesystem::absolute(words[0]);
  const int code =
      are_rounds ? race(skep, folder, places, std::atoi(words[2].c_str())) : lose_answers(skep, folder, places);
  std::filesystem::remove_all(folder);
  return code;
}

}  // namespace
}  // namespace skep::testing

int main(int count, char** words) { return skep::testing::run({words + 1, words + count}); }
