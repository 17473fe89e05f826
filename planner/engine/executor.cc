#include "planner/engine/executor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "planner/engine/frontier.h"
#include "planner/engine/perform.h"
#include "planner/engine/resolve.h"
#include "planner/engine/slowest_path.h"

namespace skep {

namespace {

constexpr Duration results_wait_at_most = std::chrono::seconds(10);

Duration timeout_of(const Schema& schema, StepAction action) {
  switch (action) {
    case StepAction::create:
      return schema.timeout_create;
    case StepAction::update:
    case StepAction::prepare:
      return schema.timeout_update;
    case StepAction::destroy:
      return schema.timeout_destroy;
    case StepAction::read:
    case StepAction::forget:
      return schema.timeout_read;
  }
  return schema.timeout_read;
}

bool is_journaled(StepAction action) { return action != StepAction::read && action != StepAction::prepare; }

// One run of one plan: all that the loop knows. Used from one thread only.
class Run {
 public:
  Run(const ExecutorParts& parts, const Plan& plan, Journal& journal, std::stop_token stop)
      : parts_(parts),
        plan_(plan),
        journal_(journal),
        stop_(std::move(stop)),
        frontier_(plan),
        objects_(plan.known),
        begin_(parts.clock.now()),
        unwritten_since_(begin_) {}

  Result<Summary> go();

 private:
  struct Running {
    Instant since = {};
    Attributes inputs = Attributes::object();  // as resolved when it started
  };

  std::vector<Work> pick();
  std::optional<Work> prepare(const Step& step);
  bool write_down(const std::vector<Work>& picked);
  void launch(const std::vector<Work>& picked);
  void take_in(Notice notice);
  void gather();
  bool may_wait(const std::vector<Work>& picked) const;
  void succeed(const Step& step, StepOutcome outcome);
  void begin_along(const Step& step, const Object& made);
  void fail(const Step& step, const Error& error);
  void forget(const Step& step);
  bool is_told_of(const ResourceId& id) const;
  void note_timing(const Step& step);
  void note_stop();
  Summary close();
  void tell(Event::Kind kind, const Step& step, std::string text = {}, std::optional<Error> error = {});

  const ExecutorParts& parts_;
  const Plan& plan_;
  Journal& journal_;
  std::stop_token stop_;
  Frontier frontier_;
  Objects objects_;  // that exist now
  Instant begin_;
  std::map<StepId, Running> running_ = {};
  std::map<ResourceId, StepId> picked_ = {};
  std::set<ResourceId> updated_ = {};  // some in two steps: to people it is one change
  std::vector<Entry> unwritten_ = {};  // results that the journal does not hold yet
  Instant unwritten_since_ = {};       // at the latest
  std::optional<Error> journal_error_ = {};
  std::size_t ended_ = 0;
  bool is_stop_told_ = false;
  bool was_cancelled_ = false;
  Summary summary_ = {};
};

Result<Summary> Run::go() {
  while (true) {
    const std::vector<Work> picked = pick();
    if (write_down(picked)) launch(picked);
    if (running_.empty()) break;
    for (auto& notice : parts_.runner.wait()) take_in(std::move(notice));
    gather();
  }
  if (journal_error_) {
    // What ended after the failure is still worth a try: all or none was written, so repeating it is safe.
    if (!unwritten_.empty()) static_cast<void>(journal_.record(unwritten_).ok());
    return std::move(*journal_error_);
  }
  return close();
}

// Takes ready steps up to the runner's capacity; those that need no job are done on the spot.
std::vector<Work> Run::pick() {
  std::vector<Work> picked;
  picked_.clear();
  while (!journal_error_ && running_.size() + picked.size() < parts_.runner.capacity()) {
    if (stop_.stop_requested()) {
      note_stop();
      break;
    }
    const auto id = frontier_.take();
    if (!id) break;
    const Step& step = plan_.steps[*id];
    if (step.action == StepAction::forget) {
      forget(step);
    } else if (auto work = prepare(step); work) {
      picked_.emplace(step.resource.id, step.id);
      picked.push_back(std::move(*work));
    }
  }
  return picked;
}

std::optional<Work> Run::prepare(const Step& step) {
  Driver* driver = parts_.catalog.find(step.resource.driver);
  if (!driver) {
    fail(step, {.code = ErrorCode::invalid_input,
                .message = "there is no driver \"" + step.resource.driver + "\"",
                .hint = "was the plan made by another skep, or one with other plugins?"});
    return std::nullopt;
  }
  const bool may_miss = step.action == StepAction::destroy || step.action == StepAction::read;
  auto inputs = may_miss ? Result<Attributes>(resolve_what_is_there(step.resource.inputs, objects_))
                         : resolve_for_making(step.resource.inputs, objects_);
  if (!inputs.ok()) {
    fail(step, std::move(inputs).error());
    return std::nullopt;
  }
  Work work = {.action = step.action,
               .resource = step.resource,
               .object = step.object,
               .cluster = plan_.cluster,
               .driver = *driver,
               .clock = parts_.clock,
               .secrets = parts_.secrets,
               .stop = stop_,
               .deadline = parts_.clock.now() + timeout_of(driver->schema(), step.action),
               .only_adopts = parts_.only_adopts};
  work.resource.inputs = std::move(inputs).value();
  return work;
}

// One transaction for all that ended since the last one and all that begins now.
bool Run::write_down(const std::vector<Work>& picked) {
  std::vector<Entry> entries = unwritten_;
  for (const auto& work : picked) {
    if (!is_journaled(work.action)) continue;
    entries.emplace_back(Begin{work.action, plan_.steps[picked_.at(work.resource.id)].resource});
  }
  if (entries.empty() || may_wait(picked)) return true;
  if (journal_error_) return false;
  if (auto written = journal_.record(entries); !written.ok()) {
    journal_error_ = std::move(written).error().doing("write down what was done and what comes next");
    return false;
  }
  unwritten_.clear();
  unwritten_since_ = parts_.clock.now();
  return true;
}

// Where writing has its price, results go with the next intents: until then a crash leaves their intents open, and
// whoever comes next looks them up. But not for long, so that others see how far it is.
bool Run::may_wait(const std::vector<Work>& picked) const {
  if (journal_.gathering_time() == Duration(0) || running_.empty() || journal_error_) return false;
  const bool begins = std::ranges::any_of(picked, [](const Work& work) { return is_journaled(work.action); });
  return !begins && parts_.clock.now() - unwritten_since_ < results_wait_at_most;
}

void Run::launch(const std::vector<Work>& picked) {
  for (const auto& work : picked) {
    const Step& step = plan_.steps[picked_.at(work.resource.id)];
    running_.emplace(step.id, Running{.since = parts_.clock.now(), .inputs = work.resource.inputs});
    tell(Event::Kind::started, step);
    parts_.runner.start(step.id, [work](const Say& say) { return perform(work, say); });
  }
}

// What ends at about the same time, and what begins after it, is written at once.
void Run::gather() {
  const Duration time = journal_.gathering_time();
  if (time == Duration(0) || unwritten_.empty() || running_.empty()) return;
  for (auto& notice : parts_.runner.wait_for_more(time)) take_in(std::move(notice));
}

void Run::take_in(Notice notice) {
  const Step& step = plan_.steps[notice.step];
  if (notice.kind == Notice::Kind::said) return tell(Event::Kind::said, step, std::move(notice.text));
  StepResult result = std::move(notice.result).value();
  note_timing(step);
  if (!result.ok()) return fail(step, result.error());
  if (const auto& abandoned = result.value().abandoned; abandoned) {
    unwritten_.emplace_back(Abandon{step.resource.id});
    return fail(step, *abandoned);
  }
  succeed(step, std::move(result).value());
}

void Run::succeed(const Step& step, StepOutcome outcome) {
  const ResourceId& id = step.resource.id;
  if (step.action == StepAction::read) {
    if (id.kind == list_kind)
      summary_.listed[id] = std::move(outcome.listed);
    else
      summary_.read[id] = std::move(outcome.object);
  } else if (step.action == StepAction::prepare) {
    // the update is journaled when it begins
  } else if (step.action == StepAction::destroy) {
    ++summary_.destroyed;
    objects_.erase(id);
    unwritten_.emplace_back(Finish{id, std::nullopt});
  } else {
    assert(outcome.object);
    if (step.action == StepAction::create)
      ++summary_.created;
    else if (is_told_of(id) && updated_.insert(id).second)
      ++summary_.updated;
    Record record = {.resource = step.resource,
                     .applied = with_secret_digests(running_.at(step.id).inputs, parts_.secrets, parts_.digest_key),
                     .object = *outcome.object};
    unwritten_.emplace_back(Finish{id, std::move(record)});
    begin_along(step, *outcome.object);
    objects_[id] = std::move(*outcome.object);
  }
  frontier_.done(step.id);
  ++ended_;
  tell(Event::Kind::finished, step);
  running_.erase(step.id);
}

// What came into being with it and has a step of its own: however far this run comes, somebody looks for it.
void Run::begin_along(const Step& step, const Object& made) {
  if (step.action != StepAction::create) return;
  const auto& kinds = parts_.catalog.find(step.resource.driver)->schema().brings_along;
  if (kinds.empty()) return;
  const Json& place = json_member(made.attributes, "manager");
  const std::string node = json_string_or(place, "node");
  for (const Step& other : plan_.steps) {
    const ResourceId& id = other.resource.id;
    const bool is_there = id.name == node && id.generation == json_int_or(place, "generation", 1);
    if (other.action == StepAction::create && is_there && std::ranges::find(kinds, id.kind) != kinds.end())
      unwritten_.emplace_back(Begin{StepAction::create, other.resource});
  }
}

// Steps that only make way for others are no changes to people.
bool Run::is_told_of(const ResourceId& id) const {
  if (plan_.changes.empty()) return true;
  const auto change = std::ranges::lower_bound(plan_.changes, id, {}, &Change::id);
  return change != plan_.changes.end() && change->id == id && change->action == Action::update;
}

// The step's intent stays open unless it was abandoned; what depends on it is never tried, the rest goes on.
void Run::fail(const Step& step, const Error& error) {
  const bool is_cancelled = error.code == ErrorCode::cancelled && stop_.stop_requested();
  if (is_cancelled) {
    was_cancelled_ = true;
    summary_.skipped.push_back(step.resource.id);
  } else {
    summary_.failures.push_back({.step = step.id, .id = step.resource.id, .error = error});
  }
  const auto doomed = frontier_.failed(step.id);
  ++ended_;
  tell(is_cancelled ? Event::Kind::stopped : Event::Kind::failed, step, {}, error);
  running_.erase(step.id);
  for (const StepId id : doomed) {
    ++ended_;
    summary_.skipped.push_back(plan_.steps[id].resource.id);
    tell(Event::Kind::skipped, plan_.steps[id],
         to_text(step.resource.id) + (is_cancelled ? " was stopped" : " failed"));
  }
}

void Run::forget(const Step& step) {
  unwritten_.emplace_back(Finish{step.resource.id, std::nullopt});
  objects_.erase(step.resource.id);
  frontier_.done(step.id);
  ++ended_;
  tell(Event::Kind::finished, step);
}

void Run::note_timing(const Step& step) {
  const Instant since = running_.at(step.id).since;
  summary_.timings.push_back({.step = step.id,
                              .id = step.resource.id,
                              .action = step.action,
                              .started = since - begin_,
                              .elapsed = parts_.clock.now() - since});
}

void Run::note_stop() {
  if (is_stop_told_ || (frontier_.untouched().empty() && running_.empty())) return;
  is_stop_told_ = true;
  parts_.events({.kind = Event::Kind::stopping,
                 .text = "asked to stop: nothing more is started, " + std::to_string(running_.size()) + " running",
                 .at = parts_.clock.now(),
                 .done = ended_,
                 .total = plan_.steps.size()});
}

Summary Run::close() {
  for (const StepId step : frontier_.untouched()) {
    was_cancelled_ = true;
    summary_.skipped.push_back(plan_.steps[step].resource.id);
  }
  summary_.stopped = was_cancelled_;
  std::ranges::sort(summary_.timings, {}, &StepTiming::step);
  summary_.slowest_path = slowest_path(plan_, summary_.timings);
  summary_.elapsed = parts_.clock.now() - begin_;
  return std::move(summary_);
}

void Run::tell(Event::Kind kind, const Step& step, std::string text, std::optional<Error> error) {
  const Instant now = parts_.clock.now();
  const auto running = running_.find(step.id);
  parts_.events({.kind = kind,
                 .step = step.id,
                 .action = step.action,
                 .id = step.resource.id,
                 .node = step.resource.node,
                 .text = std::move(text),
                 .error = std::move(error),
                 .at = now,
                 .elapsed = running == running_.end() ? Duration{} : now - running->second.since,
                 .done = ended_,
                 .total = plan_.steps.size()});
}

}  // namespace

Result<Summary> Executor::run(const Plan& plan, Journal& journal, std::stop_token stop) {
  return Run(parts_, plan, journal, std::move(stop)).go();
}

}  // namespace skep
