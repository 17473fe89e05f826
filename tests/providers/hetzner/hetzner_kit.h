// A whole skep over the simulated cloud, without threads and without waiting: plan, apply, faults, crashes.
#pragma once

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
#include "providers/hetzner/hetzner.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/hetzner_http.h"
#include "tests/providers/hetzner/simulator_kit.h"

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

/// Lets all requests through but one.
class FaultyHttp final : public Http {
 public:
  FaultyHttp(Http& next, HetznerCloud& cloud) : next_(next), cloud_(cloud) {}

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
  HetznerCloud& cloud_;
  int count_ = 0;
  int position_ = -1;
  Fault fault_ = Fault::refused;
  std::string struck_;
};

/// A cluster at hetzner: a pool "manager" that spreads, and what else the test adds.
Spec hetzner_spec(int managers, int workers = 0);
/// The node has a volume "data".
void add_volume(PoolSpec& pool, std::uint64_t size_gb, bool protect = false);

class HetznerWorld {
 public:
  explicit HetznerWorld(HetznerOptions options = {});

  /// As a new run of skep: nothing is remembered but the state.
  void restart();

  Result<Plan> plan(const Spec& spec);
  /// Plans and carries out. Failures of steps are joined in one error.
  Result<Summary> apply(const Spec& spec);
  /// The plan of the empty cluster.
  Result<Summary> destroy(const Spec& spec);

  /// What the plan would do, a line each: "create server/manager-1".
  std::string plan_text(const Spec& spec);
  /// What exists, of kinds that skep makes: "servers: demo-manager-1 demo-manager-2".
  std::string what_exists() const;
  const Object& object(const std::string& id) const { return store.state().records.at(*parse_resource_id(id)).object; }

  HetznerCloud cloud;
  ManualClock clock;
  MemoryStore store;
  Driver* driver(const std::string& name) { return catalog_->find(name); }
  Provider& provider() { return *provider_; }
  FaultyHttp& http() { return faulty_; }
  JudgedHttp& judge() { return judged_; }

 private:
  Result<Summary> carry_out(const Plan& plan);
  Result<Plan> plan_of(const Spec& spec, bool is_destroyed);

  HetznerHttp direct_;
  JudgedHttp judged_;
  FaultyHttp faulty_;
  SameBytes random_;
  SerialRunner runner_;
  std::unique_ptr<Provider> provider_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace skep::testing
