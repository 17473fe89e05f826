#include "planner/store/shared_store.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/store/history_steps.h"
#include "planner/store/last_seen.h"
#include "planner/store/new_state.h"
#include "planner/store/replay.h"
#include "planner/store/state_document.h"

namespace skep {

namespace {

constexpr Duration time_limit = std::chrono::seconds(90);  // of one call, with its further tries
constexpr Duration unlock_limit = std::chrono::seconds(20);
// As long as a write takes, so that no more than half of the time goes into writing.
constexpr Duration gathering_most = std::chrono::milliseconds(500);

std::string joined_info(const Holder& holder, const std::string& commit) {
  std::vector<std::string> parts = {fmt::format("pid {}", holder.pid)};
  if (!commit.empty()) parts.push_back("commit " + commit);
  if (!holder.job_url.empty()) parts.push_back(holder.job_url);
  return join(parts, ", ");
}

// "job-8841-...": the one thing of its holder that every server gives back.
std::string lock_id(const Holder& holder, Random& random) {
  const auto number = holder.job_url.substr(holder.job_url.rfind('/') + 1);
  const bool is_job = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  return (is_job ? "job-" + number + "-" : "") + random_id(random);
}

Holder holder_of(const LockInfo& info) {
  const auto at = info.who.find('@');
  int pid = 0;  // as joined_info() has written it; others write what they like
  int pid_end = 0;
  if (std::sscanf(info.info.c_str(), "pid %d%n", &pid, &pid_end) != 1) pid_end = 0;
  std::string rest = info.info.substr(static_cast<std::size_t>(pid_end));
  if (rest.starts_with(", ")) rest.erase(0, 2);
  Holder holder = {.user = info.who.substr(0, at),
                   .host = at == std::string::npos ? "" : info.who.substr(at + 1),
                   .pid = pid,
                   .operation = info.operation,
                   .job_url = std::move(rest),
                   .since = parse_rfc3339(info.created).value_or(WallTime{})};
  return holder;
}

class SharedStore final : public Store {
 public:
  SharedStore(std::unique_ptr<SharedState> place, Random& random, const Clock& clock, SharedStoreOptions options)
      : place_(std::move(place)), clock_(clock), random_(random), options_(std::move(options)) {
    document_.state = new_state(random);
  }

  Result<State> load_even_if_moved() override {
    if (is_current_) return document_.state;
    was_read_ = true;
    if (const auto text = TRY(place_->read(context()))) document_ = TRY(parse_document(*text, place_->what()));
    if (!options_.seen_beside.empty()) {
      document_.state.newer_serial = newer_serial_seen(options_.seen_beside, document_.state);
      if (document_.state.newer_serial == 0) note_seen();
    }
    is_current_ = !lock_id_.empty();  // nobody else writes it now
    return document_.state;
  }

  Result<std::unique_ptr<Lock>> lock(const Holder& holder) override;
  Result<std::optional<Holder>> holder() override;
  Result<void> break_lock() override;

  Result<void> record(std::span<const Entry> entries) override {
    StateDocument next = document_;
    replay(entries, next.state);
    if (is_running_) notes_.note(entries, next.history.back().steps);
    return write(std::move(next));
  }

  Duration gathering_time() const override { return std::min(last_write_, gathering_most); }

  Result<std::int64_t> begin_history(const HistoryEntry& entry) override;
  Result<void> end_history(const HistoryEntry& entry) override;
  Result<std::vector<HistoryEntry>> history() override;
  Result<HistoryEntry> history_entry(std::int64_t id) override;
  Result<void> replace(const State& state, std::span<const HistoryEntry> history) override {
    StateDocument next = {.serial = document_.serial, .state = state, .history = {history.rbegin(), history.rend()}};
    next.state.newer_serial = 0;
    return write(std::move(next));
  }

 private:
  class Held;

  void note_seen() const {
    if (options_.seen_beside.empty() || document_.serial == 0) return;
    note_last_seen(options_.seen_beside, document_.state.lineage, document_.state.serial);
  }

  Context context(Duration limit = time_limit) const { return within(clock_, limit, {}); }
  Result<void> write(StateDocument next);
  Result<std::vector<HistoryEntry>> history_with_steps();
  Error no_entry(std::int64_t id) const;
  Result<std::optional<LockInfo>> holder_info();
  LockInfo own_info(const Holder& holder) const;

  std::unique_ptr<SharedState> place_;
  const Clock& clock_;
  Random& random_;
  const SharedStoreOptions options_;
  StateDocument document_;
  std::string lock_id_ = {};  // empty: the lock is not ours
  bool is_current_ = false;   // the document is as the place has it
  bool is_running_ = false;   // the newest entry of the history is that of a run of ours
  StepNotes notes_ = {};      // of that run
  bool was_read_ = false;
  Duration last_write_ = Duration(0);  // how long it took
};

class SharedStore::Held final : public Lock {
 public:
  Held(SharedStore& store, LockInfo info) : store_(store), info_(std::move(info)) {}
  ~Held() override {
    store_.note_seen();
    store_.lock_id_.clear();
    store_.is_current_ = false;
    store_.is_running_ = false;
    // Nobody is left to tell: the next one sees who held it, and that the job is over.
    static_cast<void>(store_.place_->unlock(info_, store_.context(unlock_limit)));
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  SharedStore& store_;
  const LockInfo info_;
};

LockInfo SharedStore::own_info(const Holder& holder) const {
  return {.id = lock_id(holder, random_),
          .operation = holder.operation,
          .info = joined_info(holder, options_.commit),
          .who = holder.user + "@" + holder.host,
          .version = options_.version,
          .created = rfc3339(holder.since),
          .path = options_.cluster};
}

Result<std::unique_ptr<Lock>> SharedStore::lock(const Holder& holder) {
  const LockInfo ours = own_info(holder);
  if (const auto theirs = TRY(place_->lock(ours, context()))) {
    return Error{ErrorCode::conflict,
                 fmt::format("{} is locked by {}{}{}{}", place_->what(), theirs->who.empty() ? "somebody" : theirs->who,
                             theirs->operation.empty() ? "" : ", " + theirs->operation,
                             theirs->created.empty() ? "" : ", since " + theirs->created,
                             " (lock " + theirs->id + (theirs->info.empty() ? "" : ", " + theirs->info) + ")")};
  }
  lock_id_ = ours.id;
  return std::unique_ptr<Lock>(std::make_unique<Held>(*this, ours));
}

// The protocol has no way to ask: whoever cannot take the lock is told who has it.
Result<std::optional<LockInfo>> SharedStore::holder_info() {
  const LockInfo probe = own_info({.operation = "unlock", .since = clock_.wall()});
  auto theirs = TRY(place_->lock(probe, context()));
  if (!theirs) TRY(place_->unlock(probe, context(unlock_limit)));
  return theirs;
}

Result<std::optional<Holder>> SharedStore::holder() {
  const auto info = TRY(holder_info());
  return info ? std::optional(holder_of(*info)) : std::nullopt;
}

Result<void> SharedStore::break_lock() {
  if (const auto info = TRY(holder_info())) return place_->unlock(*info, context());
  return {};
}

Result<void> SharedStore::write(StateDocument next) {
  if (lock_id_.empty()) return Error{ErrorCode::internal, place_->what() + " is written only under its lock"};
  ++next.serial;
  const Instant begun = clock_.now();
  TRY(place_->write(document_text(next), lock_id_, context()));
  last_write_ = clock_.now() - begun;
  document_ = std::move(next);
  return {};
}

// Goes with the first write: an apply that does nothing writes nothing before its end.
Result<std::int64_t> SharedStore::begin_history(const HistoryEntry& entry) {
  HistoryEntry begun = entry;
  begun.id = document_.history.empty() ? 1 : document_.history.back().id + 1;
  begun.step_count = static_cast<std::int64_t>(begun.steps.size());
  document_.history.push_back(begun);
  notes_ = StepNotes(begun.steps);
  is_running_ = true;
  return begun.id;
}

Error SharedStore::no_entry(std::int64_t id) const {
  return {ErrorCode::not_found, fmt::format("{}: the history has no entry {}", place_->what(), id)};
}

Result<void> SharedStore::end_history(const HistoryEntry& entry) {
  StateDocument next = document_;
  const auto found = std::ranges::find(next.history, entry.id, &HistoryEntry::id);
  if (found == next.history.end()) return no_entry(entry.id);
  *found = entry;
  found->step_count = static_cast<std::int64_t>(entry.steps.size());
  is_running_ = false;
  return write(std::move(next));
}

// Whether one that did not note its end still runs, only the lock could tell: its holder knows, others may ask for it.
Result<std::vector<HistoryEntry>> SharedStore::history_with_steps() {
  if (!was_read_) TRY(load_even_if_moved());
  std::vector<HistoryEntry> entries(document_.history.rbegin(), document_.history.rend());
  std::int64_t later = document_.state.serial;
  for (auto& entry : entries) {
    const bool has_ended = entry.ended != WallTime{};
    if (!has_ended) entry.outcome = "not ended";
    if (!has_ended) entry.serial_after = later;
    later = entry.serial_before;
  }
  return entries;
}

Result<std::vector<HistoryEntry>> SharedStore::history() {
  auto entries = TRY(history_with_steps());
  for (auto& entry : entries) entry.steps.clear();
  return entries;
}

Result<HistoryEntry> SharedStore::history_entry(std::int64_t id) {
  const auto entries = TRY(history_with_steps());
  const auto found = std::ranges::find(entries, id, &HistoryEntry::id);
  if (found == entries.end()) return no_entry(id);
  return *found;
}

}  // namespace

std::unique_ptr<Store> make_shared_store(std::unique_ptr<SharedState> place, Random& random, const Clock& clock,
                                         SharedStoreOptions options) {
  return std::make_unique<SharedStore>(std::move(place), random, clock, std::move(options));
}

}  // namespace skep
