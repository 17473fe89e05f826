// Real networks: repaired when somebody took a part away, apart from each other; floating addresses that move.
#include "providers/local/host_network.h"

#include "tests/providers/local/real_machines.h"

namespace skep {
namespace {

class Networks : public RealMachines {
 protected:
  Object made(const Resource& resource) {
    auto object = make(resource);
    EXPECT_TRUE(object.ok()) << object.error().message << "\n" << object.error().hint;
    return object.ok() ? object.value() : Object{};
  }
  bool is_up() { return look(network())->attributes["up"] == Json(true); }
};

TEST_F(Networks, AreMadeOnceAndRepaired) {
  const Object first = made(network());
  EXPECT_EQ(first.attributes["up"], Json(true));
  EXPECT_EQ(drivers_["local.network"]->create(network(), context()).value(), first);
  const std::string bridge = bridge_name(cluster_);
  for (const std::string& damage : {"nft delete table ip " + replace_all(bridge, "-", "_"), "ip link del " + bridge,
                                    "ip link set " + bridge + " down"}) {
    SCOPED_TRACE(damage);
    ASSERT_EQ(here(damage), "");
    EXPECT_FALSE(is_up());
    const auto repaired = drivers_["local.network"]->update(network(), first, context());
    ASSERT_TRUE(repaired.ok()) << repaired.error().message;
    EXPECT_EQ(repaired.value(), first);
  }
}

TEST_F(Networks, ARangeThatThisComputerUsesIsRefused) {
  const Object first = made(network());
  LocalTools others = tools_;
  others.paths.root += "/other";
  const auto wanted = json_string_or(first.attributes, "subnet");
  const auto refused = record_network(others, "other", wanted, {}, context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("overlaps " + wanted.substr(0, wanted.find('/'))));
}

TEST_F(Networks, AreNotDestroyedUnderAMachine) {
  const Object first = made(network());
  (void)made(server("node"));
  const Context soon = {.deadline =
                            clock_.now() + std::chrono::seconds(1)};  // until then it waits for the machine's end
  const auto refused = drivers_["local.network"]->destroy(network(), first, soon);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("server node"));
}

TEST_F(Networks, MachinesReachTheComputerButNotOtherClusters) {
  (void)made(network());
  const Object ours = made(server("node"));
  const std::string own_cluster = cluster_;
  cluster_ = own_cluster + "b";
  (void)made(network());
  const Object theirs = made(server("node"));
  const std::string address = json_string_or(theirs.attributes, "address");
  EXPECT_EQ(over_ssh(theirs, "hostname"), "node");
  const auto names = names_on_host();
  cluster_ = own_cluster;
  EXPECT_EQ(over_ssh(ours, "ping -c 1 -W 1 " + address + " >/dev/null && echo reached || echo apart"), "apart");
  const auto gateway = json_string_or(look(network())->attributes, "gateway");
  EXPECT_EQ(over_ssh(ours, "ping -c 1 -W 1 " + gateway + " >/dev/null && echo reached || echo apart"), "reached");
  cluster_ = own_cluster + "b";
  EXPECT_EQ(destroy_all(), "");
  EXPECT_EQ(left_on_host(names), "");
  cluster_ = own_cluster;
}

TEST_F(Networks, AFloatingAddressMovesAndOutlivesReboots) {
  (void)made(network());
  const Object one = made(server("one"));
  const Object two = made(server("two"));
  const Object first = made(floating("ingress", "one"));
  const std::string address = json_string_or(first.attributes, "address");
  EXPECT_EQ(json_string_or(first.attributes, "server"), cluster_ + "/one");
  const auto answers = [&] {
    return here("ssh-keyscan -T 2 -t ed25519 " + address + " 2>/dev/null | cut -d ' ' -f 2-");
  };
  EXPECT_EQ(answers(), json_string_or(one.attributes, "host_key"));
  EXPECT_EQ(over_ssh(two, "ping -c 1 -W 2 " + address + " >/dev/null"), "");

  const auto moved = drivers_["local.floating_ip"]->update(floating("ingress", "two"), first, context());
  ASSERT_TRUE(moved.ok()) << moved.error().message;
  EXPECT_EQ(json_string_or(moved.value().attributes, "address"), address);
  EXPECT_EQ(answers(), json_string_or(two.attributes, "host_key"));
  EXPECT_EQ(over_ssh(one, "ip -4 addr show dev eth0 | grep -c inet"), "1");

  (void)over_ssh(two, "systemctl reboot");
  ASSERT_TRUE(eventually([&] { return answers().empty(); }));
  ASSERT_TRUE(eventually([&] { return answers() == json_string_or(two.attributes, "host_key"); }));
  EXPECT_EQ(look(floating("ingress", "two")), moved.value());

  ASSERT_EQ(here("ip route del " + address), "");
  EXPECT_EQ(json_string_or(look(floating("ingress", "two"))->attributes, "server"), "");
}

}  // namespace
}  // namespace skep
