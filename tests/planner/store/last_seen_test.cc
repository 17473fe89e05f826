#include "planner/store/last_seen.h"

#include "store_folder.h"

namespace skep {
namespace {

class LastSeen : public StoreFolder {
 protected:
  void record(int from, int to) {
    const auto store = open();
    const auto lock = store->lock(me()).value();
    for (int i = from; i < to; ++i) {
      const Entry entry = finish(server("n" + std::to_string(i)));
      ASSERT_TRUE(store->record({&entry, 1}).ok());
    }
  }
  void copy_back() { std::filesystem::copy_file(copy_, path(), std::filesystem::copy_options::overwrite_existing); }
  void make_copy() { std::filesystem::copy_file(path(), copy_ = folder() + "/copy"); }

 private:
  std::string copy_;
};

TEST_F(LastSeen, AnOlderCopyThatIsPutBackGivesItselfAway) {
  record(0, 2);
  make_copy();
  record(2, 7);
  EXPECT_EQ(open(OpenMode::read)->load().value().newer_serial, 0);
  copy_back();
  EXPECT_EQ(open(OpenMode::read)->load().value().newer_serial, 7);
  {
    const auto store = open();
    EXPECT_EQ(store->load().value().serial, 2);
    EXPECT_EQ(store->load().value().newer_serial, 7);
    const auto lock = store->lock(me()).value();
  }
  EXPECT_EQ(open(OpenMode::read)->load().value().newer_serial, 0) << "a run has taken it as it is";
}

TEST_F(LastSeen, AStateMadeAnewIsNoOlderCopy) {
  record(0, 5);
  std::filesystem::remove(path());
  record(0, 1);
  EXPECT_EQ(open(OpenMode::read)->load().value().newer_serial, 0);
}

TEST_F(LastSeen, WhatAKilledRunRecordedIsNewerThanWhatWasSeen) {
  record(0, 1);
  ASSERT_EQ(in_child([&]() -> int {
              const auto store = open();
              const auto lock = store->lock(me()).value();
              const Entry entry = finish(server("late"));
              _exit(store->record({&entry, 1}).ok() ? 7 : 8);
            }),
            7);
  const State state = open()->load().value();
  EXPECT_EQ(state.serial, 2);
  EXPECT_EQ(state.newer_serial, 0);
}

TEST_F(LastSeen, NonsenseInTheNoteIsNoReasonToStop) {
  record(0, 1);
  for (const auto* text : {"", "{", "[]", "{\"lineage\": 7, \"serial\": \"x\"}", "null"}) {
    write_file(path() + ".seen", text);
    EXPECT_EQ(open()->load().value().newer_serial, 0) << text;
  }
}

}  // namespace
}  // namespace skep
