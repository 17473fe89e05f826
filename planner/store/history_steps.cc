#include "planner/store/history_steps.h"

namespace skep {

namespace {

StepNote note_of_one(const Begin& begin) { return {to_text(begin.resource.id), "begun"}; }
StepNote note_of_one(const Finish& finish) { return {to_text(finish.id), "done"}; }
StepNote note_of_one(const Abandon& abandon) { return {to_text(abandon.id), "failed"}; }

}  // namespace

StepNote note_of(const Entry& entry) {
  return std::visit([](const auto& one) { return note_of_one(one); }, entry);
}

StepNotes::StepNotes(const std::vector<HistoryStep>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) places_[steps[i].id] = i;
}

void StepNotes::note(std::span<const Entry> entries, std::vector<HistoryStep>& steps) const {
  for (const auto& entry : entries) {
    auto [id, outcome] = note_of(entry);
    if (const auto place = places_.find(id); place != places_.end()) steps[place->second].outcome = std::move(outcome);
  }
}

}  // namespace skep
