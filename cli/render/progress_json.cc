#include "cli/render/progress_json.h"

#include "planner/model/plan_json.h"

namespace skep {

namespace {

const char* type_of(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::started:
      return "step_started";
    case Event::Kind::said:
      return "step_said";
    case Event::Kind::finished:
      return "step_finished";
    case Event::Kind::failed:
      return "step_failed";
    case Event::Kind::stopped:
      return "step_stopped";
    case Event::Kind::skipped:
      return "step_skipped";
    case Event::Kind::stopping:
      return "stopping";
  }
  return "unknown";
}

}  // namespace

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return "invalid_input";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::denied:
      return "denied";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::exhausted:
      return "exhausted";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::unknown_outcome:
      return "unknown_outcome";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Json error_json(const Error& error) {
  return {{"code", error_code_name(error.code)}, {"message", error.message}, {"hint", error.hint}};
}

void ProgressJson::on(const Event& event) {
  Json line = {{"format_version", "1.0"},
               {"type", type_of(event.kind)},
               {"timestamp", rfc3339(clock_.wall())},
               {"done", event.done},
               {"total", event.total}};
  if (event.kind != Event::Kind::stopping) {
    line["step"] = event.step;
    line["id"] = to_text(event.id);
    line["action"] = step_action_name(event.action);
    line["node"] = event.node;
  }
  if (!event.text.empty()) line["text"] = event.text;
  if (event.error) line["error"] = error_json(*event.error);
  const bool has_ended =
      event.kind == Event::Kind::finished || event.kind == Event::Kind::failed || event.kind == Event::Kind::stopped;
  if (has_ended) line["elapsed_ms"] = event.elapsed.count();
  out_ << dump_json(line) << std::endl;
}

}  // namespace skep
