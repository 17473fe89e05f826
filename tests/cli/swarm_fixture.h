// The whole program over fake hosts with a swarm: machines of the provider local that answer scripts, and no waiting.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "provisioners/builtin.h"
#include "tests/cli/app_fixture.h"
#include "tests/fakes/fake_host.h"

namespace skep {

/// Machines that are the hosts of a FakeWorld, and floating IPs that are moved between them.
class SwarmProvider final : public Provider {
 public:
  SwarmProvider(test::FakeWorld& world, Driver& servers, Driver& floating_ips, std::string why_no_esp)
      : world_(world), servers_(servers), floating_ips_(floating_ips), why_no_esp_(std::move(why_no_esp)) {}
  std::string why_no_esp() const override { return why_no_esp_; }
  std::string_view name() const override { return "local"; }
  std::vector<Driver*> drivers() override { return {&servers_, &floating_ips_}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override {
    return std::vector<std::string>();
  }
  Result<Expansion> expand(const Spec& spec, const ExpandOptions&) const override {
    Expansion expansion;
    for (const auto* pool : pools_of(spec, "local")) {
      for (const auto& node : pool->nodes) {
        const auto& host = world_.host(node.name);
        const ResourceId id = {"server", node.name};
        expansion.resources.push_back({.id = id,
                                       .driver = "local.server",
                                       .inputs = {{"address", host.address},
                                                  {"private_address", host.address},
                                                  {"ssh_port", 22},
                                                  {"ssh_user", "root"},
                                                  {"host_key", host.host_key},
                                                  {"power", "on"}},
                                       .node = node.name});
        expansion.machines[node.name] = {.id = id, .pool = pool->name};
      }
    }
    for (const auto& [name, floating] : spec.floating_ips) {
      Json machines = Json::array();
      for (const auto& node : spec.pools.at(floating.pool).nodes) machines.push_back("server/" + node.name);
      expansion.resources.push_back(
          {.id = {"floating_ip", name},
           .driver = "local.floating_ip",
           .inputs = {{"address", "192.0.2.9"}, {"server", {{"$one_of", machines}, {"field", "remote_id"}}}}});
    }
    return expansion;
  }

 private:
  test::FakeWorld& world_;
  Driver& servers_;
  Driver& floating_ips_;
  std::string why_no_esp_;
};

class ForwardingSsh final : public Ssh {
 public:
  explicit ForwardingSsh(Ssh& next) : next_(next) {}
  Result<Exit> run(const Endpoint& endpoint, const Script& script, const Context& context) override {
    return next_.run(endpoint, script, context);
  }

 private:
  Ssh& next_;
};

class SwarmAppTest : public AppTest {
 protected:
  void SetUp() override {
    AppTest::SetUp();
    servers.edit_schema().inputs.clear();
    for (const char* name : {"address", "private_address", "ssh_port", "ssh_user", "host_key"})
      servers.edit_schema().inputs.push_back({.name = name, .on_change = OnChange::ignore});
    servers.edit_schema().inputs.push_back({.name = "power"});
    servers.on_update = [this](const Resource& resource, const Object&, const Context&) -> Result<Object> {
      const std::string power = json_string_or(resource.inputs, "power");
      if (power == "off") world.power_off(resource.node);
      return servers.keep(resource);
    };
    floating_ips.edit_schema().inputs = {{.name = "address", .on_change = OnChange::ignore}, {.name = "server"}};
  }

  /// So many managers and workers have booted; a spec that wants them all, and `more`.
  void write_swarm(int managers, int workers, const std::string& more = "") {
    const auto boot = [&](const std::string& pool, int count, int base) {
      for (int i = 1; i <= count; ++i) {
        const std::string name = pool + "-" + std::to_string(i);
        if (names_.insert(name).second) world.add_host(name, "10.0.0." + std::to_string(base + i));
      }
    };
    boot("manager", managers, 0);
    boot("worker", workers, 100);
    write("cluster.yaml",
          "skep: 1\nname: demo\nprovider: local\nengine: {source: distro}\n"
          "rollout: {drain_timeout: 60s}\npools:\n  manager: {role: manager, count: " +
              std::to_string(managers) + "}\n  worker: {role: worker, count: " + std::to_string(workers) + "}\n" +
              more);
  }

  const Clock& clock() const override { return jumping_; }
  std::unique_ptr<Provider> make_provider() override {
    return std::make_unique<SwarmProvider>(world, servers, floating_ips, why_no_esp);
  }
  std::unique_ptr<Ssh> make_ssh() override { return std::make_unique<ForwardingSsh>(world); }
  std::unique_ptr<HostKinds> make_hosts(Ssh& ssh) override { return make_host_kinds(ssh, jumping_); }

  /// On which node a floating IP is, as its provider has it.
  std::string holder(const std::string& name) {
    const std::string id = json_string_or(floating_ips.objects[{"floating_ip", name}].attributes, "server");
    const std::string mark = "id-of-server/";
    return id.starts_with(mark) ? id.substr(mark.size()) : id;
  }

  test::JumpingClock jumping_;
  test::FakeWorld world{jumping_};
  test::FakeDriver floating_ips{"local.floating_ip", true};
  std::string why_no_esp;

 private:
  std::set<std::string> names_;
};

}  // namespace skep
