#include "planner/engine/frontier.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace skep {

Frontier::Frontier(const Plan& plan)
    : plan_(plan),
      dependents_(plan.steps.size()),
      waits_for_(plan.steps.size(), 0),
      status_(plan.steps.size(), Status::waiting) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    assert(step.id == i);
    for (const StepId before : step.after) {
      assert(before < plan.steps.size());
      dependents_[before].push_back(step.id);
    }
    waits_for_[i] = step.after.size();
  }
  for (const Step& step : plan.steps)
    if (waits_for_[step.id] == 0) enter(step.id);
}

std::optional<StepId> Frontier::take() {
  Pool* first = nullptr;
  for (auto& [name, pool] : pools_) {
    if (pool.ready.empty() || pool.used >= pool.limit) continue;
    if (!first || *pool.ready.begin() < *first->ready.begin()) first = &pool;
  }
  if (!first) return std::nullopt;
  const StepId step = *first->ready.begin();
  first->ready.erase(first->ready.begin());
  ++first->used;
  status_[step] = Status::running;
  return step;
}

void Frontier::done(StepId step) {
  assert(status_[step] == Status::running);
  status_[step] = Status::done;
  --pool_of(step).used;
  for (const StepId next : dependents_[step]) {
    if (--waits_for_[next] == 0 && status_[next] == Status::waiting) enter(next);
  }
}

std::vector<StepId> Frontier::failed(StepId step) {
  assert(status_[step] == Status::running);
  status_[step] = Status::failed;
  --pool_of(step).used;
  std::vector<StepId> doomed;
  std::vector<StepId> look = {step};
  while (!look.empty()) {
    const StepId from = look.back();
    look.pop_back();
    for (const StepId next : dependents_[from]) {
      if (status_[next] != Status::waiting) continue;
      status_[next] = Status::doomed;
      doomed.push_back(next);
      look.push_back(next);
    }
  }
  std::ranges::sort(doomed);
  return doomed;
}

std::vector<StepId> Frontier::untouched() const {
  std::vector<StepId> steps;
  for (StepId step = 0; step < status_.size(); ++step)
    if (status_[step] == Status::waiting) steps.push_back(step);
  return steps;
}

// Steps whose pool has no limit in the plan share one queue without a limit.
Frontier::Pool& Frontier::pool_of(StepId step) {
  const std::string& name = plan_.steps[step].resource.pool;
  const auto limit = plan_.pools.find(name);
  if (limit == plan_.pools.end())
    return pools_.try_emplace("", Pool{.limit = std::numeric_limits<std::uint32_t>::max()}).first->second;
  return pools_.try_emplace(name, Pool{.limit = std::max<std::uint32_t>(limit->second, 1)}).first->second;
}

void Frontier::enter(StepId step) { pool_of(step).ready.insert(step); }

}  // namespace skep
