// kill -9 of the real skep while it makes, changes and destroys clusters at the simulated Hetzner Cloud, over real
// HTTP.
//   skep_kill_trials SKEP [TRIALS [SEED|random [PLACE]]]
// Clusters live one after the other: made, changed twice, destroyed; on the way skep is killed at random moments, now
// and then more than once in a row. Then it runs again until it is done, and the cloud must hold exactly what the state
// says, and the plan must be empty; after destroy, nothing. Some clusters are given up after a kill and destroyed at
// once. With a place that a team shares (http, gitlab, s3, ceph, postgres) every skep after a kill is on another
// machine, which has nothing but the spec and the key: it is told who holds the lock, takes it away, and goes on from
// the shared state. What happens on hosts is left out (--only): the simulated servers have none. tests/e2e/kill_test.sh
// kills there.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "cli/exit_code.h"
#include "planner/base/ssh_key.h"
#include "skep_kill_world.h"
#include "tests/fakes/team_place.h"

namespace skep::testing {
namespace {

using Words = std::vector<std::string>;
using Numbers = std::mt19937_64;

enum Stage : std::size_t { making, changing, destroying };
constexpr std::array<const char*, 3> stage_names = {"making", "changing", "destroying"};
constexpr std::array<const char*, 4> moment_names = {"at any time", "request lost", "answer lost", "request late"};
constexpr std::size_t shown_bytes = 4000;  // of what skep said, when something is wrong
constexpr int runs_at_most = 3;            // after the kill, until it is done

struct Figures {
  int trials = 0;
  int clusters = 0;
  std::array<int, 3> by_stage = {};
  std::array<int, 4> by_moment = {};
  int again = 0;
  int given_up = 0;
  int more_than_once = 0;  // needed a second run until it was done
  int orphans = 0;
  int duplicates = 0;
  int missing = 0;
  int not_done = 0;
  int not_empty = 0;
  int left = 0;
  int machines = 0;  // that skep ran on
  int locked = 0;    // by a skep that was killed, as the next one was told
  int unnamed = 0;   // the holder was not said

  bool is_clean() const { return orphans + duplicates + missing + not_done + not_empty + left + unnamed == 0; }
};

/// How long a run of a stage takes at most that nobody kills, and how many requests of it change something.
struct Usual {
  std::chrono::milliseconds took;
  int mutation_count;
};
constexpr std::chrono::milliseconds first_guess{2000};

std::uint64_t below(Numbers& numbers, std::uint64_t bound) { return numbers() % bound; }
bool one_in(Numbers& numbers, std::uint64_t bound) { return below(numbers, bound) == 0; }

/// At least one of each kind, which is what --only asks for, and now and then a second one.
struct Shape {
  std::uint64_t managers = 1;
  std::uint64_t workers = 1;
  bool is_large = false;
  bool has_volumes = false;
  bool has_second_address = false;
  bool has_second_balancer = false;
  std::uint64_t port = 80;
};

Shape random_shape(Numbers& numbers) {
  Shape shape;
  shape.managers = 1 + 2 * below(numbers, 2);
  shape.workers = below(numbers, 4);
  shape.is_large = one_in(numbers, 2);
  shape.has_volumes = one_in(numbers, 2);
  shape.has_second_address = one_in(numbers, 2);
  shape.has_second_balancer = one_in(numbers, 2);
  shape.port = 80 + below(numbers, 3);
  return shape;
}

/// Workers come and go, their type changes, and so does what stands in front of them.
Shape changed_shape(const Shape& old, Numbers& numbers) {
  Shape shape = random_shape(numbers);
  shape.managers = old.managers;
  shape.is_large = shape.is_large || old.is_large;  // a disk never shrinks, so a type with a smaller one is refused
  if (shape.workers == old.workers) ++shape.workers;
  return shape;
}

std::string spec_text(const Shape& shape, const std::string& name) {
  const std::string volumes = ", volumes: {data: {size: 10GB, mount: /srv/data, protect: false}}";
  std::string text = fmt::format(
      "skep: 1\nname: {}\nprovider: hetzner\nlocation: fsn1\nssh: {{key: key}}\n"
      "firewall: {{inbound: [{{port: {}}}]}}\npools:\n"
      "  manager: {{role: manager, count: {}, type: cx23, spread: true{}}}\n",
      name, shape.port, shape.managers, volumes);
  if (shape.workers > 0) {
    text += fmt::format("  worker: {{count: {}, type: {}{}}}\n", shape.workers, shape.is_large ? "cx33" : "cx23",
                        shape.has_volumes ? volumes : "");
  }
  text += "floating_ips:\n  ingress: {pool: manager}\n";
  if (shape.has_second_address) text += "  egress: {pool: manager}\n";
  text += fmt::format("load_balancers:\n  web: {{pool: manager, listen: [{{port: {}}}]}}\n", shape.port);
  if (shape.has_second_balancer) text += "  mail: {pool: manager, listen: [{port: 25}]}\n";
  return text;
}

Words with_cloud_kinds(Words words) {
  for (const auto* kind :
       {"network", "firewall", "ssh_key", "placement_group", "server", "volume", "floating_ip", "load_balancer"}) {
    words.insert(words.end(), {"--only", kind});
  }
  return words;
}

const Words apply_words = with_cloud_kinds({"apply", "--auto-approve"});
const Words plan_words = with_cloud_kinds({"plan", "--detailed-exitcode"});
const Words destroy_words = {"destroy", "--auto-approve", "--allow-protected"};

class Trials {
 public:
  /// `place`: where the state is shared; null: beside the spec.
  Trials(std::string skep, std::string folder, std::uint64_t seed, const TeamPlace* place,
         std::atomic<int>& trials_left)
      : trials_left_(trials_left),
        home_(std::move(folder)),
        folder_(home_),
        place_(place),
        numbers_(seed),
        world_(std::move(skep), {home_}) {
    std::array<std::uint8_t, 32> key_seed = {};
    for (auto& byte : key_seed) byte = static_cast<std::uint8_t>(numbers_());
    key_ = ed25519_key_pair(key_seed, "test").private_text.reveal();
    std::ofstream(folder_ + "/key") << key_;
  }

  /// One cluster from its making to its end.
  void live() {
    name_ = fmt::format("c{}", ++figures_.clusters);
    if (place_) name_ += "-" + std::filesystem::path(home_).filename().string();
    change_machine();
    Shape shape = random_shape(numbers_);
    bool goes_on = write_and_apply(making, shape);
    for (int i = 0; i < 2 && goes_on; ++i) {
      shape = changed_shape(shape, numbers_);
      goes_on = write_and_apply(changing, shape);
    }
    kill_some(destroying, destroy_words);
    run_until_done(destroying, destroy_words);
    world_.wait_for_late_requests();
    count("left after destroy", world_.objects(), figures_.left);
  }

  const Figures& figures() const { return figures_; }

 private:
  /// False when the cluster is given up.
  bool write_and_apply(Stage stage, const Shape& shape) {
    spec_ = spec_text(shape, name_);
    std::ofstream(folder_ + "/cluster.yaml") << spec_;
    const bool was_killed = kill_some(stage, apply_words);
    if (was_killed && one_in(numbers_, 8)) {
      world_.wait_for_late_requests();  // nobody could undo what comes after the last look
      ++figures_.given_up;
      return false;
    }
    run_until_done(stage, apply_words);
    world_.wait_for_late_requests();
    check();
    return true;
  }

  /// With a shared place: nothing of what was beside the spec is there any more.
  void change_machine() {
    if (!place_) return;
    job_ = fmt::format("{}{:03}", std::filesystem::path(home_).filename().string(), ++figures_.machines);
    folder_ = home_ + "/machine-" + job_;
    std::filesystem::create_directory(folder_);
    std::ofstream(folder_ + "/key") << key_;
    std::ofstream(folder_ + "/cluster.yaml") << spec_;
    auto environment = place_->environment(name_, place_->port());
    environment["CI_JOB_URL"] = "https://ci.example/-/jobs/" + job_;
    world_.move_to({folder_, std::move(environment)});
  }

  /// A lock that a killed skep has left is seen, and taken away by hand.
  Run run(const Words& words, const std::optional<Moment>& moment = std::nullopt) {
    Run ran = world_.run(words, moment);
    if (ran.code != exit_locked || !place_) return ran;
    ++figures_.locked;
    // The holder's job is its lock's number everywhere, and another one than ours.
    const bool is_named =
        ran.err.find("(lock job-") != std::string::npos && ran.err.find("(lock job-" + job_ + "-") == std::string::npos;
    if (!is_named) count("holder not named", {ran.err}, figures_.unnamed);
    world_.run({"state", "unlock", "--force"});
    return world_.run(words, moment);
  }

  Moment random_moment(Stage stage) {
    const Usual& usual = usual_[stage];
    Moment moment;
    moment.at = one_in(numbers_, 2) ? Moment::At::time : static_cast<Moment::At>(1 + below(numbers_, 3));
    moment.time = std::chrono::milliseconds(below(numbers_, static_cast<std::uint64_t>(usual.took.count())));
    moment.request = 1 + static_cast<int>(below(numbers_, static_cast<std::uint64_t>(usual.mutation_count)));
    if (stage == destroying && moment.at == Moment::At::late_request) moment.at = Moment::At::answer;
    return moment;
  }

  /// True when skep was killed at least once.
  bool kill_some(Stage stage, const Words& words) {
    const auto wanted = 1 + below(numbers_, 3);
    int killed = 0;
    for (std::uint64_t i = 0; i < wanted; ++i) {
      const Moment moment = random_moment(stage);
      if (!run(words, moment).was_killed) continue;
      change_machine();
      ++killed;
      ++figures_.trials;
      --trials_left_;
      ++figures_.by_stage[stage];
      ++figures_.by_moment[static_cast<std::size_t>(moment.at)];
      what_ = fmt::format("{} {}, killed {} ({} ms, request {})", name_, stage_names[stage],
                          moment_names[static_cast<std::size_t>(moment.at)], moment.time.count(), moment.request);
    }
    if (killed > 1) ++figures_.again;
    return killed > 0;
  }

  void run_until_done(Stage stage, const Words& words) {
    for (int i = 0; i < runs_at_most; ++i) {
      const Run ran = run(words);
      if (ran.code == 0) {
        if (i > 0) ++figures_.more_than_once;
        usual_[stage].took = std::max(usual_[stage].took, ran.took);
        usual_[stage].mutation_count = std::max(usual_[stage].mutation_count, ran.mutation_count);
        return;
      }
    }
    count("not done", {"skep " + words[0]}, figures_.not_done);
  }

  void check() {
    const Run pulled = world_.run({"state", "pull"});
    const auto snapshot = parse_json(pulled.out, "state pull");
    if (!snapshot.ok()) return count("no state", {snapshot.error().message}, figures_.not_done);
    const Differences found = world_.compare(snapshot.value());
    count("orphan", found.orphans, figures_.orphans);
    count("duplicate", found.duplicates, figures_.duplicates);
    count("missing", found.missing, figures_.missing);
    const Run planned = world_.run(plan_words);
    if (planned.code != 0) count("plan not empty", {planned.out}, figures_.not_empty);
  }

  void count(const char* problem, const std::vector<std::string>& found, int& figure) {
    figure += static_cast<int>(found.size());
    if (found.empty()) return;
    std::ifstream log(folder_ + "/log");
    std::string text{std::istreambuf_iterator<char>(log), {}};
    if (text.size() > shown_bytes) text.erase(0, text.size() - shown_bytes);
    for (const auto& one : found) text += fmt::format("^ {}: {}: {}\n", what_, problem, one);
    fmt::print("{}", text);
  }

  std::atomic<int>& trials_left_;  // of all worlds
  const std::string home_;
  std::string folder_;  // of the machine
  const TeamPlace* place_;
  std::string key_ = {};
  std::string spec_ = {};
  std::string job_ = {};
  Numbers numbers_;
  KillWorld world_;
  Figures figures_;
  std::string name_;
  std::string what_;
  std::array<Usual, 3> usual_ = {{{first_guess, 20}, {first_guess, 10}, {first_guess, 15}}};
};

Figures sum_of(const std::vector<Figures>& parts) {
  Figures sum;
  for (const auto& part : parts) {
    for (const auto figure :
         {&Figures::trials, &Figures::clusters, &Figures::again, &Figures::given_up, &Figures::more_than_once,
          &Figures::orphans, &Figures::duplicates, &Figures::missing, &Figures::not_done, &Figures::not_empty,
          &Figures::left, &Figures::machines, &Figures::locked, &Figures::unnamed}) {
      sum.*figure += part.*figure;
    }
    for (std::size_t i = 0; i < sum.by_stage.size(); ++i) sum.by_stage[i] += part.by_stage[i];
    for (std::size_t i = 0; i < sum.by_moment.size(); ++i) sum.by_moment[i] += part.by_moment[i];
  }
  return sum;
}

void print(const Figures& sum, std::uint64_t seed) {
  fmt::print("{} trials with kill -9 (", sum.trials);
  for (std::size_t i = 0; i < stage_names.size(); ++i) fmt::print("{} {}, ", stage_names[i], sum.by_stage[i]);
  for (std::size_t i = 0; i < moment_names.size(); ++i) fmt::print("{} {}, ", moment_names[i], sum.by_moment[i]);
  fmt::print(
      "more than once in a row {}, given up {}) on {} clusters, seed {}: orphans {}, duplicates {}, missing {}, ",
      sum.again, sum.given_up, sum.clusters, seed, sum.orphans, sum.duplicates, sum.missing);
  fmt::print("not done {}, plans not empty {}, left after destroy {}; needed more than one run {}\n", sum.not_done,
             sum.not_empty, sum.left, sum.more_than_once);
  if (sum.machines > 0)
    fmt::print("on {} machines, with the lock of a killed one {} times, whose holder was not named {}\n", sum.machines,
               sum.locked, sum.unnamed);
}

/// Worlds side by side, since skep mostly waits.
int run(const std::string& skep, int trial_count, std::uint64_t seed, const TeamPlace* place) {
  constexpr std::size_t world_count = 8;
  std::string folder = (std::filesystem::temp_directory_path() / "skep-kill.XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  for (const auto* variable : {"SKEP_TRACE", "SSH_AUTH_SOCK"}) unsetenv(variable);
  std::vector<Figures> figures(world_count);
  std::atomic<int> trials_left = trial_count;
  {
    std::vector<std::jthread> worlds;
    for (std::size_t i = 0; i < world_count; ++i) {
      worlds.emplace_back([&, i] {
        const std::string own_folder = fmt::format("{}/{}", folder, i);
        std::filesystem::create_directory(own_folder);
        Trials trials(std::filesystem::absolute(skep), own_folder, seed + i, place, trials_left);
        while (trials_left > 0 && trials.figures().is_clean()) trials.live();
        figures[i] = trials.figures();
      });
    }
  }
  const Figures sum = sum_of(figures);
  print(sum, seed);
  std::filesystem::remove_all(folder);
  return sum.is_clean() && sum.trials >= trial_count ? 0 : 1;
}

}  // namespace
}  // namespace skep::testing

int main(int count, char** words) {
  if (count < 2 || count > 5) {
    fmt::print(stderr, "usage: skep_kill_trials SKEP [TRIALS [SEED|random [PLACE]]]\n");
    return 64;
  }
  const int trial_count = count > 2 ? std::atoi(words[2]) : 200;
  const std::string given = count > 3 ? words[3] : "random";
  const std::uint64_t seed = given == "random" ? std::random_device()() : std::strtoull(words[3], nullptr, 10);
  const auto place = count > 4 ? skep::testing::make_team_place(words[4]) : nullptr;
  if (count > 4 && !place) return 77;
  return skep::testing::run(words[1], trial_count, seed, place.get());
}
