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
