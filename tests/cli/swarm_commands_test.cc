// skep swarm backup, unpack, unlock, unlock-key and rotate: from the words to the hosts, and what is shown of keys.
#include <gtest/gtest.h>

#include "tests/cli/swarm_fixture.h"

namespace skep {
namespace {

class SwarmCommandsTest : public SwarmAppTest {
 protected:
  void make_cluster(int managers, const std::string& more = "") {
    write_swarm(managers, 1, more);
    ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  }
  void reboot(const std::string& name) {
    world.power_off(name);
    world.power_on(name);
  }
  std::string state_of(const std::string& name) { return world.host(name).local_state; }
  std::string file_bytes(const std::string& name) { return text_of(name); }
};

TEST_F(SwarmCommandsTest, AllManagersLockedThePlanOffersToUnlockAndUnlockDoesIt) {
  make_cluster(3, "swarm: {autolock: true, unlock_key: {env: SWARM_KEY}}\n");
  ASSERT_EQ(run("swarm unlock-key"), 0) << err;
  EXPECT_EQ(out, world.swarm().unlock_key + "\n");
  const std::string key(trim(out));
  for (const char* name : {"manager-1", "manager-2", "manager-3"}) reboot(name);
  world.forget_calls();
  run("plan");
  EXPECT_TRUE(has(out + err, "the swarm is locked"));
  EXPECT_TRUE(has(out + err, "skep swarm unlock"));
  run("apply -auto-approve");
  EXPECT_TRUE(has(out + err, "the swarm is locked"));
  EXPECT_EQ(world.count_of_calls("swarm_init"), 0U);
  EXPECT_EQ(world.count_of_calls("swarm_leave"), 0U);

  EXPECT_EQ(run("swarm unlock"), 1);
  EXPECT_TRUE(has(err, "the unlock key: SWARM_KEY is not set"));
  environment["SWARM_KEY"] = "SWMKEY-1-wrong";
  EXPECT_EQ(run("swarm unlock"), 1);
  EXPECT_TRUE(has(err, "manager-2: this is not the key of this manager"));
  environment["SWARM_KEY"] = key + "\n";
  EXPECT_EQ(run("swarm unlock"), 0) << err;
  EXPECT_EQ(out, "manager-1: unlocked\nmanager-2: unlocked\nmanager-3: unlocked\n");
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out << err;
  EXPECT_EQ(run("swarm unlock"), 0);
  EXPECT_TRUE(has(out, "no manager is locked"));
}

TEST_F(SwarmCommandsTest, OneLockedManagerIsUnlockedWithTheKeyOfAnother) {
  make_cluster(3, "swarm: {autolock: true}\n");
  reboot("manager-3");
  ASSERT_EQ(state_of("manager-3"), "locked");
  EXPECT_EQ(run("swarm unlock -json"), 0) << err;
  EXPECT_EQ(json_out()["unlocked"], Json({"manager-3"}));
  EXPECT_EQ(state_of("manager-3"), "active");
  for (const char* name : {"manager-1", "manager-2", "manager-3"}) reboot(name);
  EXPECT_EQ(run("swarm unlock"), 1);
  EXPECT_TRUE(has(err, "no manager that is not locked can tell the key"));
}

TEST_F(SwarmCommandsTest, TheKeyComesFromAFileOrAProgramAndNeverFromAFlag) {
  make_cluster(1, "swarm: {autolock: true, unlock_key: {command: [cat, key.txt]}}\n");
  write("key.txt", world.swarm().unlock_key + "\n");
  write("empty.txt", "\n");
  reboot("manager-1");
  EXPECT_EQ(run("swarm unlock --key SWMKEY-1-in-the-clear"), 1);
  EXPECT_TRUE(has(err, "write env:NAME or file:PATH"));
  EXPECT_EQ(run("swarm unlock --key file:empty.txt"), 1);
  EXPECT_TRUE(has(err, "it is empty"));
  EXPECT_EQ(run("swarm unlock"), 0) << err;
  reboot("manager-1");
  EXPECT_EQ(run("swarm unlock --key file:key.txt"), 0) << err;
  EXPECT_EQ(state_of("manager-1"), "active");
}

TEST_F(SwarmCommandsTest, TheKeyRestsNowhere) {
  make_cluster(3, "swarm: {autolock: true}\n");
  const std::string key = world.swarm().unlock_key;
  ASSERT_EQ(run("swarm unlock-key"), 0);
  EXPECT_EQ(run("swarm rotate worker-token"), 0) << err;
  reboot("manager-2");
  ASSERT_EQ(run("swarm unlock"), 0);
  EXPECT_EQ((out + err).find(key), std::string::npos);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str().find(key), std::string::npos) << entry.path();
  }
}

TEST_F(SwarmCommandsTest, WhereManagersDoNotLockThereIsNoKey) {
  make_cluster(1);
  EXPECT_EQ(run("swarm unlock-key"), 1);
  EXPECT_TRUE(has(err, "swarm: {autolock: true}"));
  EXPECT_EQ(run("swarm rotate unlock-key"), 4);
  EXPECT_TRUE(has(err, "its managers do not lock"));
}

TEST_F(SwarmCommandsTest, RotateChangesWhatIsNamedAndShowsNothingOfIt) {
  make_cluster(3, "swarm: {autolock: true}\n");
  const auto before = world.swarm();
  EXPECT_EQ(run("swarm rotate worker-token manager-token unlock-key ca"), 0) << err;
  const auto& after = world.swarm();
  EXPECT_NE(after.token, before.token);
  EXPECT_NE(after.manager_token, before.manager_token);
  EXPECT_NE(after.unlock_key, before.unlock_key);
  EXPECT_EQ(after.ca, before.ca + 1);
  for (const auto& secret : {after.token, after.manager_token, after.unlock_key})
    EXPECT_EQ((out + err).find(secret), std::string::npos);
  EXPECT_EQ(run("state history -json"), 0);
  EXPECT_EQ(json_out()["entries"][0]["summary"], "worker-token, manager-token, unlock-key, ca");
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
  EXPECT_EQ(run("swarm rotate"), 64);
  EXPECT_EQ(run("swarm rotate everything"), 64);
}

TEST_F(SwarmCommandsTest, ABackupIsOursAloneAndWhole) {
  make_cluster(3);
  EXPECT_EQ(run("swarm backup swarm.backup"), 0) << err;
  EXPECT_TRUE(has(out, "swarm.backup: the swarm as manager-"));
  EXPECT_TRUE(has(err, "holds the keys of the swarm in the clear"));
  EXPECT_EQ(mode_of("swarm.backup"), 0600U);
  EXPECT_TRUE(file_bytes("swarm.backup").starts_with("the raft log of " + world.swarm().id));
  EXPECT_EQ(run("plan -detailed-exitcode"), 0) << out;
  EXPECT_EQ(run("swarm unpack swarm.backup swarm.tar.gz --key env:HOME"), 1);
  EXPECT_TRUE(has(err, "is not encrypted"));
}

TEST_F(SwarmCommandsTest, ABackupWithAPassphraseOpensOnlyWithIt) {
  make_cluster(3);
  environment["PASS"] = "correct horse";
  EXPECT_EQ(run("swarm backup swarm.backup --key env:PASS --node manager-3"), 0) << err;
  EXPECT_TRUE(has(out, "encrypted"));
  EXPECT_EQ(file_bytes("swarm.backup").find("the raft log"), std::string::npos);
  EXPECT_EQ(run("swarm unpack swarm.backup swarm.tar.gz"), 1);
  EXPECT_TRUE(has(err, "there is no passphrase"));
  environment["SKEP_BACKUP_KEY"] = "another";
  EXPECT_EQ(run("swarm unpack swarm.backup swarm.tar.gz"), 1);
  EXPECT_TRUE(has(err, "another passphrase, or it is damaged"));
  EXPECT_FALSE(is_there("swarm.tar.gz"));
  environment["SKEP_BACKUP_KEY"] = "correct horse";
  EXPECT_EQ(run("swarm unpack swarm.backup swarm.tar.gz"), 0) << err;
  EXPECT_TRUE(file_bytes("swarm.tar.gz").starts_with("the raft log of "));
  EXPECT_EQ(mode_of("swarm.tar.gz"), 0600U);
}

TEST_F(SwarmCommandsTest, NoEngineStopsForAFileThatCannotBeWrittenOrAgainstTheQuorum) {
  make_cluster(1);
  world.forget_calls();
  EXPECT_EQ(run("swarm backup no-such-folder/swarm.backup"), 1);
  EXPECT_EQ(run("swarm backup swarm.backup"), 4);
  EXPECT_TRUE(has(err, "--allow-outage"));
  EXPECT_EQ(run("swarm backup swarm.backup --node manager-7"), 1);
  EXPECT_EQ(world.count_of_calls("swarm_backup"), 0U);
  EXPECT_FALSE(is_there("swarm.backup"));
  EXPECT_EQ(run("swarm backup swarm.backup --allow-outage"), 0) << err;
}

}  // namespace
}  // namespace skep
