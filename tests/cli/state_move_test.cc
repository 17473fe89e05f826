// skep state push and migrate: a whole state in the place of another, and what is refused.
#include <gtest/gtest.h>

#include "planner/store/snapshot.h"
#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

constexpr const char* shared_place = "state: {backend: postgres, address: 'host=db.example'}\n";

class StateMove : public AppTest {
 protected:
  std::string pulled() {
    EXPECT_EQ(run("state pull"), 0) << err;
    return out;
  }

  /// The state was moved and went on at the new place, which `there` tells, and the mark at the old one is missing.
  void move_unmarked(std::string& there) {
    write_spec(1);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    std::filesystem::copy(folder / ".skep", folder / "unmarked", std::filesystem::copy_options::recursive);
    write_spec(1, shared_place);
    ASSERT_EQ(run("state migrate -from local"), 0) << err;
    write_spec(2, shared_place);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
    there = pulled();
    std::filesystem::remove_all(folder / ".skep");
    std::filesystem::rename(folder / "unmarked", folder / ".skep");
  }
};

TEST_F(StateMove, TheStateGoesWhereTheSpecSaysWithItsHistory) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  const std::string before = pulled();
  write_spec(1, shared_place);
  ASSERT_EQ(run("state migrate -from local"), 0) << err;
  EXPECT_TRUE(has(out, "is where the spec says, with")) << out;
  EXPECT_FALSE(shared.holder) << "no lock is left";
  EXPECT_EQ(pulled(), before);
  EXPECT_EQ(run("state history"), 0);
  EXPECT_TRUE(has(out, "state migrate"));
  EXPECT_TRUE(has(out, "apply"));
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << err;
  ASSERT_EQ(run("state migrate -from local"), 0) << "again is no harm: " << err;

  // And back, into a file that is newer by then: refused, then forced.
  write_spec(0, shared_place);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  const std::string newer = pulled();
  write_spec(0);
  ASSERT_EQ(run("state migrate -from postgres -from-address host=db.example"), 0) << err;
  EXPECT_EQ(pulled(), newer);
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << err;
}

TEST_F(StateMove, WhoStillNamesTheOldPlaceIsToldOfTheNewOne) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(1, shared_place);
  ASSERT_EQ(run("state migrate -from local"), 0) << err;
  write_spec(2);  // as in another branch
  for (const char* line : {"plan", "apply -auto-approve", "destroy -auto-approve", "state list", "state pull"}) {
    EXPECT_EQ(run(line), 4) << line;
    EXPECT_TRUE(has(err, "the state is not here any more: anna@build-7 moved it to postgres, host=db.example at "))
        << err;
    EXPECT_TRUE(has(err, "hint: ")) << err;
  }

  // Back: the local one counts again, and the other one says so.
  write_spec(1);
  ASSERT_EQ(run("state migrate -from postgres -from-address host=db.example"), 0) << err;
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << err;
  write_spec(1, shared_place);
  EXPECT_EQ(run("plan"), 4);
  EXPECT_TRUE(has(err, "moved it to local, .skep/demo.db at build-7")) << err;
  ASSERT_EQ(run("state migrate -from local"), 0) << err;
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << err;
}

// Each write to the shared place fails in turn, stored or not: both ways, one of both places can be used, and the same
// command goes on to the end.
TEST_F(StateMove, CutOffAnywhereTheSameCommandGoesOn) {
  for (const bool is_stored : {true, false}) {
    for (const bool is_back : {false, true}) {
      SCOPED_TRACE(std::string(is_stored ? "stored" : "not stored") + (is_back ? ", back" : ""));
      std::filesystem::remove_all(folder / ".skep");
      servers.objects.clear();
      shared = {};
      write_spec(1);
      ASSERT_EQ(run("apply -auto-approve"), 0) << err;
      const std::string before = pulled();
      const auto migrate = [&](bool back) {
        write_spec(1, back ? "" : shared_place);
        return run(back ? "state migrate -from postgres -from-address host=db.example" : "state migrate -from local");
      };
      if (is_back) {
        ASSERT_EQ(migrate(false), 0) << err;
      }
      shared.writes_left = is_stored ? 0 : -1;
      EXPECT_EQ(migrate(is_back), 1) << "the one write there is: of the copy, or of the mark";
      shared.writes_left = 1'000'000;
      write_spec(1, is_back || !is_stored ? "" : shared_place);
      EXPECT_EQ(run("plan -detailed-exitcode"), 0) << err;
      EXPECT_EQ(pulled(), before);
      ASSERT_EQ(migrate(is_back), 0) << err;
      EXPECT_EQ(run("plan -detailed-exitcode"), 0) << err;
      EXPECT_EQ(pulled(), before);
      write_spec(1, is_back ? shared_place : "");
      EXPECT_EQ(run("plan"), 4) << "the old place is marked";
    }
  }
}

// The copy was made and used, the mark was not: the second try must not put the old copy over what came after it.
TEST_F(StateMove, AMarkThatIsMissingIsMadeLaterWithoutTouchingTheCopy) {
  std::string newer;
  move_unmarked(newer);
  ASSERT_EQ(run("state migrate -from local"), 0) << err;
  EXPECT_EQ(pulled(), newer);
  write_spec(1);
  EXPECT_EQ(run("plan"), 4);
}

// Both went on after the copy: neither is put over the other by itself.
TEST_F(StateMove, TwoStatesThatBothWentOnAreNotMixed) {
  std::string there;
  move_unmarked(there);
  write_spec(4);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(4, shared_place);
  EXPECT_EQ(run("state migrate -from local"), 4);
  EXPECT_TRUE(has(err, "something was done there that the given one does not know of")) << err;
  EXPECT_EQ(pulled(), there);
}

TEST_F(StateMove, AnotherOrANewerStateIsNotOverwritten) {
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  const std::string first = pulled();
  write("old.json", first);
  write_spec(2);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  const std::string second = pulled();
  EXPECT_EQ(run("state push old.json"), 4);
  EXPECT_TRUE(has(err, "the state that is there stays: it is newer")) << err;
  EXPECT_EQ(pulled(), second);
  Json changed = parse_json(second, "x").value();
  changed["records"].erase(0);
  write("changed.json", dump_json(changed));
  EXPECT_EQ(run("state push changed.json"), 4);
  EXPECT_TRUE(has(err, "the same serial")) << err;
  changed["lineage"] = "another";
  changed["serial"] = 1000;
  write("other.json", dump_json(changed));
  EXPECT_EQ(run("state push other.json"), 4);
  EXPECT_TRUE(has(err, "it is another one (lineage")) << err;
  EXPECT_EQ(pulled(), second);

  EXPECT_EQ(run("state push old.json -force"), 0) << err;
  EXPECT_EQ(pulled(), first);
  EXPECT_EQ(run("state history -n 1"), 0);
  EXPECT_TRUE(has(out, "state push")) << out;
  EXPECT_EQ(run("plan -detailed-exitcode"), 2) << "a server too many is found";
  write("no.json", "{}");
  EXPECT_EQ(run("state push no.json -force"), 1);
  EXPECT_EQ(pulled(), first);
}

TEST_F(StateMove, ALockedPlaceOrNoStateIsSaid) {
  write_spec(1, shared_place);
  EXPECT_EQ(run("state migrate -from local"), 1);
  EXPECT_TRUE(has(err, "there is no state at .skep/demo.db")) << err;
  write_spec(1);
  EXPECT_EQ(run("state migrate -from local"), 1);
  EXPECT_TRUE(has(err, "there is nowhere to bring it")) << err;
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  write_spec(1, shared_place);
  shared.holder = LockInfo{.id = "1", .who = "ben@laptop"};
  EXPECT_EQ(run("state migrate -from local"), 3);
  EXPECT_TRUE(has(err, "ben@laptop")) << err;
  EXPECT_FALSE(shared.text);
  shared.holder.reset();
  environment["SKEP_STATE_KEY"] = "a passphrase of the team";
  ASSERT_EQ(run("state migrate -from local"), 0) << err;
  EXPECT_EQ(shared.text->find("server"), std::string::npos) << "sealed on its way";
}

}  // namespace
}  // namespace skep
