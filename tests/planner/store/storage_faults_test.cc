// The disk fails at every single operation of two runs that open, lock, record, look and close: full, broken, killed,
// or without power. What was reported as durable is there afterwards, what is there is whole, and work goes on.
#include <fmt/format.h>
#include <sqlite3.h>

#include "fault_vfs.h"
#include "planner/base/text.h"
#include "planner/store/snapshot.h"
#include "planner/store/sqlite.h"
#include "store_folder.h"

namespace skep {
namespace {

constexpr int run_count = 2;
constexpr int batches_of_run = 4;

/// The serial, the records and the intents after so many batches, in a state of the same names.
std::string text_after(int batch_count, const State& like) {
  return text_after(State{.lineage = like.lineage, .digest_key = like.digest_key}, batch_count);
}

/// What the child said before it ended.
struct Told {
  int code = 0;
  std::string lineage;  // of the state that it had opened
  int recorded = 0;
  int histories = 0;
  bool has_finished = false;
  int operation_count = 0;
  std::vector<std::string> errors;  // message, newline, hint
  std::string last_operation;
};

class StorageFaults : public StoreFolder {
 protected:
  Told run_with(const Fault& fault) {
    std::filesystem::remove_all(folder() + "/.skep");
    int told[2];
    EXPECT_EQ(pipe(told), 0);
    const pid_t pid = fork();
    if (pid == 0) {
      close(told[0]);
      told_ = told[1];
      install_fault_vfs(fault);
      for (int run = 0; run < run_count; ++run) {
        const auto done = work(run * batches_of_run, !fault.stays);
        // The lock that could not be given back stays as long as its process, which is this one.
        if (!done.ok() && run > 0 && done.error().code == ErrorCode::conflict) break;
        if (!done.ok()) {
          tell("error", done.error().message + "\n" + done.error().hint);
          _exit(0);
        }
      }
      tell("finished", "");
      tell("operations", std::to_string(fault_vfs_operations()));
      _exit(0);
    }
    close(told[1]);
    Told heard = listen(told[0]);
    close(told[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    heard.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return heard;
  }

  /// The next run finds all that it must, writes on, and the file is sound.
  void check(const Told& told, bool was_error) {
    if (!was_error) {
      EXPECT_TRUE(told.code == exit_by_fault || told.has_finished) << "ended with " << told.code;
    }
    for (const auto& error : told.errors) check_error(error);
    const auto looking = try_open(OpenMode::read);
    ASSERT_TRUE(looking.ok()) << looking.error().message;
    const State looked = looking.value()->load().value();
    const auto store = open();
    ASSERT_NE(store, nullptr);
    const State state = store->load().value();
    if (!told.lineage.empty()) {
      EXPECT_EQ(state.lineage, told.lineage);
      EXPECT_EQ(dump_json(snapshot_json(looked)), dump_json(snapshot_json(state))) << "looking shows another state";
    }
    const std::string seen = dump_json(snapshot_json(state));
    const bool is_one_more = seen == text_after(told.recorded + 1, state);
    EXPECT_TRUE(is_one_more || seen == text_after(told.recorded, state)) << told.recorded << " recorded; " << seen;
    EXPECT_GE(static_cast<int>(store->history().value().size()), told.histories);
    const int next = told.recorded + (is_one_more ? 1 : 0);
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    ASSERT_TRUE(store->record(batch(next)).ok());
    EXPECT_EQ(dump_json(snapshot_json(store->load().value())), text_after(next + 1, state));
    check_integrity();
  }

 private:
  void check_integrity() {
    auto database = Database::open(path(), SQLITE_OPEN_READONLY, path());
    ASSERT_TRUE(database.ok());
    auto check = database.value().prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check.ok() && check.value().step().ok());
    EXPECT_EQ(check.value().text(0), "ok");
  }

  /// One that a person can act on: which file, what happened, what to do.
  void check_error(const std::string& error) {
    EXPECT_NE(error.find(path()), std::string::npos) << error;
    EXPECT_NE(error.back(), '\n') << "no hint: " << error;
  }

  void tell(const std::string& what, const std::string& text) const {
    const std::string said = what + "\t" + replace_all(text, "\n", "\x01") + "\t" + fault_vfs_last() + "\n";
    if (::write(told_, said.data(), said.size()) < 0) _exit(1);
  }

  static Told listen(int from) {
    std::string all;
    char bytes[4096];
    for (ssize_t count = 0; (count = ::read(from, bytes, sizeof bytes)) > 0;) {
      all.append(bytes, static_cast<std::size_t>(count));
    }
    Told told;
    for (const auto& line : split_lines(all)) {
      const auto words = split(line, '\t');
      if (words[0] == "opened") told.lineage = words[1];
      if (words[0] == "recorded") ++told.recorded;
      if (words[0] == "history") ++told.histories;
      if (words[0] == "finished") told.has_finished = true;
      if (words[0] == "operations") told.operation_count = std::stoi(words[1]);
      if (words[0] == "error") told.errors.push_back(replace_all(words[1], "\x01", "\n"));
      told.last_operation = words[2];
    }
    return told;
  }

  /// In the child: one run as skep does it. A record that fails is tried once more when the fault does not stay.
  Result<void> work(int first, bool tries_again) {
    auto store = TRY(try_open(OpenMode::write));
    tell("opened", TRY(store->load()).lineage);
    const auto lock = TRY(store->lock(me()));
    HistoryEntry entry = {.started = clock_.wall(), .operation = "apply", .user = "anna", .host = "build-7"};
    entry.id = TRY(store->begin_history(entry));
    tell("history", "");
    for (int number = first; number < first + batches_of_run; ++number) {
      auto recorded = store->record(batch(number));
      if (!recorded.ok() && tries_again) {
        tell("error", recorded.error().message + "\n" + recorded.error().hint);
        recorded = store->record(batch(number));
      }
      TRY(std::move(recorded));
      tell("recorded", "");
    }
    const State seen = TRY(TRY(try_open(OpenMode::read))->load());
    if (dump_json(snapshot_json(seen)) != text_after(first + batches_of_run, seen)) _exit(2);
    entry.ended = clock_.wall();
    entry.outcome = "done";
    return store->end_history(entry);
  }

  int told_ = -1;
};

struct FaultCase {
  std::string name;
  Fault fault;
};

void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.name; }

const std::vector<FaultCase>& fault_cases() {
  static const std::vector<FaultCase> all = {
      {"FullOnce", {.kind = Fault::Kind::full}},
      {"FullFromThereOn", {.kind = Fault::Kind::full, .stays = true}},
      {"BrokenOnce", {.kind = Fault::Kind::io_error}},
      {"BrokenFromThereOn", {.kind = Fault::Kind::io_error, .stays = true}},
      {"Killed", {.kind = Fault::Kind::killed}},
      {"PowerLostWithAllThatWasNotSynced", {.kind = Fault::Kind::power_lost}},
      {"PowerLostWithSomeOfIt", {.kind = Fault::Kind::power_lost, .chance = 1}},
      {"PowerLostWithOtherParts", {.kind = Fault::Kind::power_lost, .chance = 1'000'000}},
  };
  return all;
}

class EveryOperation : public StorageFaults, public ::testing::WithParamInterface<FaultCase> {};

TEST_P(EveryOperation, LosesNothing) {
  const Told whole = run_with({});
  ASSERT_TRUE(whole.has_finished) << whole.code << (whole.errors.empty() ? "" : whole.errors.front());
  ASSERT_GT(whole.operation_count, 60) << "so few operations, and the test proves little";
  int struck = 0;
  for (int at = 1; at <= whole.operation_count; ++at) {
    Fault fault = GetParam().fault;
    fault.at = at;
    if (fault.chance != 0) fault.chance += static_cast<std::uint64_t>(at);
    const Told told = run_with(fault);
    SCOPED_TRACE(fmt::format("operation {} of {}, after {}", at, whole.operation_count, told.last_operation));
    const bool is_error = fault.kind == Fault::Kind::full || fault.kind == Fault::Kind::io_error;
    if (told.code == exit_by_fault || !told.errors.empty()) ++struck;
    check(told, is_error);
    if (HasFailure()) return;
  }
  std::printf("%s: %d operations, %d of them noticed\n", GetParam().name.c_str(), whole.operation_count, struck);
  EXPECT_GT(struck, whole.operation_count / 2);
}

INSTANTIATE_TEST_SUITE_P(Storage, EveryOperation, ::testing::ValuesIn(fault_cases()),
                         [](const ::testing::TestParamInfo<FaultCase>& one) { return one.param.name; });

}  // namespace
}  // namespace skep
