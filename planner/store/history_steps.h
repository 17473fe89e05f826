// What the journal says of the steps of the run that writes it, so that a killed run's entry is whole as well.
#pragma once

#include <map>
#include <span>
#include <string>

#include "planner/store/journal.h"
#include "planner/store/store.h"

namespace skep {

/// The step's outcome after this entry of the journal, and whose step: {"server/a", "begun"}, "done" or "failed".
struct StepNote {
  std::string id;
  std::string outcome;
};
StepNote note_of(const Entry& entry);

/// Finds the steps of one run by their ids.
class StepNotes {
 public:
  StepNotes() = default;
  explicit StepNotes(const std::vector<HistoryStep>& steps);

  /// `steps`: those that it was made for. Ids that are none of theirs are passed over.
  void note(std::span<const Entry> entries, std::vector<HistoryStep>& steps) const;

 private:
  std::map<std::string, std::size_t> places_;
};

}  // namespace skep
