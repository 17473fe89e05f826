// What an apply and an empty plan cost at the simulated clouds, with 3 to 300 nodes: requests of each sort, and
// the time of the apply over what the cloud itself needs. On the real clock, with threads, as `skep apply` runs; a
// request takes 100 ms there and back. Nothing is done on the machines.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

#include "planner/engine/thread_runner.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/hetzner/hetzner.h"
#include "tests/bench/critical_path.h"
#include "tests/fakes/apply_kit.h"
#include "tests/fakes/digitalocean_http.h"
#include "tests/fakes/hetzner_http.h"

namespace skep::testing {
namespace {

constexpr Duration round_trip = std::chrono::milliseconds(100);
constexpr StepId no_step = static_cast<StepId>(-1);

thread_local StepId step_of_thread = no_step;

/// Threads that know for which step they work.
class StepRunner final : public Runner {
 public:
  std::size_t capacity() const override { return threads_.capacity(); }
  void start(StepId step, std::function<StepResult(Say)> job) override {
    threads_.start(step, [step, job = std::move(job)](const Say& say) {
      step_of_thread = step;
      auto result = job(say);
      step_of_thread = no_step;
      return result;
    });
  }
  std::vector<Notice> wait() override { return threads_.wait(); }

 private:
  ThreadRunner threads_;
};

/// Each request takes its time. Keeps what the requests of a step that change something need at the least: the round
/// trip, and when that begins work at the cloud, the work and one more round trip that shows its end.
template <class Cloud>
class DistantHttp final : public Http {
 public:
  DistantHttp(Cloud& cloud, const Clock& clock) : cloud_(cloud), clock_(clock), near_(cloud, clock) {}

  Result<Response> send(const Request& request, const Context& context) override {
    TRY(clock_.sleep(round_trip / 2, context));
    auto answer = handle(request, context);
    TRY(clock_.sleep(round_trip / 2, context));
    return answer;
  }

  Duration least_of(StepId step) const {
    const auto found = least_.find(step);
    return found == least_.end() ? Duration::zero() : found->second;
  }

 private:
  Result<Response> handle(const Request& request, const Context& context) {
    const std::lock_guard lock(mutex_);
    const CloudTime begun = near_.now();
    auto answer = near_.send(request, context);
    if (request.method == "GET" || !answer.ok() || answer.value().status >= 300) return answer;
    const Duration work = cloud_.begun_until() - begun;
    least_[step_of_thread] += round_trip + (work > std::chrono::milliseconds(5) ? work + round_trip : Duration::zero());
    return answer;
  }

  Cloud& cloud_;
  const Clock& clock_;
  CloudHttp<Cloud> near_;
  std::mutex mutex_;
  std::map<StepId, Duration> least_;
};

using Requests = std::map<std::string, std::size_t>;

Requests since(const Requests& before, Requests now) {
  for (const auto& [request, count] : before) {
    if ((now[request] -= count) == 0) now.erase(request);
  }
  return now;
}

struct Counts {
  std::size_t changes = 0;
  std::size_t polls = 0;
  std::size_t lists = 0;
  std::size_t reads = 0;  // of one object
};

Counts counts_of(const Requests& requests) {
  Counts counts;
  for (const auto& [request, count] : requests) {
    const bool is_poll = request.find("/actions") != std::string::npos;
    const bool is_read = request.find("{}") != std::string::npos;
    (request.starts_with("GET ") ? is_poll   ? counts.polls
                                   : is_read ? counts.reads
                                             : counts.lists
                                 : counts.changes) += count;
  }
  return counts;
}

struct HetznerParty {
  using Cloud = HetznerCloud;
  static constexpr const char* name = "hetzner";
  static constexpr const char* location = "fsn1";
  static constexpr const char* type = "cx23";
  static Duration budget(const HetznerOptions& options, std::size_t requests) {
    const double beyond = std::max(0.0, static_cast<double>(requests) - options.rate_limit);
    return std::chrono::milliseconds(static_cast<std::int64_t>(beyond / options.rate_refill * 1000));
  }
  static HetznerOptions options() { return {}; }
  static std::unique_ptr<Provider> provider(Http& http, const Clock& clock, Random& random) {
    return make_hetzner_provider({http, clock, random, Secret(std::string(64, 'k')), "http://cloud/v1"});
  }
};

struct DigitalOceanParty {
  using Cloud = DigitalOceanCloud;
  static constexpr const char* name = "digitalocean";
  static constexpr const char* location = "fra1";
  static constexpr const char* type = "s-2vcpu-4gb";
  static Duration budget(const DigitalOceanOptions& options, std::size_t requests) {
    return std::chrono::minutes((requests - 1) / static_cast<std::size_t>(options.rate_minute));
  }
  static DigitalOceanOptions options() {
    DigitalOceanOptions options;
    options.limits["droplets"] = 1000;
    return options;
  }
  static std::unique_ptr<Provider> provider(Http& http, const Clock& clock, Random& random) {
    return make_digitalocean_provider(
        {http, clock, random, Secret("dop_v1_" + std::string(64, 'a')), "http://cloud/v2"});
  }
};

template <class Party>
class BenchWorld final : public ApplyWorld {
 public:
  BenchWorld() : ApplyWorld(std::make_unique<StepRunner>()), cloud(Party::options()), http(cloud, real_clock_) {
    restart();
  }
  /// As a new run of skep: nothing is remembered but the state.
  void restart() { begin_run(Party::provider(http, real_clock_, random_)); }
  /// Those that a plan asks the cloud for: the cluster has no load balancer, and so none is looked for.
  std::size_t listed_kinds() {
    const auto drivers = provider().drivers();
    return static_cast<std::size_t>(std::ranges::count_if(drivers, [](Driver* driver) {
      return driver->schema().listed && !driver->schema().driver.ends_with(".load_balancer");
    }));
  }

 private:
  const Clock& time() const override { return real_clock_; }

  SystemClock real_clock_;
  SystemRandom random_;

 public:
  typename Party::Cloud cloud;
  DistantHttp<typename Party::Cloud> http;
};

template <class Party>
Spec bench_spec(int nodes) {
  Spec spec{.name = "demo", .provider = Party::name, .location = Party::location};
  const auto add = [&](const char* name, Role role, int count) {
    PoolSpec pool = pool_of(spec, name, role, count);
    pool.type = Party::type;
    pool.image = "debian-12";
    pool.spread = role == Role::manager && spec.provider == hetzner_provider_name;
    spec.pools[name] = pool;
  };
  add("manager", Role::manager, 3);
  if (nodes > 3) add("worker", Role::worker, nodes - 3);
  spec.floating_ips["ingress"] = {.pool = "manager"};
  return spec;
}

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Whether all went well.
template <class Party>
bool run(int nodes) {
  BenchWorld<Party> world;
  const Spec spec = bench_spec<Party>(nodes);
  const auto plan = world.plan(spec);
  if (!plan.ok()) {
    fmt::print("{:<13} {:>5} no plan: {}\n", Party::name, nodes, plan.error().message);
    return false;
  }
  const auto before = world.cloud.requests();
  const auto begun = std::chrono::steady_clock::now();
  const auto summary = world.carry_out(plan.value());
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (!summary.ok()) {
    fmt::print("{:<13} {:>5} {}\n", Party::name, nodes, summary.error().message);
    return false;
  }
  const Requests applied = since(before, world.cloud.requests());
  const Counts counts = counts_of(applied);
  const Duration budget = Party::budget(world.cloud.options(), counts.changes);
  const Duration chain =
      test::critical_path(plan.value(), [&](const Step& step) { return world.http.least_of(step.id); });

  world.restart();
  const auto after = world.cloud.requests();
  const bool is_empty = world.plan_text(spec).empty();
  const Requests looked = since(after, world.cloud.requests());
  const Counts empty = counts_of(looked);
  fmt::print("{:<13} {:>5} {:>5} {:>8} {:>6} {:>6} {:>6} {:>8} {:>6} {:>8.1f} {:>8.1f} {:>8.1f} {:>6.2f}{}\n",
             Party::name, nodes, summary.value().created, counts.changes, counts.polls, counts.lists, counts.reads,
             empty.lists + empty.reads + empty.polls, world.listed_kinds(), wall, seconds_of(chain), seconds_of(budget),
             wall / seconds_of(std::max(chain, budget)), is_empty ? "" : "  THE PLAN IS NOT EMPTY");
  std::fflush(stdout);
  return is_empty;
}

}  // namespace
}  // namespace skep::testing

int main() {
  using namespace skep::testing;
  fmt::print(
      "requests and time at simulated clouds; a request takes {} ms there and back\n"
      "  the apply of a new cluster: made: objects; changes: requests that make or change something (goal at hetzner:\n"
      "  one an object); polls, lists, reads: the other requests; then an empty plan: looked: its requests (goal: at\n"
      "  most one for each of the kinds, and its pages); and the apply's time: over chain, the longest chain of\n"
      "  steps by the cloud's own latencies, or budget, what the limit of requests costs: ratio (goal, to 100 nodes: "
      "1.1)\n"
      "{:<13} {:>5} {:>5} {:>8} {:>6} {:>6} {:>6} {:>8} {:>6} {:>8} {:>8} {:>8} {:>6}\n",
      std::chrono::duration_cast<std::chrono::milliseconds>(round_trip).count(), "", "nodes", "made", "changes",
      "polls", "lists", "reads", "looked", "kinds", "apply s", "chain s", "budget s", "ratio");
  bool is_whole = true;
  for (const int nodes : {3, 30, 100, 300}) {
    is_whole &= run<HetznerParty>(nodes);
    is_whole &= run<DigitalOceanParty>(nodes);
  }
  return is_whole ? 0 : 1;
}
