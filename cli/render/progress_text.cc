#include "cli/render/progress_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr Duration pause_between_said = std::chrono::seconds(5);
constexpr std::size_t bar_columns = 24;

Color color_of(const Event& event) {
  switch (event.kind) {
    case Event::Kind::failed:
      return Color::red;
    case Event::Kind::stopped:
    case Event::Kind::skipped:
    case Event::Kind::stopping:
      return Color::yellow;
    case Event::Kind::finished:
      return event.action == StepAction::destroy ? Color::none : Color::green;
    case Event::Kind::started:
    case Event::Kind::said:
      return Color::none;
  }
  return Color::none;
}

}  // namespace

std::string event_line(const Event& event) {
  const std::string subject = subject_of(event);
  switch (event.kind) {
    case Event::Kind::started:
      return fmt::format("{}: {}", subject, doing_word(event.action));
    case Event::Kind::said:
      return fmt::format("{}: {}", subject, event.text);
    case Event::Kind::finished:
      return fmt::format("{}: {} after {}", subject, done_word(event.action), human_duration(event.elapsed));
    case Event::Kind::failed: {
      if (!event.error) return fmt::format("{}: failed after {}", subject, human_duration(event.elapsed));
      std::string line =
          fmt::format("{}: failed after {}: {}", subject, human_duration(event.elapsed), event.error->message);
      if (!event.error->hint.empty()) line += "\n  hint: " + event.error->hint;
      return line;
    }
    case Event::Kind::stopped:
      return fmt::format("{}: stopped after {}; the next run goes on from there", subject,
                         human_duration(event.elapsed));
    case Event::Kind::skipped:
      return fmt::format("{}: not tried: {}", subject, event.text);
    case Event::Kind::stopping:
      return fmt::format("stopping: {}", event.text);
  }
  return subject;
}

void ProgressLines::on(const Event& event) {
  if (event.kind == Event::Kind::said) {
    const auto last = said_.find(event.step);
    if (last != said_.end() && event.at - last->second < pause_between_said) return;
    said_[event.step] = event.at;
  }
  std::string line = event_line(event);
  if (event.kind == Event::Kind::finished) line += fmt::format(" [{}/{}]", event.done, event.total);
  out_ << line << std::endl;  // flushed: the next moment may be the last
}

ProgressLive::ProgressLive(std::ostream& out, Style style, const Clock& clock, Options options)
    : out_(out), style_(style), clock_(clock), options_(options), since_(clock.now()) {}

void ProgressLive::on(const Event& event) {
  const std::lock_guard lock(mutex_);
  total_ = event.total;
  done_ = event.done;
  std::string above;
  switch (event.kind) {
    case Event::Kind::started:
      running_[event.step] = {subject_of(event), std::string(doing_word(event.action)), "", event.at};
      break;
    case Event::Kind::said:
      if (const auto found = running_.find(event.step); found != running_.end()) found->second.said = event.text;
      break;
    case Event::Kind::finished:
    case Event::Kind::failed:
    case Event::Kind::stopped:
    case Event::Kind::skipped:
      running_.erase(event.step);
      if (event.action != StepAction::read) above = event_line(event);  // what a read found, the plan says
      break;
    case Event::Kind::stopping:
      above = event_line(event);
      break;
  }
  if (!above.empty()) above = painted(above, color_of(event), style_) + "\n";
  draw(above);
}

void ProgressLive::tick() {
  const std::lock_guard lock(mutex_);
  draw("");
}

void ProgressLive::finish() {
  const std::lock_guard lock(mutex_);
  running_.clear();
  total_ = 0;
  draw("");
  is_finished_ = true;
}

// Writes everything in one go: up to the first line of the last drawing, clear from there, then the new one.
void ProgressLive::draw(const std::string& above) {
  if (is_finished_ || clock_.now() - since_ < options_.quiet) return;
  std::string text;
  if (drawn_lines_ > 0) text += fmt::format("\033[{}A\r\033[J", drawn_lines_);
  text += above;
  drawn_lines_ = 0;

  std::size_t subject_columns = 0;
  for (const auto& [step, running] : running_) {
    subject_columns = std::max(subject_columns, columns_of(running.subject));
  }
  const auto limit = static_cast<std::size_t>(std::max(style_.columns, 20));
  for (const auto& [step, running] : running_) {
    if (drawn_lines_ == options_.most_running) break;
    const auto elapsed = std::max(Duration(0), clock_.now() - running.since);
    std::string line =
        fmt::format("  {}  {} {:>6}", padded(running.subject, subject_columns), running.doing, human_duration(elapsed));
    if (!running.said.empty()) line += "  " + running.said;
    text += cut_to(line, limit) + "\n";
    ++drawn_lines_;
  }
  if (running_.size() > options_.most_running) {
    text += cut_to(fmt::format("  and {} more", running_.size() - options_.most_running), limit) + "\n";
    ++drawn_lines_;
  }
  if (total_ > 0) {
    text += cut_to(bar(), limit) + "\n";
    ++drawn_lines_;
  }
  out_ << text << std::flush;
}

std::string ProgressLive::bar() const {
  const std::size_t filled = bar_columns * std::min(done_, total_) / total_;
  return fmt::format("  [{}{}] {} of {}  {}", std::string(filled, '='), std::string(bar_columns - filled, ' '), done_,
                     total_, human_duration(clock_.now() - since_));
}

}  // namespace skep
