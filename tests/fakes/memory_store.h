// A Store in memory, for simulations: it survives a crash of the skep under test, and can fail or crash at every call.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/store/replay.h"
#include "planner/store/store.h"

namespace skep {

class MemoryStore final : public Store {
 public:
  /// Called before a record() is durable; an error refuses it, an exception is a crash: nothing of it was written.
  std::function<std::optional<Error>(std::span<const Entry>)> before_record;
  /// Called when it is durable; an error or exception loses the answer, not the entries.
  std::function<std::optional<Error>(std::span<const Entry>)> after_record;
  /// Refuse record() without the lock, as the real store does. Off, so that tests of an executor need none.
  bool must_hold_lock = false;

  MemoryStore() : MemoryStore("lineage-of-memory", "key-of-memory") {}
  MemoryStore(std::string lineage, std::string digest_key) {
    state_.lineage = std::move(lineage);
    state_.digest_key = std::move(digest_key);
  }

  const State& state() const { return state_; }
  void set_state(State state) { state_ = std::move(state); }
  std::size_t record_count() const { return record_count_; }      // calls that became durable
  const std::vector<Entry>& entries() const { return entries_; }  // all that became durable, in order

  /// As after kill -9: whoever held the lock is gone, and its Lock object no longer counts.
  void crash() { holder_.reset(), ++generation_; }

  Result<void> replace(const State& state, std::span<const HistoryEntry>) override {
    if (must_hold_lock && !holder_) return Error{ErrorCode::conflict, "the state is not locked by this run"};
    state_ = state;
    return {};
  }

  Result<void> record(std::span<const Entry> entries) override {
    if (must_hold_lock && !holder_) return Error{ErrorCode::conflict, "the state is not locked by this run"};
    if (was_broken_) return Error{ErrorCode::conflict, "the lock on the state was taken away"};
    if (before_record) {
      if (auto error = before_record(entries)) return *std::move(error);
    }
    replay(entries, state_);
    entries_.insert(entries_.end(), entries.begin(), entries.end());
    ++record_count_;
    if (after_record) {
      if (auto error = after_record(entries)) return *std::move(error);
    }
    return {};
  }

  Result<State> load_even_if_moved() override { return state_; }

  Result<std::unique_ptr<Lock>> lock(const Holder& holder) override {
    if (holder_) {
      return Error{ErrorCode::conflict, "locked by " + holder_->user + " on " + holder_->host + " (pid " +
                                            std::to_string(holder_->pid) + "), " + holder_->operation};
    }
    holder_ = holder;
    was_broken_ = false;
    return std::unique_ptr<Lock>(new Held(*this, ++generation_));
  }
  Result<std::optional<Holder>> holder() override { return holder_; }
  Result<void> break_lock() override {
    was_broken_ = holder_.has_value();
    holder_.reset();
    ++generation_;
    return {};
  }

  Result<std::int64_t> begin_history(const HistoryEntry& entry) override {
    history_.insert(history_.begin(), entry);
    history_.front().id = static_cast<std::int64_t>(history_.size());
    history_.front().serial_before = state_.serial;
    return history_.front().id;
  }
  Result<void> end_history(const HistoryEntry& entry) override {
    for (auto& known : history_) {
      if (known.id != entry.id) continue;
      const std::int64_t before = known.serial_before;
      known = entry;
      known.serial_before = before;
      known.serial_after = state_.serial;
      return {};
    }
    return Error{ErrorCode::not_found, "history has no entry " + std::to_string(entry.id)};
  }
  Result<std::vector<HistoryEntry>> history() override {
    auto entries = history_;
    for (auto& entry : entries) {
      if (entry.ended == WallTime{} && !holder_) entry.outcome = "killed";
    }
    return entries;
  }
  Result<HistoryEntry> history_entry(std::int64_t id) override {
    for (auto& entry : history_) {
      if (entry.id == id) return entry;
    }
    return Error{ErrorCode::not_found, "history has no entry " + std::to_string(id)};
  }

 private:
  class Held final : public Lock {
   public:
    Held(MemoryStore& store, int generation) : store_(store), generation_(generation) {}
    ~Held() override {
      if (store_.generation_ == generation_) store_.holder_.reset();
    }

   private:
    MemoryStore& store_;
    int generation_;
  };

  State state_;
  std::vector<Entry> entries_;
  std::size_t record_count_ = 0;
  std::optional<Holder> holder_;
  int generation_ = 0;  // of the lock: an old Lock object releases nothing
  bool was_broken_ = false;
  std::vector<HistoryEntry> history_;
};

}  // namespace skep
