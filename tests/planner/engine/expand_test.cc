// From a spec to resources: every part is asked, and a provider's bug is said before anything is planned.
#include "planner/engine/expand.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_driver.h"

namespace skep::test {
namespace {

class FakeProvider final : public Provider {
 public:
  std::vector<Resource> resources;
  FakeDriver driver{"fake.server"};

  std::string_view name() const override { return "fake"; }
  std::vector<Driver*> drivers() override { return {&driver}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<Expansion> expand(const Spec&, const ExpandOptions&) const override {
    return Expansion{.resources = resources, .machines = {{"a", {.id = {"server", "a"}}}}};
  }
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override {
    return std::vector<std::string>{};
  }
};

class FakeHosts final : public HostKinds {
 public:
  FakeDriver driver{"host.engine"};
  std::vector<Resource> resources;

  std::vector<Driver*> drivers() override { return {&driver}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<Resource>> expand(const Spec&, const std::map<std::string, Machine>& machines) const override {
    EXPECT_TRUE(machines.contains("a"));
    return resources;
  }
};

struct Expand : testing::Test {
  FakeProvider provider;
  FakeHosts hosts;
  Provider* providers[1] = {&provider};
  Spec spec = {.name = "test", .pools = {{"p", {.name = "p", .provider = "fake"}}}};

  Expand() {
    provider.resources = {{.id = {"server", "a"}, .driver = "fake.server"}};
    hosts.resources = {{.id = {"engine", "a"},
                        .driver = "host.engine",
                        .inputs = {{"value", {{"$ref", "server/a"}, {"field", "address"}}}}}};
  }
  Result<Expanded> run() {
    const Catalog catalog(providers, hosts);
    return skep::expand(spec, providers, hosts, catalog, {});
  }
  std::string error() {
    const auto expanded = run();
    return expanded.ok() ? "" : expanded.error().message;
  }
};

TEST_F(Expand, NeedsNameWhatReferencesName) {
  const auto expanded = run().value();
  ASSERT_EQ(expanded.resources.size(), 2U);
  EXPECT_EQ(expanded.resources[0].id, (ResourceId{"engine", "a"}));  // by id
  EXPECT_EQ(expanded.resources[0].needs, (std::vector<ResourceId>{{"server", "a"}}));
  EXPECT_TRUE(expanded.machines.contains("a"));
}

TEST_F(Expand, ABugIsSaidBeforeAnythingIsPlanned) {
  hosts.resources[0].driver = "host.none";
  EXPECT_EQ(error(), "engine/a asks for the driver \"host.none\", which does not exist");
  hosts.resources[0].driver = "host.engine";
  hosts.resources[0].needs = {{"server", "b"}};
  EXPECT_EQ(error(), "engine/a refers to server/b, which nothing makes");
  hosts.resources[0].needs = {};
  hosts.resources[0].inputs["typo"] = 1;
  EXPECT_EQ(error(), "engine/a: host.engine: unknown input \"typo\"");
  hosts.resources[0].inputs.erase("typo");
  provider.resources[0].needs = {{"engine", "a"}};
  EXPECT_EQ(error(), "engine/a needs itself in the end");
  provider.resources[0].needs = {};
  provider.resources.push_back(provider.resources[0]);
  EXPECT_EQ(error(), "two resources are called server/a");
  provider.resources.pop_back();
  provider.resources[0].id.generation = 2;
  EXPECT_EQ(error(), "server/a@2: only the planner gives generations");
}

TEST_F(Expand, AProviderWithoutAPoolIsNotAsked) {
  spec.pools.clear();
  hosts.resources.clear();
  provider.resources.clear();
  const Catalog catalog(providers, hosts);
  EXPECT_TRUE(catalog.find("fake.server") != nullptr);
  EXPECT_TRUE(catalog.find("fake.other") == nullptr);
}

}  // namespace
}  // namespace skep::test
