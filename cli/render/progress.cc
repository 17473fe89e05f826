#include "cli/render/progress.h"

#include "planner/engine/perform.h"

namespace skep {

std::string_view doing_word(StepAction action) {
  switch (action) {
    case StepAction::create:
      return "creating";
    case StepAction::update:
      return "updating";
    case StepAction::destroy:
      return "destroying";
    case StepAction::forget:
      return "forgetting";
    case StepAction::read:
      return "reading";
    case StepAction::prepare:
      return "preparing";
  }
  return "working on";
}

std::string_view done_word(StepAction action) {
  switch (action) {
    case StepAction::create:
      return "created";
    case StepAction::update:
      return "updated";
    case StepAction::destroy:
      return "destroyed";
    case StepAction::forget:
      return "forgotten";
    case StepAction::read:
      return "read";
    case StepAction::prepare:
      return "prepared";
  }
  return "done";
}

std::string subject_of(const Event& event) {
  return event.id.kind == list_kind ? "list of " + event.id.name : to_text(event.id);
}

}  // namespace skep
