#include "planner/store/sqlite_store.h"

#include <utility>

#include "planner/store/last_seen.h"
#include "planner/store/new_state.h"
#include "planner/store/state_file.h"
#include "planner/store/state_history.h"
#include "planner/store/state_lock.h"
#include "planner/store/state_rows.h"

namespace skep {

namespace {

/// For looking only: each call shows the file as it is then.
class ReadingStore final : public Store {
 public:
  ReadingStore(std::string path, Random& random) : path_(std::move(path)), empty_(new_state(random)) {}

  /// Finds out now whether the file can be read at all, so that nothing is asked of people before that is known.
  Result<void> check() const {
    TRY(look_into_state_file(path_, [](Database&) { return Result<void>(); }));
    return {};
  }

  Result<State> load_even_if_moved() override {
    State state = TRY(look<State>(load_rows, empty_));
    state.newer_serial = newer_serial_seen(path_, state);
    return state;
  }

  Result<std::optional<Holder>> holder() override {
    const auto find = [](Database& database) -> Result<std::optional<Holder>> {
      auto lock = TRY(read_lock(database));
      return lock ? std::optional(std::move(lock->holder)) : std::nullopt;
    };
    return look<std::optional<Holder>>(find, std::nullopt);
  }

  Result<std::vector<HistoryEntry>> history() override { return look<std::vector<HistoryEntry>>(read_history, {}); }
  Result<HistoryEntry> history_entry(std::int64_t id) override {
    const auto find = [id](Database& database) { return read_history_entry(database, id); };
    HistoryEntry entry = TRY(look<HistoryEntry>(find, {}));
    if (entry.id != 0) return entry;
    return Error{ErrorCode::not_found, path_ + ": nothing was applied yet"};
  }

  Result<void> record(std::span<const Entry>) override { return for_looking_only(); }
  Result<std::unique_ptr<Lock>> lock(const Holder&) override { return for_looking_only(); }
  Result<void> break_lock() override { return for_looking_only(); }
  Result<std::int64_t> begin_history(const HistoryEntry&) override { return for_looking_only(); }
  Result<void> end_history(const HistoryEntry&) override { return for_looking_only(); }
  Result<void> replace(const State&, std::span<const HistoryEntry>) override { return for_looking_only(); }

 private:
  template <class T, class Look>
  Result<T> look(Look read, T when_absent) const {
    T seen = std::move(when_absent);
    TRY(look_into_state_file(path_, [&](Database& database) -> Result<void> {
      seen = TRY(read(database));
      return {};
    }));
    return seen;
  }

  Error for_looking_only() const {
    return {.code = ErrorCode::internal, .message = path_ + ": opened for looking only, but asked to write"};
  }

  std::string path_;
  State empty_;
};

/// Shared by the store and its lock, whichever lives longer.
struct Connection {
  Database database;
  std::string token = {};  // of the lock that we hold; empty: none
  std::int64_t run = 0;    // our entry in the history while it is open
};

class HeldLock final : public Lock {
 public:
  HeldLock(std::shared_ptr<Connection> connection, std::string token)
      : connection_(std::move(connection)), token_(std::move(token)) {}
  ~HeldLock() override {
    note_serial();
    // On a full disk this fails. Our process ends soon, and a lock of a process that is gone counts as free.
    (void)free_lock_row(connection_->database, token_);
    if (connection_->token == token_) connection_->token.clear();
  }

 private:
  void note_serial() const {
    if (connection_->token != token_) return;  // it was taken away: whoever has it now notes his own
    auto meta = connection_->database.prepare("SELECT lineage, serial FROM meta");
    if (!meta.ok() || !meta.value().step().ok()) return;
    note_last_seen(connection_->database.path(), std::string(meta.value().text(0)), meta.value().integer(1));
  }

  std::shared_ptr<Connection> connection_;
  std::string token_;
};

class WritingStore final : public Store {
 public:
  WritingStore(Database database, Random& random, const Clock& clock)
      : connection_(std::make_shared<Connection>(std::move(database))), random_(random), clock_(clock) {}

  Result<void> record(std::span<const Entry> entries) override {
    if (entries.empty()) return {};
    Transaction transaction = TRY(Transaction::begin(database(), Transaction::Kind::write));
    TRY(check_lock_row(database(), connection_->token));
    TRY(write_rows(database(), entries, clock_.wall().time_since_epoch().count()));
    if (connection_->run != 0) TRY(note_history_steps(database(), connection_->run, entries));
    return transaction.commit();
  }

  Result<State> load_even_if_moved() override {
    const Transaction moment = TRY(Transaction::begin(database(), Transaction::Kind::read));
    State state = TRY(load_rows(database()));
    state.newer_serial = newer_serial_seen(database().path(), state);
    return state;
  }

  Result<std::unique_ptr<Lock>> lock(const Holder& holder) override {
    std::string token = random_id(random_);
    TRY(take_lock_row(database(), token, holder, clock_.wall()));
    connection_->token = token;
    return std::unique_ptr<Lock>(std::make_unique<HeldLock>(connection_, std::move(token)));
  }

  Result<std::optional<Holder>> holder() override {
    auto lock = TRY(read_lock(database()));
    return lock ? std::optional(std::move(lock->holder)) : std::nullopt;
  }

  Result<void> break_lock() override { return free_lock_row(database(), ""); }

  Result<std::int64_t> begin_history(const HistoryEntry& entry) override {
    connection_->run = TRY(begin_history_row(database(), entry, connection_->token));
    return connection_->run;
  }
  Result<void> end_history(const HistoryEntry& entry) override {
    connection_->run = 0;
    return end_history_row(database(), entry);
  }
  Result<std::vector<HistoryEntry>> history() override { return read_history(database()); }
  Result<HistoryEntry> history_entry(std::int64_t id) override { return read_history_entry(database(), id); }

  Result<void> replace(const State& state, std::span<const HistoryEntry> history) override {
    Transaction transaction = TRY(Transaction::begin(database(), Transaction::Kind::write));
    TRY(check_lock_row(database(), connection_->token));
    TRY(replace_rows(database(), state, clock_.wall().time_since_epoch().count()));
    TRY(replace_history_rows(database(), history));
    return transaction.commit();
  }

 private:
  Database& database() { return connection_->database; }

  std::shared_ptr<Connection> connection_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, OpenMode mode, Random& random,
                                                 const Clock& clock) {
  if (mode == OpenMode::write) {
    return std::unique_ptr<Store>(
        std::make_unique<WritingStore>(TRY(open_state_file(path, random, clock)), random, clock));
  }
  auto store = std::make_unique<ReadingStore>(path, random);
  TRY(store->check());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace skep
