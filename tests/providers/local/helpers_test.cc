// The pure parts of provider local: ranges, names, limits, commands, groups, rules, recipe, warnings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/base/text.h"
#include "providers/local/cgroups.h"
#include "providers/local/firewall_rules.h"
#include "providers/local/image_recipe.h"
#include "providers/local/limits.h"
#include "providers/local/names.h"
#include "providers/local/nspawn_command.h"
#include "providers/local/preflight.h"
#include "providers/local/subnet.h"

namespace skep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Subnet subnet(std::string_view text) { return parse_subnet(text).value(); }

TEST(Subnet, IsReadInCanonicalForm) {
  struct Case {
    const char* text;
    const char* canonical;  // "": refused
  };
  for (const auto& [text, canonical] : std::vector<Case>{{"10.1.2.3/16", "10.1.0.0/16"},
                                                         {"10.0.0.1", "10.0.0.1/32"},
                                                         {"default", "0.0.0.0/0"},
                                                         {"0.0.0.0/0", "0.0.0.0/0"},
                                                         {"10.0.0.0/33", ""},
                                                         {"10.0.0.0/", ""},
                                                         {"10.0.0.0/-1", ""},
                                                         {"10.0.0/8", ""},
                                                         {"fe80::/64", ""},
                                                         {"", ""}}) {
    SCOPED_TRACE(text);
    const auto parsed = parse_subnet(text);
    EXPECT_EQ(parsed ? to_text(*parsed) : "", canonical);
  }
}

TEST(Subnet, OverlapIsSymmetric) {
  struct Case {
    const char* left;
    const char* right;
    bool overlap;
  };
  for (const auto& [left, right, expected] : std::vector<Case>{{"10.0.0.0/8", "10.200.0.0/23", true},
                                                               {"10.200.0.0/23", "10.200.1.7/32", true},
                                                               {"10.200.0.0/23", "10.200.2.0/23", false},
                                                               {"0.0.0.0/0", "192.0.2.0/24", true}}) {
    SCOPED_TRACE(std::string(left) + " " + right);
    EXPECT_EQ(overlap(subnet(left), subnet(right)), expected);
    EXPECT_EQ(overlap(subnet(right), subnet(left)), expected);
  }
}

TEST(Subnet, HalvesAreForMachinesAndForFloatingAddresses) {
  const Subnet range = subnet("10.200.4.0/23");
  EXPECT_EQ(to_text(machine_half(range)), "10.200.4.0/24");
  EXPECT_EQ(to_text(floating_half(range)), "10.200.5.0/24");
  EXPECT_EQ(address_text(gateway_of(range)), "10.200.4.1");
  EXPECT_EQ(machine_capacity(range), 253U);
  EXPECT_EQ(machine_capacity(subnet("10.0.0.0/26")), 29U);
}

TEST(Subnet, MachinesGetTheTenthAddressAndUpThenTheRest) {
  const Subnet range = subnet("10.200.4.0/27");  // machines in .0 to .15
  std::set<std::uint32_t> used;
  std::vector<std::string> given;
  while (const auto address = free_machine_address(range, used)) {
    used.insert(*address);
    given.push_back(address_text(*address).substr(9));
  }
  EXPECT_THAT(given, ElementsAre("10", "11", "12", "13", "14", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(given.size(), machine_capacity(range));
}

TEST(Subnet, FloatingAddressesComeFromTheUpperHalf) {
  const Subnet range = subnet("10.200.4.0/26");
  EXPECT_EQ(address_text(*free_floating_address(range, {})), "10.200.4.33");
  EXPECT_EQ(address_text(*free_floating_address(range, {*parse_address("10.200.4.33")})), "10.200.4.34");
}

TEST(Subnet, AChosenRangeIsFreeAndTheSameForTheSameName) {
  const auto first = choose_range("demo", {});
  ASSERT_TRUE(first);
  EXPECT_EQ(choose_range("demo", {}), first);
  EXPECT_TRUE(overlap(*first, subnet("10.128.0.0/9")));
  const std::vector<Subnet> used = {*first};
  const auto second = choose_range("demo", used);
  ASSERT_TRUE(second);
  EXPECT_FALSE(overlap(*first, *second));
  EXPECT_EQ(choose_range("demo", std::vector<Subnet>{subnet("10.0.0.0/8")}), std::nullopt);
}

TEST(Subnet, RoutesOfTheComputerAreReadButNotItsDefaultRoute) {
  const auto ranges = routed_ranges(R"([{"dst":"default","gateway":"192.0.2.1"},{"dst":"192.0.2.0/24","dev":"eth0"},
      {"type":"local","dst":"127.0.0.1"},{"dst":"fe80::/64"}])");
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(to_text(ranges[0]), "192.0.2.0/24");
  EXPECT_EQ(to_text(ranges[1]), "127.0.0.1/32");
  EXPECT_THAT(routed_ranges("no JSON"), IsEmpty());
}

TEST(Names, FitWhereTheyAreUsed) {
  EXPECT_LE(bridge_name("a-cluster-with-a-long-name").size(), 15U);
  EXPECT_TRUE(bridge_name("demo").starts_with("skep-"));
  EXPECT_NE(bridge_name("demo"), bridge_name("demo2"));
  EXPECT_EQ(cable_name("0123abcd"), "skepv-0123abcd");
  EXPECT_LE(cable_name("0123abcd").size(), 15U);
  EXPECT_EQ(machine_name("demo", "worker-1@2", "0123abcd"), "demo-worker-1-2-0123abcd");
  const std::string longest = machine_name(std::string(40, 'c'), std::string(40, 'n'), "0123abcd");
  EXPECT_EQ(longest.size(), 63U);
  EXPECT_TRUE(longest.ends_with("-0123abcd"));
  EXPECT_EQ(mac_address(*parse_address("10.200.4.10")), "02:5e:0a:c8:04:0a");
  EXPECT_EQ(host_name({"server", "db-1", 2}), "db-1-g2");
  EXPECT_EQ(folder_name({"server", "db-1", 2}), "db-1@2");
  EXPECT_EQ(folder_name({"server", "db-1", 1}), "db-1");
}

TEST(Limits, AreReadFromTheType) {
  EXPECT_EQ(parse_limits(""), Limits{});
  EXPECT_EQ(parse_limits("2cpu-1gb"), (Limits{2, std::uint64_t{1} << 30}));
  EXPECT_EQ(parse_limits("16cpu-64gb"), (Limits{16, std::uint64_t{64} << 30}));
  for (const char* wrong :
       {"cx22", "0cpu-1gb", "2cpu-0gb", "2cpu", "2cpu-1gb ", "999cpu-1gb", "2cpu-9999gb", "2CPU-1GB"})
    EXPECT_EQ(parse_limits(wrong), std::nullopt) << wrong;
}

LocalMachine machine() {
  LocalMachine result;
  result.cluster = "demo";
  result.name = "node-1";
  result.host_name = "node-1";
  result.uid = "0123abcd";
  result.base = "/cache/base";
  return result;
}

TEST(Nspawn, CommandNamesAllThatTheMachineHas) {
  const auto command = nspawn_command(machine(), {"/r/a:b"}, {{"/dev/loop3", device_inside("demo/node-1-data")}});
  EXPECT_EQ(command.front(), "systemd-nspawn");
  for (const char* part : {"--boot", "--directory=/r/a:b/root", "--machine=demo-node-1-0123abcd", "--hostname=node-1",
                           "--register=no", "--keep-unit", "--network-namespace-path=/run/netns/demo-node-1-0123abcd",
                           "--notify-ready=yes", "--capability=all", "--bind=/r/a\\:b/data/docker:/var/lib/docker",
                           "--bind=/dev/loop3:/dev/disk/by-id/skep-node-1-data"}) {
    EXPECT_THAT(command, Contains(part));
  }
}

TEST(Nspawn, OverlayOptionsEscapeWhatOverlayfsSplitsAt) {
  EXPECT_EQ(overlay_options(machine(), {"/r/a,b:c"}),
            "lowerdir=/cache/base,upperdir=/r/a\\,b\\:c/upper,workdir=/r/a\\,b\\:c/work");
}

TEST(Nspawn, NoticesAreRead) {
  EXPECT_EQ(parse_nspawn_notice("READY=1\n").ready, true);
  EXPECT_EQ(parse_nspawn_notice("X_NSPAWN_LEADER_PID=7\nSTATUS=x").leader, 7);
  for (const char* text :
       {"X_NSPAWN_LEADER_PID=", "X_NSPAWN_LEADER_PID=7x", "X_NSPAWN_LEADER_PID=-7", "READY=10", ""}) {
    const auto notice = parse_nspawn_notice(text);
    EXPECT_FALSE(notice.ready || notice.leader) << text;
  }
}

TEST(Cgroups, HierarchiesAreFoundOnEveryVersion) {
  const auto hybrid = cgroup_mounts(
      "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
      "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\ncgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw 0 0\n");
  EXPECT_FALSE(hybrid.unified);
  EXPECT_THAT(hybrid.folders,
              ElementsAre("/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"));
  const auto unified = cgroup_mounts("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
  EXPECT_TRUE(unified.unified);
  EXPECT_THAT(unified.folders, ElementsAre("/sys/fs/cgroup"));
  EXPECT_THAT(cgroup_mounts("proc /proc proc rw 0 0\n").folders, IsEmpty());
}

TEST(Cgroups, VersionTwoUsesTheUnitsOwnGroupWhereThereIsOne) {
  EXPECT_EQ(unified_home("0::/system.slice/skep-m-1.service\n", "m-1"), "/sys/fs/cgroup/system.slice/skep-m-1.service");
  EXPECT_EQ(unified_home("0::/system.slice/skep-m-1.service/manager\n", "m-1"),
            "/sys/fs/cgroup/system.slice/skep-m-1.service");
  EXPECT_EQ(unified_home("0::/user.slice\n", "m-1"), "/sys/fs/cgroup/skep/m-1");
  EXPECT_EQ(unified_home("", "m-1"), "/sys/fs/cgroup/skep/m-1");
}

TEST(Firewall, TableReplacesItselfAndKeepsClustersApart) {
  const std::string table = nft_table("skep-1234abcd", subnet("10.200.4.0/23"));
  EXPECT_THAT(table, HasSubstr("delete table ip skep_1234abcd\n"));
  EXPECT_THAT(table, HasSubstr("ip saddr 10.200.4.0/23 ip daddr != 10.200.4.0/23 masquerade"));
  EXPECT_THAT(table, HasSubstr("iifname \"skep-1234abcd\" oifname \"skep-*\" oifname != \"skep-1234abcd\" drop"));
}

TEST(Firewall, AcceptRulesAreOnlyNeededWhereForwardingIsFiltered) {
  EXPECT_FALSE(forward_is_filtered("-P FORWARD ACCEPT\n"));
  EXPECT_FALSE(forward_is_filtered(""));
  EXPECT_FALSE(forward_is_filtered("-P FORWARD ACCEPT\n-A FORWARD -i skep-1234abcd -j ACCEPT\n"));
  EXPECT_TRUE(forward_is_filtered("-P FORWARD DROP\n"));
  EXPECT_TRUE(forward_is_filtered("-P FORWARD ACCEPT\n-A FORWARD -j DOCKER-USER\n"));
  EXPECT_TRUE(has_accept_rules("-A FORWARD -o b -j ACCEPT\n-A FORWARD -i b -j ACCEPT\n", "b"));
  EXPECT_FALSE(has_accept_rules("-A FORWARD -o b -j ACCEPT\n", "b"));
}

constexpr const char* index_targets =
    "http://mirror/debian/|bookworm|main|Debian\n"
    "http://mirror/debian/|bookworm|contrib|Debian\n"
    "http://mirror/debian/|bookworm-backports|main|Debian\n"
    "http://mirror/security/|bookworm-security|main|Debian\n"
    "https://download.docker.com/linux/debian/|bookworm|stable|Docker\n"
    "https://deb.example.com/|bookworm|main|Example\n"
    "file:/srv/repo/|bookworm|main|Debian\n";

TEST(ImageRecipe, TakesDebiansOwnSourcesOfTheComputer) {
  const auto recipe = image_recipe(index_targets, "", "/k.gpg", "amd64\n", {});
  EXPECT_THAT(recipe.sources, ElementsAre("deb [signed-by=/k.gpg] http://mirror/debian bookworm main",
                                          "deb [signed-by=/k.gpg] http://mirror/security bookworm-security main"));
  EXPECT_EQ(recipe.architecture, "amd64");
}

TEST(ImageRecipe, OnAnotherDistributionDebiansServersAreUsed) {
  const auto recipe = image_recipe("http://archive.ubuntu.com/ubuntu/|noble|main|Ubuntu\n", "", "", "amd64", {});
  ASSERT_EQ(recipe.sources.size(), 3U);
  EXPECT_EQ(recipe.sources[0], "deb http://deb.debian.org/debian bookworm main");
}

TEST(ImageRecipe, CarriesHowToFetchOverButNoProxyOfTheLoopback) {
  const auto recipe = image_recipe("",
                                   "Acquire::http \"\";\nAcquire::http::Proxy \"http://127.0.0.1:3142\";\n"
                                   "Acquire::https::CaInfo \"/etc/ca.pem\";\nAcquire::Check-Date \"false\";\n"
                                   "Acquire::Languages:: \"de\";\nDpkg::Use-Pty \"0\";\n",
                                   "", "amd64", {{"https_proxy", "http://proxy:8080"}});
  EXPECT_THAT(recipe.apt_options,
              ElementsAre("Acquire::http::Proxy \"http://127.0.0.1:3142\"", "Acquire::https::CaInfo \"/etc/ca.pem\"",
                          "Acquire::Check-Date \"false\""));
  EXPECT_THAT(recipe.node_apt_options,
              ElementsAre("Acquire::https::CaInfo \"/etc/ca.pem\"", "Acquire::Check-Date \"false\"",
                          "Acquire::https::Proxy \"http://proxy:8080\""));
  EXPECT_THAT(finishing_script(recipe), HasSubstr("\nAcquire::Check-Date \"false\";\n"));
  EXPECT_THAT(finishing_script(recipe), Not(HasSubstr("@")));
}

TEST(ImageRecipe, KeyFollowsTheContent) {
  const auto recipe = image_recipe(index_targets, "", "/k.gpg", "amd64", {});
  const auto same = image_recipe(index_targets, "", "/k.gpg", "amd64", {});
  const auto other = image_recipe(index_targets, "Acquire::Retries \"3\";", "/k.gpg", "amd64", {});
  EXPECT_EQ(recipe.content_key(), same.content_key());
  EXPECT_NE(recipe.content_key(), other.content_key());
  EXPECT_EQ(recipe.content_key().size(), 16U);
}

TEST(ImageRecipe, CommandNamesTargetReleaseAndHook) {
  const auto command = mmdebstrap_command(image_recipe(index_targets, "", "", "amd64", {}), "/t/root", "/t/hook x");
  EXPECT_THAT(command, Contains("--customize-hook=sh '/t/hook x' \"$1\""));
  EXPECT_THAT(join(command, " "), HasSubstr(" bookworm /t/root deb http://mirror/debian bookworm main"));
}

TEST(ResolvConf, LeavesServersOfTheLoopbackOut) {
  EXPECT_EQ(node_resolv_conf("nameserver 192.0.2.53\nsearch example.com\n", ""),
            "nameserver 192.0.2.53\nsearch example.com\n");
  EXPECT_EQ(node_resolv_conf("nameserver 127.0.0.53\noptions edns0\n", "nameserver 198.51.100.1\n"),
            "nameserver 198.51.100.1\n");
}

TEST(Preflight, EachLackIsSaidWithWhatFollowsFromIt) {
  EXPECT_THAT(kernel_warnings(""), IsEmpty());
  const auto warnings = kernel_warnings("ipvs\nesp\nnetem\n");
  ASSERT_EQ(warnings.size(), 3U);
  EXPECT_THAT(warnings[0], HasSubstr("mode: host"));
  EXPECT_THAT(warnings[1], HasSubstr("encrypted"));
  EXPECT_THAT(warnings[2], HasSubstr("netem"));
}

TEST(Preflight, MissingCapabilitiesAreNamed) {
  EXPECT_EQ(missing_capabilities("CapEff:\t000001ffffffffff\n"), "");
  EXPECT_EQ(missing_capabilities("CapEff:\t00000000a80425fb\n"), "CAP_SYS_ADMIN, CAP_NET_ADMIN");
  EXPECT_TRUE(lacks_resource_capability("CapEff:\t000001fffeffffff\n"));
  EXPECT_FALSE(lacks_resource_capability("CapEff:\t000001ffffffffff\n"));
}

}  // namespace
}  // namespace skep
