// A whole skep over a simulated cloud, without threads and without waiting: plan, apply, faults, crashes. For tests of
// providers: each derives a world of its own.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "planner/engine/expand.h"
#include "planner/engine/make_plan.h"
#include "planner/engine/observe.h"
#include "planner/engine/runner.h"
#include "tests/fakes/http_script.h"
#include "tests/fakes/memory_store.h"

namespace skep::testing {

/// One job after the other, when somebody waits.
class SerialRunner final : public Runner {
 public:
  std::size_t capacity() const override { return 1000; }
  void start(StepId step, std::function<StepResult(Say)> job) override { jobs_.emplace_back(step, std::move(job)); }
  std::vector<Notice> wait() override {
    auto [step, job] = std::move(jobs_.front());
    jobs_.pop_front();
    return {{.kind = Notice::Kind::finished, .step = step, .result = job([](std::string_view) {})}};
  }

 private:
  std::deque<std::pair<StepId, std::function<StepResult(Say)>>> jobs_;
};

enum class Fault { refused, reset_before, reset_after, limit, error_500, html_502_after, truncated, action_error };
const char* name_of(Fault fault);

/// How a cloud says what goes wrong.
struct FaultWords {
  std::string prefix;                             // "/v1": what paths begin with
  std::string limit_body;                         // of a 429
  std::string error_body;                         // of a 500
  std::function<void(const Json&)> fail_actions;  // those that an answer names end in error
};

/// Lets all requests through but one.
class FaultyHttp final : public Http {
 public:
  FaultyHttp(Http& next, FaultWords words) : next_(next), words_(std::move(words)) {}

  Result<Response> send(const Request& request, const Context& context) override;

  /// From now on the n-th request (from 0) goes wrong; -1: none.
  void arm(int position, Fault fault) {
    count_ = 0;
    position_ = position;
    fault_ = fault;
  }
  int count() const { return count_; }
  const std::string& struck() const { return struck_; }  // "POST /servers"

 private:
  Result<Response> strike(const Request& request, const Context& context);

  Http& next_;
  const FaultWords words_;
  int count_ = 0;
  int position_ = -1;
  Fault fault_ = Fault::refused;
  std::string struck_;
};

/// A pool of so many nodes, NAME-1 and so on; the test adds the rest.
PoolSpec pool_of(const Spec& spec, const std::string& name, Role role, int count);
/// The node has a volume "data".
void add_volume(PoolSpec& pool, std::uint64_t size_gb, bool protect = false);

class ApplyWorld {
 public:
  ApplyWorld() : ApplyWorld(std::make_unique<SerialRunner>()) {}
  explicit ApplyWorld(std::unique_ptr<Runner> runner) : runner_(std::move(runner)) {}
  virtual ~ApplyWorld() = default;

  Result<Plan> plan(const Spec& spec);
  /// Plans and carries out. Failures of steps are joined in one error.
  Result<Summary> apply(const Spec& spec);
  Result<Summary> carry_out(const Plan& plan);
  /// The plan of the empty cluster.
  Result<Summary> destroy(const Spec& spec);

  /// What the plan would do, a line each: "create server/manager-1".
  std::string plan_text(const Spec& spec);
  const Object& object(const std::string& id) const { return store.state().records.at(*parse_resource_id(id)).object; }
  Driver* driver(const std::string& name) { return catalog_->find(name); }
  Provider& provider() { return *providers_.front(); }
  std::vector<Provider*> all_providers() const;

  ManualClock clock;
  MemoryStore store;

 protected:
  /// A new run: nothing is remembered but the state.
  void begin_run(std::unique_ptr<Provider> provider, std::unique_ptr<Provider> second = nullptr);

 private:
  virtual const Clock& time() const { return clock; }
  Executor executor();
  Result<Plan> plan_of(const Spec& spec, bool is_destroyed);

  std::unique_ptr<Runner> runner_;
  std::vector<std::unique_ptr<Provider>> providers_;
  std::unique_ptr<Catalog> catalog_;
};

/// What the provider says of an order before it is placed.
struct Asked {
  ErrorCode code = ErrorCode::internal;
  std::string text;  // message and hint; empty: nothing stands against it
};

std::vector<Resource> resources_of(ApplyWorld& world, const Spec& spec, std::size_t keys = 1);
Asked asked(ApplyWorld& world, const Spec& spec, std::size_t keys = 1);

/// "servers: demo-manager-1 demo-manager-2", a line for each of these kinds of which there are some.
template <class Cloud>
std::string names_in(const Cloud& cloud, const std::vector<std::string>& kinds, const char* member = "name") {
  std::string text;
  for (const auto& kind : kinds) {
    std::vector<std::string> names;
    for (const auto& object : cloud.all(kind)) names.push_back(object[member]);
    std::sort(names.begin(), names.end());
    if (names.empty()) continue;
    text += kind + ":";
    for (const auto& name : names) text += " " + name;
    text += "\n";
  }
  return text;
}

/// Empty, or what is wrong after one request of an apply failed and another run followed.
template <class World>
std::string outcome_of(const Spec& spec, int position, Fault fault, const std::string& wanted, int& passed_at_once) {
  World world;
  world.http().arm(position, fault);
  const auto first = world.apply(spec);
  world.http().arm(-1, fault);
  world.cloud.options().failing_actions.clear();
  if (first.ok()) ++passed_at_once;
  if (!first.ok() && first.error().message.size() < 20) return "says only: " + first.error().message;
  world.restart();
  world.clock.advance(std::chrono::minutes(2));
  const std::string struck = world.http().struck() + ": ";
  const auto second = world.apply(spec);
  if (!second.ok()) return struck + "the next run fails: " + second.error().message;
  if (world.what_exists() != wanted) return struck + "there is\n" + world.what_exists();
  world.restart();
  const std::string left = world.plan_text(spec);
  return left.empty() ? "" : struck + "the plan is not empty:\n" + left;
}

/// Each single request of an apply goes wrong in turn, in each way: the run ends with a message, and the next one
/// brings everything to its end, with no object too many. Prints the table.
template <class World>
void expect_every_fault_is_survived(const Spec& spec, int requests_least) {
  World calm;
  ASSERT_TRUE(calm.apply(spec).ok());
  const std::string wanted = calm.what_exists();
  const int requests = calm.http().count();
  ASSERT_GT(requests, requests_least);
  fmt::print("{:<14} {:>8} {:>16} {:>18}\n", "fault", "requests", "passed at once", "by the next run");
  for (const Fault fault : {Fault::refused, Fault::reset_before, Fault::reset_after, Fault::limit, Fault::error_500,
                            Fault::html_502_after, Fault::truncated, Fault::action_error}) {
    int at_once = 0;
    int converged = 0;
    for (int position = 0; position < requests; ++position) {
      const std::string wrong = outcome_of<World>(spec, position, fault, wanted, at_once);
      EXPECT_EQ(wrong, "") << name_of(fault) << " at request " << position;
      converged += wrong.empty() ? 1 : 0;
    }
    fmt::print("{:<14} {:>8} {:>16} {:>18}\n", name_of(fault), requests, at_once, converged - at_once);
  }
}

}  // namespace skep::testing
