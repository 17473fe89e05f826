#include "tests/fakes/plan_kit.h"

#include <algorithm>
#include <cassert>

#include "planner/engine/resolve.h"

namespace skep::test {

namespace {

Schema kit_schema(std::string driver, bool listed, std::vector<Field> inputs) {
  return {.driver = std::move(driver), .doc = "for tests", .inputs = std::move(inputs), .listed = listed};
}

std::vector<Schema> make_kit_schemas() {
  std::vector<Schema> all = {
      kit_schema("test.network", true, {{"range", OnChange::replace}}),
      kit_schema("test.server", true,
                 {{"network", OnChange::replace},
                  {"location", OnChange::replace},
                  {"image", OnChange::next_time},
                  {"labels", OnChange::update},
                  {"volumes", OnChange::update},
                  {"power", OnChange::update},
                  {"serving", OnChange::update}}),
      kit_schema("other.server", true, {{"location", OnChange::replace}}),
      kit_schema("test.volume", true, {{"size", OnChange::grows}, {"server", OnChange::update}}),
      kit_schema("test.floating_ip", true, {{"server", OnChange::update}}),
      kit_schema(
          "host.engine", false,
          {{"host", OnChange::ignore}, {"version", OnChange::disrupt}, {"token", OnChange::update, false, true}}),
      kit_schema("host.mount", false, {{"host", OnChange::ignore}, {"device", OnChange::update}}),
      kit_schema("host.swarm", false, {{"hosts", OnChange::ignore}, {"range", OnChange::replace}}),
      kit_schema("host.swarm_node", false,
                 {{"host", OnChange::ignore},
                  {"managers", OnChange::ignore},
                  {"labels", OnChange::update},
                  {"availability", OnChange::update}}),
      kit_schema("host.swarm_manager", false, {{"host", OnChange::ignore}, {"managers", OnChange::ignore}}),
  };
  for (auto& schema : all) {
    schema.holds_data = schema.driver == "test.volume";
    schema.prepares_update = schema.driver == "host.engine";
    if (schema.driver == "host.swarm") schema.brings_along = {"swarm_node", "swarm_manager"};
  }
  return all;
}

Json ref_to(const std::string& id, const std::string& field = "") {
  Json value = {{"$ref", id}};
  if (!field.empty()) value["field"] = field;
  return value;
}

Json all_of(const std::string& kind) { return Json::object({{"$all", kind}, {"field", "address"}}); }

// As expand() does: needs in order, and all that references name.
Resource complete(Resource resource) {
  for (auto& id : referenced(resource.inputs)) resource.needs.push_back(std::move(id));
  std::ranges::sort(resource.needs);
  const auto repeated = std::ranges::unique(resource.needs);
  resource.needs.erase(repeated.begin(), repeated.end());
  return resource;
}

void add_volume(std::vector<Resource>& all, const std::string& node, bool is_held) {
  all.push_back({.id = {"volume", node}, .driver = "test.volume", .inputs = {{"size", 10}}});
  if (!is_held) all.back().inputs["server"] = ref_to("server/" + node, "remote_id");
  all.push_back({.id = {"mount", node},
                 .driver = "host.mount",
                 .inputs = {{"host", ref_to("server/" + node)}, {"device", ref_to("volume/" + node, "remote_id")}},
                 .node = node,
                 .vanishes_with = {{"server", node}}});
}

void add_node(std::vector<Resource>& all, const Shape& shape, const PoolShape& pool, const std::string& node,
              const std::vector<ResourceId>& manager_nodes) {
  const bool has_volume = shape.has_volumes && !pool.is_manager;
  const ResourceId server = {"server", node};
  const auto host = ref_to("server/" + node);
  all.push_back({.id = server,
                 .driver = "test.server",
                 .inputs = {{"network", ref_to("network/main", "remote_id")},
                            {"location", pool.location},
                            {"image", "debian-12"},
                            {"labels", {{"pool", pool.name}}},
                            {"power", "on"}},
                 .node = node,
                 .protect = pool.protect});
  if (shape.is_balanced && !pool.is_manager) all.back().inputs["serving"] = true;
  if (shape.hold_volumes) {
    all.back().inputs["volumes"] = Json::array();
    if (has_volume) all.back().inputs["volumes"].push_back(ref_to("volume/" + node, "remote_id"));
  }
  if (has_volume) add_volume(all, node, shape.hold_volumes);
  all.push_back({.id = {"engine", node},
                 .driver = "host.engine",
                 .inputs = {{"host", host}, {"version", pool.engine}},
                 .needs = has_volume ? std::vector<ResourceId>{{"mount", node}} : std::vector<ResourceId>{},
                 .pool = "rolling:" + pool.name,
                 .node = node,
                 .vanishes_with = {server}});
  all.push_back({.id = {"swarm_node", node},
                 .driver = "host.swarm_node",
                 .inputs = {{"host", host}, {"managers", all_of("swarm_manager")}, {"labels", {{"pool", pool.name}}}},
                 .needs = {{"engine", node}, {"swarm", "main"}},
                 .node = node,
                 .vanishes_with = {{"swarm", "main"}}});
  if (shape.says_availability) all.back().inputs["availability"] = "active";
  if (!pool.is_manager) return;
  Resource manager = {.id = {"swarm_manager", node},
                      .driver = "host.swarm_manager",
                      .inputs = {{"host", host}, {"managers", all_of("swarm_manager")}},
                      .needs = manager_nodes,  // all have joined before the first is promoted
                      .pool = "membership",
                      .node = node,
                      .vanishes_with = {{"swarm", "main"}}};
  if (manager_nodes.front().name == node) manager.needs = {{"swarm_node", node}};  // here the swarm begins
  all.push_back(std::move(manager));
}

std::string sign(StepAction action) {
  switch (action) {
    case StepAction::create:
      return "+";
    case StepAction::update:
      return "~";
    case StepAction::destroy:
      return "-";
    case StepAction::forget:
      return ".";
    case StepAction::read:
      return "?";
    case StepAction::prepare:
      return "^";
  }
  return "!";
}

std::string error_text(const Error& error) { return "\nerror: " + error.message + "\n"; }

}  // namespace

const Schemas& kit_schemas() {
  static const std::vector<Schema> all = make_kit_schemas();
  static const Schemas table = [] {
    Schemas by_driver;
    for (const auto& schema : all) by_driver.emplace(schema.driver, &schema);
    return by_driver;
  }();
  return table;
}

Shape shape_of(int managers, int workers) {
  Shape shape;
  PoolShape manager = {.name = "manager", .is_manager = true};
  for (int i = 1; i <= managers; ++i) manager.nodes.push_back("manager-" + std::to_string(i));
  PoolShape worker = {.name = "worker"};
  for (int i = 1; i <= workers; ++i) worker.nodes.push_back("worker-" + std::to_string(i));
  shape.pools = {manager, worker};
  return shape;
}

std::vector<Resource> wanted_of(const Shape& shape) {
  std::vector<Resource> all;
  if (shape.pools.empty()) return all;
  all.push_back({.id = {"network", "main"}, .driver = "test.network", .inputs = {{"range", "10.0.0.0/16"}}});
  std::vector<ResourceId> manager_nodes;
  std::vector<ResourceId> servers;
  std::vector<ResourceId> swarm_needs;
  for (const auto& pool : shape.pools) {
    for (const auto& node : pool.nodes) {
      servers.push_back({"server", node});
      if (!pool.is_manager) continue;
      manager_nodes.push_back({"swarm_node", node});
      if (swarm_needs.empty()) swarm_needs.push_back({"engine", node});
    }
  }
  all.push_back({.id = {"swarm", "main"},
                 .driver = "host.swarm",
                 .inputs = {{"hosts", all_of("engine")}, {"range", "172.30.0.0/15"}},
                 .needs = swarm_needs,
                 .vanishes_with = servers});
  for (const auto& pool : shape.pools) {
    for (const auto& node : pool.nodes) add_node(all, shape, pool, node, manager_nodes);
  }
  if (shape.has_floating_ip) {
    Json candidates = Json::array();
    for (const auto& node : shape.pools[0].nodes) candidates.push_back("server/" + node);
    all.push_back({.id = {"floating_ip", "ingress"},
                   .driver = "test.floating_ip",
                   .inputs = {{"server", {{"$one_of", candidates}, {"field", "remote_id"}}}}});
  }
  for (auto& resource : all) resource = complete(std::move(resource));
  std::ranges::sort(all, {}, &Resource::id);
  return all;
}

PlanOptions options_of(const Shape& shape) {
  PlanOptions options = {.cluster = "test"};
  for (const auto& pool : shape.pools)
    for (const auto& node : pool.nodes) options.node_pools[node] = pool.name;
  return options;
}

Object object_of(const Resource& resource, const Objects& objects) {
  Object object = {.remote_id = "id-of-" + to_text(resource.id)};
  const Attributes inputs = resolve_refs(resource.inputs, objects).value();
  const Schema& schema = *kit_schemas().at(resource.driver);
  if (schema.listed) object.attributes = inputs;  // other kinds report little, so that what was applied counts
  object.attributes["address"] = "address-of-" + to_text(resource.id);
  return object;
}

void pretend_apply(const Plan& plan, State& state) {
  Objects objects;
  for (const auto& [id, record] : state.records) objects.emplace(id, record.object);
  for (const Step& step : plan.steps) {
    const ResourceId& id = step.resource.id;
    if (step.action == StepAction::prepare) continue;
    if (step.action == StepAction::destroy || step.action == StepAction::forget) {
      state.records.erase(id);
      objects.erase(id);
      continue;
    }
    auto inputs = resolve_refs(step.resource.inputs, objects);
    assert(inputs.ok());
    const Object object = object_of(step.resource, objects);
    objects[id] = object;
    state.records[id] = {.resource = step.resource, .applied = std::move(inputs).value(), .object = object};
  }
  state.open.clear();
  state.unrecorded.clear();
  ++state.serial;
}

State state_of(const Shape& shape) {
  State state = {.lineage = "line"};
  const auto plan = make_plan(wanted_of(shape), state, kit_schemas(), options_of(shape));
  assert(plan.ok());
  pretend_apply(plan.value(), state);
  return state;
}

std::string plan_text(const Result<Plan>& plan) {
  if (!plan.ok()) return error_text(plan.error());
  std::string text = "\n";
  for (const Step& step : plan.value().steps) {
    if (step.action == StepAction::prepare) continue;
    std::string line = sign(step.action) + " " + to_text(step.resource.id);
    std::string_view separator = "after ";
    for (const StepId before : step.after) {
      if (plan.value().steps[before].action == StepAction::prepare) continue;
      if (separator == "after ") line.resize(std::max<std::size_t>(line.size() + 1, 28), ' ');
      line += separator;
      line += to_text(plan.value().steps[before].resource.id);
      separator = ", ";
    }
    text += line + "\n";
  }
  return text;
}

std::string changes_text(const Result<Plan>& plan) {
  if (!plan.ok()) return error_text(plan.error());
  static const std::map<Action, std::string> signs = {{Action::create, "+"},
                                                      {Action::update, "~"},
                                                      {Action::replace, "±"},
                                                      {Action::destroy, "-"},
                                                      {Action::forget, "."}};
  std::string text = "\n";
  for (const Change& change : plan.value().changes) {
    text += signs.at(change.action) + " " + to_text(change.id);
    for (const auto& field : change.fields)
      text += (field == change.fields.front() ? ": " : ", ") + field.field + " " + field.before + " → " + field.after;
    if (!change.why.empty()) text += " (" + change.why + ")";
    if (change.disruptive) text += " (disruptive)";
    text += "\n";
  }
  for (const auto& warning : plan.value().warnings) text += "! " + warning + "\n";
  return text;
}

std::vector<const Step*> steps_on(const Plan& plan, StepAction action, std::string_view prefix) {
  std::vector<const Step*> found;
  for (const Step& step : plan.steps)
    if (step.action == action && to_text(step.resource.id).starts_with(prefix)) found.push_back(&step);
  return found;
}

bool is_before(const Plan& plan, const ResourceId& first, const ResourceId& then) {
  std::vector<bool> waits(plan.steps.size(), false);  // for `first`
  for (const Step& step : plan.steps) {
    if (step.action == StepAction::prepare) continue;
    for (const StepId before : step.after)
      waits[step.id] = waits[step.id] || waits[before] ||
                       (plan.steps[before].resource.id == first && plan.steps[before].action != StepAction::prepare);
    if (step.resource.id == then) return waits[step.id];
  }
  return false;
}

}  // namespace skep::test
