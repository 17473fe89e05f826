// A state file that an ordinary user may not write, or not even read: what still works, and what the refusal says.
#include <unistd.h>

#include "store_folder.h"

namespace skep {
namespace {

constexpr uid_t nobody = 65534;

class StateDenied : public StoreFolder {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    const auto store = open();
    const auto lock = store->lock(me()).value();
    const Entry entry = finish(server("a"));
    ASSERT_TRUE(store->record({&entry, 1}).ok());
  }
  void TearDown() override {
    chmod(state_folder().c_str(), 0700);
    StoreFolder::TearDown();
  }

  std::string state_folder() const { return folder() + "/.skep"; }

  /// For root nothing is forbidden: then all of it is given to another, who does the work.
  int as_ordinary_user(const std::function<int()>& work) {
    if (geteuid() != 0) return in_child(work);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder())) {
      if (chown(entry.path().c_str(), nobody, nobody) != 0) return 99;
    }
    if (chown(folder().c_str(), nobody, nobody) != 0) return 99;
    return in_child([&] {
      if (setresgid(nobody, nobody, nobody) != 0 || setresuid(nobody, nobody, nobody) != 0) return 99;
      return work();
    });
  }

  /// In the child: 0 when writing is refused as it should be.
  int refusal_of_writing() {
    const auto writing = try_open(OpenMode::write);
    return writing.ok() ? complain("it was opened for writing") : judge(writing.error());
  }

  /// In the child: 0 when the one record is seen.
  int looking() {
    const auto store = try_open(OpenMode::read);
    if (!store.ok()) return complain(store.error().message);
    const auto state = store.value()->load();
    if (!state.ok()) return complain(state.error().message);
    return state.value().records.size() == 1 ? 0 : complain("the record is not there");
  }

  int judge(const Error& error) {
    if (error.code != ErrorCode::denied) return complain("another code: " + error.message);
    if (error.message != path() + ": permission denied") return complain("another message: " + error.message);
    return error.hint.empty() ? complain("no hint: " + error.message) : 0;
  }

  static int complain(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    return 1;
  }
};

TEST_F(StateDenied, AFileForReadingOnlyIsLookedAtAndNotWritten) {
  ASSERT_EQ(chmod(path().c_str(), 0400), 0);
  EXPECT_EQ(as_ordinary_user([&] { return looking() + refusal_of_writing(); }), 0);
}

TEST_F(StateDenied, AFolderForReadingOnlyIsLookedAtAndNotWritten) {
  ASSERT_EQ(chmod(state_folder().c_str(), 0500), 0);
  EXPECT_EQ(as_ordinary_user([&] { return looking() + refusal_of_writing(); }), 0);
}

TEST_F(StateDenied, AFileThatMayNotBeReadIsRefused) {
  ASSERT_EQ(chmod(path().c_str(), 0000), 0);
  EXPECT_EQ(as_ordinary_user([&] {
              const auto reading = try_open(OpenMode::read);
              return (reading.ok() ? 1 : judge(reading.error())) + refusal_of_writing();
            }),
            0);
}

TEST_F(StateDenied, AFolderThatMayNotBeEnteredIsRefused) {
  ASSERT_EQ(chmod(state_folder().c_str(), 0000), 0);
  EXPECT_EQ(as_ordinary_user([&] {
              const auto reading = try_open(OpenMode::read);
              return (reading.ok() ? 1 : judge(reading.error())) + refusal_of_writing();
            }),
            0);
}

}  // namespace
}  // namespace skep
