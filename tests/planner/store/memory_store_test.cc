#include "tests/fakes/memory_store.h"

#include "store_folder.h"

namespace skep {
namespace {

Result<void> record(Store& store, const Entry& entry) { return store.record({&entry, 1}); }

TEST(MemoryStore, ACrashBeforeTheCommitLosesItAndOneAfterwardsOnlyItsAnswer) {
  MemoryStore store;
  store.before_record = [](auto) -> std::optional<Error> { throw std::runtime_error("crash"); };
  EXPECT_THROW((void)record(store, begin(server("a"))), std::runtime_error);
  EXPECT_TRUE(store.state().open.empty());

  store.before_record = nullptr;
  store.after_record = [](auto) { return std::optional(Error{ErrorCode::unavailable, "lost"}); };
  EXPECT_EQ(record(store, begin(server("a"))).error().message, "lost");
  EXPECT_EQ(store.state().open.size(), 1U);
  EXPECT_EQ(store.record_count(), 1U);
}

TEST(MemoryStore, LocksAsTheRealOneDoes) {
  MemoryStore store;
  store.must_hold_lock = true;
  EXPECT_EQ(record(store, begin(server("a"))).error().code, ErrorCode::conflict);
  auto lock = store.lock(me()).value();
  EXPECT_EQ(store.lock(me()).error().code, ErrorCode::conflict);
  EXPECT_TRUE(record(store, begin(server("a"))).ok());
  ASSERT_TRUE(store.break_lock().ok());
  EXPECT_EQ(record(store, begin(server("a"))).error().code, ErrorCode::conflict);
  auto other = store.lock(me()).value();
  lock.reset();  // the old one gives nothing back
  EXPECT_TRUE(store.holder().value());
  store.crash();
  EXPECT_FALSE(store.holder().value());
}

TEST(MemoryStore, ShowsAKilledApplyInItsHistory) {
  MemoryStore store;
  auto lock = store.lock(me()).value();
  ASSERT_TRUE(store.begin_history({.operation = "apply"}).ok());
  EXPECT_EQ(store.history().value().at(0).outcome, "");
  store.crash();
  EXPECT_EQ(store.history().value().at(0).outcome, "killed");
}

}  // namespace
}  // namespace skep
