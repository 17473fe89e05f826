// Real volumes: seen at boot and while running, kept over reboots, never taken from under a mount.
#include "tests/providers/local/real_machines.h"

namespace skep {
namespace {

constexpr std::uint64_t size_bytes = 64 << 20;
constexpr const char* device = "/dev/disk/by-id/skep-node-data";

class Volumes : public RealMachines {
 protected:
  void SetUp() override {
    RealMachines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (!files_.exists("/dev/loop-control")) GTEST_SKIP() << "real volumes need loop devices";
    (void)made(network());
  }
  Object made(const Resource& resource) {
    auto object = make(resource);
    EXPECT_TRUE(object.ok()) << object.error().message << "\n" << object.error().hint;
    return object.ok() ? object.value() : Object{};
  }
  Resource server_with(const std::string& name, const std::vector<std::string>& volumes) {
    Resource resource = server(name);
    for (const auto& volume : volumes) resource.inputs["volumes"].push_back(cluster_ + "/" + volume);
    return resource;
  }
};

TEST_F(Volumes, AreThereAtBootAndKeepTheirData) {
  const Object disk = made(volume("node-data", size_bytes));
  EXPECT_EQ(json_string_or(disk.attributes, "device"), device);
  const Object machine = made(server_with("node", {"node-data"}));
  const std::string path = device;
  EXPECT_EQ(over_ssh(machine, "blockdev --getsize64 " + path), std::to_string(size_bytes));
  EXPECT_EQ(over_ssh(machine, "mkfs.ext4 -q " + path + " && mount " + path + " /mnt && echo kept >/mnt/file"), "");

  const auto refused = drivers_["local.volume"]->destroy(volume("node-data", size_bytes), disk, context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("mounted in node at /mnt"));

  ASSERT_TRUE(drivers_["local.server"]->destroy(server("node"), machine, context()).ok());
  const Object next = made(server_with("node", {"node-data"}));
  EXPECT_EQ(over_ssh(next, "mount " + path + " /mnt && cat /mnt/file"), "kept");
}

TEST_F(Volumes, AppearInAMachineThatRuns) {
  const Object machine = made(server("node"));
  (void)made(volume("node-data", size_bytes));
  const auto updated = drivers_["local.server"]->update(server_with("node", {"node-data"}), machine, context());
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  const std::string path = device;
  EXPECT_EQ(
      over_ssh(machine, "mkfs.ext4 -q " + path + " && mount " + path + " /mnt && grep -c ' /mnt ext4 ' /proc/mounts"),
      "1");
  EXPECT_EQ(over_ssh(machine, "umount /mnt"), "");
}

TEST_F(Volumes, GrowButDoNotShrink) {
  const Object disk = made(volume("node-data", size_bytes));
  const Object machine = made(server_with("node", {"node-data"}));
  Driver& driver = *drivers_["local.volume"];
  ASSERT_TRUE(driver.update(volume("node-data", 2 * size_bytes), disk, context()).ok());
  EXPECT_EQ(over_ssh(machine, std::string("blockdev --getsize64 ") + device), std::to_string(2 * size_bytes));
  const auto refused = driver.update(volume("node-data", size_bytes), disk, context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
}

TEST_F(Volumes, AreNeverInTwoMachinesAtOnce) {
  (void)made(volume("node-data", size_bytes));
  (void)made(server_with("node", {"node-data"}));
  const auto second = make(server_with("thief", {"node-data"}));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_THAT(second.error().message, ::testing::HasSubstr("attached to node"));
}

}  // namespace
}  // namespace skep
