#include "providers/existing/existing.h"

#include <fmt/format.h>

#include <map>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "planner/model/spanning.h"
#include "providers/common/machine_fields.h"
#include "providers/common/unsupported.h"

namespace skep {

namespace {

constexpr const char* provider_name = "existing";
constexpr const char* driver_name = "existing.server";

std::string private_address_of(const NodeSpec& node) {
  return node.private_address.empty() ? node.address : node.private_address;
}

class ExistingServer final : public Driver {
 public:
  const Schema& schema() const override {
    static const Schema schema = {
        .driver = driver_name,
        .doc = "A machine that exists already; skep only logs in.",
        .inputs = {{.name = "address", .on_change = OnChange::replace, .required = true, .doc = "Its IPv4 address."},
                   {.name = "private_address",
                    .on_change = OnChange::replace,
                    .required = true,
                    .doc = "Its address for swarm traffic."},
                   {.name = "host_key", .required = true, .doc = "Its pinned SSH host key."},
                   {.name = "ssh_port", .required = true, .doc = "Port of its SSH server."},
                   {.name = "ssh_user", .required = true, .doc = "User to log in as."}},
        .outputs = {{.name = "power", .doc = "Always on: skep has no switch."}},
    };
    return schema;
  }

  // There is nothing to look at: whether the machine answers is for its host steps to find out.
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id, const Context&) override {
    if (remote_id.empty()) return std::optional<Object>();
    const Object object = object_of(resource);
    return object.remote_id == remote_id ? std::optional(object) : std::nullopt;
  }

  Result<Object> create(const Resource& resource, const Context&) override { return object_of(resource); }

  Result<Object> update(const Resource& resource, const Object&, const Context&) override {
    return object_of(resource);
  }

  Result<void> destroy(const Resource&, const Object&, const Context&) override { return {}; }

 private:
  static Object object_of(const Resource& resource) {
    const Attributes& inputs = resource.inputs;
    const MachineFields fields{.address = json_string_or(inputs, "address"),
                               .private_address = json_string_or(inputs, "private_address"),
                               .ssh_port = static_cast<int>(json_int_or(inputs, "ssh_port", 22)),
                               .ssh_user = json_string_or(inputs, "ssh_user"),
                               .host_key = json_string_or(inputs, "host_key")};
    return {.remote_id = fields.address, .attributes = to_attributes(fields)};
  }
};

class ExistingProvider final : public Provider {
 public:
  std::string_view name() const override { return provider_name; }
  std::vector<Driver*> drivers() override { return {&server_}; }
  std::vector<Problem> check(const Spec& spec) const override;
  Result<Expansion> expand(const Spec& spec, const ExpandOptions&) const override;
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override {
    return std::vector<std::string>();
  }

 private:
  ExistingServer server_;
};

void check_pool(const Spec& spec, const PoolSpec& pool, std::vector<Problem>& problems) {
  const std::string path = "pools." + pool.name;
  const auto refuse = [&](const std::string& key, const std::string& message, const std::string& hint) {
    problems.push_back(problem_at(spec, path + key, path + key + ": " + message, hint));
  };
  const std::string why_not = "provider existing makes no machines";
  if (!pool.named) {
    refuse(".count", why_not + ", it cannot count them out",
           "list them: nodes: {NAME: {address: 198.51.100.7, host_key: \"ssh-ed25519 AAAA...\"}}");
    return;
  }
  if (!pool.type.empty()) refuse(".type", why_not + " of a type", "take the key out");
  if (!pool.image.empty()) refuse(".image", why_not + " from an image", "take the key out");
  if (pool.spread) refuse(".spread", why_not + " and cannot spread them", "take the key out");
  if (!pool.volumes.empty()) refuse(".volumes", why_not + " and no volumes for them", "mount them on the machines");
}

void check_node(const Spec& spec, const PoolSpec& pool, const NodeSpec& node,
                std::map<std::string, std::string>& owners, std::vector<Problem>& problems) {
  const std::string path = fmt::format("pools.{}.nodes.{}", pool.name, node.name);
  const auto refuse = [&](const std::string& key, const std::string& message, const std::string& hint) {
    problems.push_back(problem_at(spec, path + key, path + key + ": " + message, hint));
  };
  if (node.address.empty()) {
    refuse("", "the address is missing: the machine exists already, but where?", "address: 198.51.100.7");
  } else if (const auto [other, is_new] = owners.emplace(node.address, node.name); !is_new) {
    refuse(".address", fmt::format("node {} has the same address {}", other->second, node.address), "");
  }
  if (node.host_key.empty()) {
    const std::string where = node.address.empty() ? "ADDRESS" : node.address;
    refuse("", "the host_key is missing: without it the first contact could be anybody's",
           "ssh-keyscan -t ed25519 " + where + " prints it; compare it with the machine's own ssh-keygen -lf");
    return;
  }
  if (const auto key = checked_public_line(node.host_key); !key.ok())
    refuse(".host_key", key.error().message, key.error().hint);
}

std::vector<Problem> ExistingProvider::check(const Spec& spec) const {
  std::vector<Problem> problems;
  std::map<std::string, std::string> owners;  // address -> node
  for (const PoolSpec* pool : pools_of(spec, provider_name)) {
    check_pool(spec, *pool, problems);
    if (!pool->named) continue;
    for (const auto& node : pool->nodes) check_node(spec, *pool, node, owners, problems);
  }
  for (const auto& [name, floating] : spec.floating_ips) {
    const auto pool = spec.pools.find(floating.pool);
    if (pool == spec.pools.end() || pool->second.provider != provider_name) continue;
    problems.push_back(problem_at(spec, "floating_ips." + name + ".pool",
                                  fmt::format("floating_ips.{}.pool: provider existing cannot move addresses between "
                                              "machines, and pool {} is its",
                                              name, floating.pool),
                                  "name a pool of another provider, or leave the address out"));
  }
  for (auto& problem : cloud_only_problems(spec, provider_name)) problems.push_back(std::move(problem));
  return problems;
}

Result<Expansion> ExistingProvider::expand(const Spec& spec, const ExpandOptions&) const {
  Expansion expansion;
  for (const PoolSpec* pool : pools_of(spec, provider_name)) {
    for (const auto& node : pool->nodes) {
      Resource server;
      server.id = {machine_kind, node.name};
      server.driver = driver_name;
      server.node = node.name;
      server.protect = pool->protect;
      const std::string host_key = TRY(checked_public_line(node.host_key));
      server.inputs = {{"address", node.address},
                       {"private_address", private_address_of(node)},
                       {"host_key", host_key},
                       {"ssh_port", node.port != 0 ? node.port : spec.ssh.port},
                       {"ssh_user", node.user.empty() ? spec.ssh.user : node.user}};
      Machine machine;
      machine.id = server.id;
      machine.pool = pool->name;
      machine.ours = false;
      if (!pool->location.empty()) machine.labels["region"] = pool->location;
      machine.private_network = !spans_providers(spec) && private_address_of(node) != node.address;
      expansion.resources.push_back(std::move(server));
      expansion.machines.emplace(node.name, std::move(machine));
    }
  }
  return expansion;
}

}  // namespace

std::unique_ptr<Provider> make_existing_provider() { return std::make_unique<ExistingProvider>(); }

}  // namespace skep
