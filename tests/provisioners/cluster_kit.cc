#include "tests/provisioners/cluster_kit.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep::test {

ClusterKit::ClusterKit(int managers, int workers) {
  spec.name = "demo";
  spec.provider = "local";
  spec.engine.source = EngineSpec::Source::distro;
  spec.rollout.drain_timeout = std::chrono::seconds(60);
  add_pool("manager", Role::manager, managers);
  add_pool("worker", Role::worker, workers);
  restart();
}

void ClusterKit::restart() { kinds_ = make_host_kinds(world, clock); }

void ClusterKit::add_pool(const std::string& name, Role role, int count) {
  auto& pool = spec.pools[name];
  pool.name = name;
  pool.role = role;
  pool.provider = "local";
  resize(name, count);
}

void ClusterKit::resize(const std::string& name, int count) {
  auto& pool = spec.pools.at(name);
  pool.nodes.clear();
  const int base = static_cast<int>(std::distance(spec.pools.begin(), spec.pools.find(name))) * 100;
  for (int i = 1; i <= count; ++i) {
    NodeSpec node;
    node.name = fmt::format("{}-{}", name, i);
    pool.nodes.push_back(node);
    const ResourceId id = {"server", node.name};
    if (objects.contains(id)) continue;
    auto& host = world.add_host(node.name, fmt::format("10.0.0.{}", base + i));
    objects[id] = {node.name,
                   {{"address", host.address},
                    {"private_address", host.address},
                    {"ssh_port", 22},
                    {"ssh_user", "root"},
                    {"host_key", host.host_key},
                    {"power", "on"}}};
    machines_[node.name] = {.id = id, .pool = name, .labels = {{"region", "here"}}};
  }
}

std::vector<Resource> ClusterKit::resources() const {
  auto machines = machines_;
  for (auto& [name, machine] : machines) {
    machine.ours = ours;
    if (cloud) machine.pin_driver = "fake.pin";
    machine.floating_ips = floating;
  }
  auto expanded = kinds_->expand(spec, machines);
  EXPECT_TRUE(expanded.ok()) << (expanded.ok() ? "" : expanded.error().message);
  auto all = std::move(expanded).value();
  std::ranges::sort(all, [](const Resource& left, const Resource& right) {
    return natural_less(to_text(left.id), to_text(right.id));
  });
  return all;
}

Driver& ClusterKit::driver(const std::string& name) const {
  if (extra != nullptr && extra->schema().driver == name) return *extra;
  for (auto* one : kinds_->drivers()) {
    if (one->schema().driver == name) return *one;
  }
  assert(false && "no such driver");
  std::abort();
}

StepResult ClusterKit::perform_step(StepAction action, const Resource& resource, std::optional<Object> object) {
  auto& kind = driver(resource.driver);
  const auto checked = check_inputs(resource, kind.schema());
  EXPECT_TRUE(checked.ok()) << (checked.ok() ? "" : checked.error().message);
  Resource ready = resource;
  ready.inputs = TRY(resolve_refs(resource.inputs, objects));
  const auto timeout = action == StepAction::read                                      ? kind.schema().timeout_read
                       : action == StepAction::destroy                                 ? kind.schema().timeout_destroy
                       : action == StepAction::update || action == StepAction::prepare ? kind.schema().timeout_update
                                                                                       : kind.schema().timeout_create;
  const Work work = {.action = action,
                     .resource = ready,
                     .object = std::move(object),
                     .cluster = spec.name,
                     .driver = kind,
                     .clock = clock,
                     .secrets = {},
                     .deadline = clock.now() + timeout};
  return perform(work, [&](std::string_view text) { said.push_back(to_text(resource.id) + ": " + std::string(text)); });
}

bool ClusterKit::is_ready(const Resource& resource) const {
  auto needs = referenced(resource.inputs);
  needs.insert(needs.end(), resource.needs.begin(), resource.needs.end());
  return std::ranges::all_of(needs, [&](const ResourceId& id) { return objects.contains(id); });
}

std::vector<std::string> ClusterKit::differences(const Resource& resource, const Object& object) const {
  std::vector<std::string> all;
  const auto wanted = resolve_refs(resource.inputs, objects).value();
  for (const auto& field : driver(resource.driver).schema().inputs) {
    if (field.on_change == OnChange::ignore || !object.attributes.contains(field.name)) continue;
    if (object.attributes.at(field.name) == wanted.at(field.name)) continue;
    all.push_back(fmt::format("{}: {} {} -> {}", to_text(resource.id), field.name,
                              dump_json(object.attributes.at(field.name)), dump_json(wanted.at(field.name))));
  }
  return all;
}

std::string ClusterKit::apply_one(const Resource& resource) {
  const auto recorded = objects.find(resource.id);
  auto action = StepAction::create;
  std::optional<Object> known;
  if (recorded != objects.end()) {
    auto seen = perform_step(StepAction::read, resource, recorded->second);
    if (!seen.ok()) return fmt::format("{}: {}", to_text(resource.id), seen.error().message);
    if (seen.value().object) {
      recorded->second = *seen.value().object;
      if (differences(resource, recorded->second).empty()) return {};
      action = StepAction::update;
      known = recorded->second;
    } else {
      objects.erase(recorded);
    }
  }
  if (action == StepAction::update && driver(resource.driver).schema().prepares_update) {
    const auto prepared = perform_step(StepAction::prepare, resource, known);
    if (!prepared.ok()) return fmt::format("{}: {}", to_text(resource.id), prepared.error().message);
  }
  auto result = perform_step(action, resource, known);
  const auto* error = !result.ok() ? &result.error() : result.value().abandoned ? &*result.value().abandoned : nullptr;
  if (error != nullptr) return fmt::format("{}: {}", to_text(resource.id), error->message);
  objects[resource.id] = *result.value().object;
  return {};
}

std::vector<std::string> ClusterKit::apply() {
  std::vector<std::string> failures;
  std::set<ResourceId> tried;
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (const auto& resource : resources()) {
      if (tried.contains(resource.id) || !is_ready(resource)) continue;
      tried.insert(resource.id);
      goes_on = true;
      if (auto failure = apply_one(resource); !failure.empty()) failures.push_back(failure);
    }
  }
  return failures;
}

std::vector<std::string> ClusterKit::plan() {
  std::vector<std::string> changes;
  for (const auto& resource : resources()) {
    const auto recorded = objects.find(resource.id);
    if (recorded == objects.end()) {
      changes.push_back("+ " + to_text(resource.id));
      continue;
    }
    auto seen = perform_step(StepAction::read, resource, recorded->second);
    if (!seen.ok()) {
      changes.push_back(fmt::format("? {}: {}", to_text(resource.id), seen.error().message));
    } else if (!seen.value().object) {
      changes.push_back("gone " + to_text(resource.id));
    } else {
      for (const auto& line : differences(resource, *seen.value().object)) changes.push_back("~ " + line);
    }
  }
  return changes;
}

Resource ClusterKit::resolved(const std::string& id) const {
  for (auto& resource : resources()) {
    if (to_text(resource.id) != id) continue;
    resource.inputs = resolve_refs(resource.inputs, objects).value();
    return resource;
  }
  assert(false && "no such resource");
  std::abort();
}

std::string ClusterKit::destroy(const std::string& id) {
  const auto all = resources();
  const auto resource = std::ranges::find_if(all, [&](const Resource& one) { return to_text(one.id) == id; });
  assert(resource != all.end());
  auto result = perform_step(StepAction::destroy, *resource, objects.at(resource->id));
  if (!result.ok()) return result.error().message;
  objects.erase(resource->id);
  return {};
}

std::string lines(const std::vector<std::string>& all) { return join(all, "\n"); }

}  // namespace skep::test
