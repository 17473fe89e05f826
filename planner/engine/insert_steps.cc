#include "planner/engine/insert_steps.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep {

namespace {

// The step that it comes right before.
StepId place_of(const Insertion& one) {
  const StepId place = one.after.empty() ? 0 : *std::ranges::max_element(one.after) + 1;
  assert(std::ranges::all_of(one.before, [&](StepId later) { return later >= place; }));
  return place;
}

class Renumbering {
 public:
  explicit Renumbering(std::size_t old_count) : numbers_(old_count), more_(old_count) {}

  void put_in(Insertion& one) {
    const auto id = static_cast<StepId>(steps_.size());
    for (const StepId later : one.before) more_[later].push_back(id);
    one.step.after = std::move(one.after);
    take(std::move(one.step));
  }

  void keep(Step& step) {
    const StepId old = step.id;
    numbers_[old] = static_cast<StepId>(steps_.size());
    take(std::move(step));
    auto& after = steps_.back().after;
    after.insert(after.end(), more_[old].begin(), more_[old].end());
    std::ranges::sort(after);
  }

  const std::vector<StepId>& numbers() const { return numbers_; }
  std::vector<Step> steps() && { return std::move(steps_); }

 private:
  void take(Step step) {
    step.id = static_cast<StepId>(steps_.size());
    for (StepId& before : step.after) before = numbers_[before];
    std::ranges::sort(step.after);
    steps_.push_back(std::move(step));
  }

  std::vector<Step> steps_ = {};
  std::vector<StepId> numbers_;            // of the old steps
  std::vector<std::vector<StepId>> more_;  // what each of them waits for besides
};

}  // namespace

void insert_steps(Plan& plan, Draft& draft, std::vector<Insertion> insertions) {
  if (insertions.empty()) return;
  std::vector<std::pair<StepId, Insertion*>> places;
  for (Insertion& one : insertions) places.emplace_back(place_of(one), &one);
  std::ranges::stable_sort(places, {}, &std::pair<StepId, Insertion*>::first);
  Renumbering renumbering(plan.steps.size());
  auto next = places.begin();
  for (Step& step : plan.steps) {
    for (; next != places.end() && next->first <= step.id; ++next) renumbering.put_in(*next->second);
    renumbering.keep(step);
  }
  for (; next != places.end(); ++next) renumbering.put_in(*next->second);
  for (Item& item : draft.items)
    if (item.action != Action::none) item.step = renumbering.numbers()[item.step];
  plan.steps = std::move(renumbering).steps();
}

}  // namespace skep
