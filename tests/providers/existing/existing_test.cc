// Machines that are there already: checked offline, known by address and key, never made or destroyed.
#include "providers/existing/existing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/base/ssh_key.h"

namespace skep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string key_line(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return checked_public_line(ed25519_key_pair(seed, "").public_line).value();
}

Spec spec_with(const std::vector<NodeSpec>& nodes) {
  Spec spec;
  spec.name = "demo";
  spec.ssh.port = 2222;
  spec.ssh.user = "admin";
  spec.pools["edge"] = {.name = "edge", .provider = "existing", .location = "sg", .named = true, .nodes = nodes};
  return spec;
}

std::vector<std::string> messages(const Spec& spec) {
  std::vector<std::string> result;
  for (const auto& problem : make_existing_provider()->check(spec)) result.push_back(problem.message);
  return result;
}

TEST(Existing, MachinesComeFromTheSpecAlone) {
  const auto provider = make_existing_provider();
  const Spec spec = spec_with({{.name = "a", .address = "198.51.100.7", .host_key = key_line(1) + " comment"},
                               {.name = "b",
                                .address = "198.51.100.8",
                                .private_address = "10.0.0.8",
                                .host_key = key_line(2),
                                .user = "root",
                                .port = 22}});
  EXPECT_THAT(messages(spec), IsEmpty());
  const auto expanded = provider->expand(spec, {});
  ASSERT_TRUE(expanded.ok());
  ASSERT_EQ(expanded.value().resources.size(), 2U);
  Driver& driver = *provider->drivers().front();
  const auto object_of = [&](const Resource& resource) { return driver.create(resource, {}).value(); };
  const Object a = object_of(expanded.value().resources[0]);
  EXPECT_EQ(dump_json(a.attributes),
            R"({"address":"198.51.100.7","host_key":")" + key_line(1) +
                R"(","power":"on","private_address":"198.51.100.7","ssh_port":2222,"ssh_user":"admin"})");
  const Object b = object_of(expanded.value().resources[1]);
  EXPECT_EQ(b.attributes["private_address"], "10.0.0.8");
  EXPECT_EQ(b.attributes["ssh_port"], 22);
  const Machine& machine = expanded.value().machines.at("a");
  EXPECT_FALSE(machine.ours);
  EXPECT_FALSE(machine.private_network);
  EXPECT_EQ(machine.labels.at("region"), "sg");
  EXPECT_TRUE(expanded.value().machines.at("b").private_network);
  for (const auto& resource : expanded.value().resources) EXPECT_TRUE(check_inputs(resource, driver.schema()).ok());
}

TEST(Existing, IsFoundAsRecordedAndNotBeforeItWasTakenIn) {
  const auto provider = make_existing_provider();
  const auto expanded =
      provider->expand(spec_with({{.name = "a", .address = "198.51.100.7", .host_key = key_line(1)}}), {});
  Driver& driver = *provider->drivers().front();
  const Resource& resource = expanded.value().resources.front();
  EXPECT_EQ(driver.find(resource, "", {}).value(), std::nullopt);
  const Object made = driver.create(resource, {}).value();
  EXPECT_EQ(driver.find(resource, made.remote_id, {}).value(), made);
  EXPECT_TRUE(driver.destroy(resource, made, {}).ok());
}

TEST(Existing, WhatIsMissingOrMakesNoSenseIsSaidAllAtOnce) {
  Spec spec = spec_with({{.name = "a", .host_key = key_line(1)},
                         {.name = "b", .address = "198.51.100.8"},
                         {.name = "c", .address = "198.51.100.8", .host_key = key_line(2)},
                         {.name = "d", .address = "198.51.100.9", .host_key = "ssh-rsa AAAAB3NzaC1yc2E="}});
  spec.pools["edge"].type = "big";
  spec.floating_ips["ingress"] = {.pool = "edge"};
  EXPECT_THAT(messages(spec),
              ElementsAre(HasSubstr("pools.edge.type"), HasSubstr("nodes.a: the address is missing"),
                          HasSubstr("nodes.b: the host_key is missing"), HasSubstr("node b has the same address"),
                          HasSubstr("nodes.d.host_key"), HasSubstr("floating_ips.ingress.pool")));
}

TEST(Existing, ACountIsRefused) {
  Spec spec = spec_with({});
  spec.pools["edge"].named = false;
  EXPECT_THAT(messages(spec), ElementsAre(HasSubstr("pools.edge.count")));
}

TEST(Existing, BesideACloudItsMachinesStandOutsideOfTheFirewall) {
  Spec spec = spec_with({{.name = "a", .address = "198.51.100.7", .host_key = key_line(1)}});
  spec.firewall.ssh = {"203.0.113.0/24"};
  auto problems = make_existing_provider()->check(spec);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Problem::Severity::error);
  spec.pools["web"] = {.name = "web", .provider = "cloud"};
  problems = make_existing_provider()->check(spec);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Problem::Severity::warning);
}

}  // namespace
}  // namespace skep
