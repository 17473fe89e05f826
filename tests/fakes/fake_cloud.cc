#include "tests/fakes/fake_cloud.h"

#include <algorithm>

namespace skep::sim {

namespace {

constexpr const char* machine_driver = "test.server";
constexpr const char* manager_driver = "host.swarm_manager";

bool is_member(const Thing& thing) { return thing.driver == "host.swarm_node" || thing.driver == manager_driver; }

std::string replaced_all(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Remote ids in the inputs are the strings that begin with '#'.
void note_ids(const Json& value, std::vector<std::string>& ids) {
  if (value.is_string() && value.get_ref<const std::string&>().starts_with("#")) ids.push_back(value);
  if (value.is_structured())
    for (const auto& part : value) note_ids(part, ids);
}

std::vector<std::string> named_ids(const Json& value) {
  std::vector<std::string> ids;
  note_ids(value, ids);
  return ids;
}

bool names(const Json& value, const std::string& id) {
  const auto ids = named_ids(value);
  return std::ranges::find(ids, id) != ids.end();
}

std::string pool_of(const Thing& machine) { return json_string_or(json_member(machine.inputs, "labels"), "pool"); }

}  // namespace

std::size_t FakeCloud::count(const std::string& driver) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(things, [&](const auto& entry) { return entry.second.driver == driver; }));
}

const std::string* FakeCloud::find(const std::string& driver, const ResourceId& owner) const {
  for (const auto& [id, thing] : things)
    if (thing.driver == driver && thing.owner == owner) return &id;
  return nullptr;
}

bool FakeCloud::runs(const std::string& machine) const {
  const auto at = things.find(machine);
  return at != things.end() && !at->second.is_off;
}

bool FakeCloud::is_up(const std::string& machine) const { return runs(machine) && !apart.contains(machine); }

bool FakeCloud::answers(const std::string& machine) const { return runs(machine) && !silent.contains(machine); }

SwarmSize FakeCloud::swarm_size() const {
  SwarmSize size;
  for (const auto& [id, thing] : things) {
    if (thing.driver != manager_driver) continue;
    ++size.members;
    size.up += is_up(thing.machine) && !in_service.contains(thing.machine) ? 1 : 0;
  }
  return size;
}

bool FakeCloud::knows_swarm(const std::string& machine) const {
  return std::ranges::any_of(
      things, [&](const auto& entry) { return is_member(entry.second) && entry.second.machine == machine; });
}

bool FakeCloud::holds_swarm_alone(const std::string& machine) const {
  std::set<std::string> managers;
  for (const auto& [id, thing] : things)
    if (thing.driver == manager_driver) managers.insert(thing.machine);
  return managers == std::set{machine};
}

void FakeCloud::demote_unrecorded(const std::string& machine, const ResourceId& node) {
  const auto manager = std::ranges::find_if(things, [&](const auto& entry) {
    return entry.second.driver == manager_driver && entry.second.machine == machine;
  });
  if (manager == things.end()) return;
  if (may.destroys && may.destroys->contains(node)) may.destroys->insert(manager->second.owner);
  destroy(manager->first);
}

std::optional<std::string> FakeCloud::missing(const Json& inputs) const {
  for (auto& id : named_ids(inputs))
    if (!things.contains(id) && lost.contains(id)) return std::move(id);
  return std::nullopt;
}

std::string FakeCloud::create(Thing thing) {
  check_creation(thing);
  const std::string id = "#" + std::to_string(++created_);
  things[id] = std::move(thing);
  if (things[id].driver != machine_driver) return id;
  check_volumes(things[id]);
  most_machines = std::max(most_machines, count(machine_driver));
  const std::string pool = pool_of(things[id]);
  const auto limit = may.machines.find(pool);
  const auto present = static_cast<std::size_t>(std::ranges::count_if(things, [&](const auto& entry) {
    return entry.second.driver == machine_driver && pool_of(entry.second) == pool;
  }));
  if (limit != may.machines.end() && present > limit->second)
    violations.push_back("more than one machine to spare in the pool " + pool);
  return id;
}

void FakeCloud::check_creation(const Thing& thing) {
  const std::string owner = to_text(thing.owner);
  if (find(thing.driver, thing.owner)) violations.push_back("two objects are called " + owner);
  if (thing.driver == "host.swarm" && count(thing.driver) > 0) violations.push_back("a second swarm was begun");
  if (!thing.machine.empty() && !things.contains(thing.machine)) violations.push_back(owner + " has no machine");
  for (const auto& id : named_ids(thing.inputs))
    if (!things.contains(id)) violations.push_back(owner + " was given " + id + ", which is not there");
}

// A volume is on one machine at a time.
void FakeCloud::check_volumes(const Thing& machine) {
  for (const auto& volume : named_ids(json_member(machine.inputs, "volumes"))) {
    for (const auto& [id, other] : things)
      if (&other != &machine && other.driver == machine_driver && names(json_member(other.inputs, "volumes"), volume))
        violations.push_back("a volume is on two machines, one of them " + to_text(machine.owner));
  }
}

void FakeCloud::update(const std::string& id, const Attributes& inputs) {
  Thing& thing = things.at(id);
  const Json before = std::exchange(thing.inputs, inputs);
  if (thing.driver == machine_driver) {
    for (const auto& volume : named_ids(json_member(before, "volumes")))
      if (!thing.is_off && !names(json_member(inputs, "volumes"), volume)) check_unmounted(volume, id);
    thing.is_off = json_string_or(inputs, "power") == "off";
    check_volumes(thing);
  }
  if (thing.driver != "test.volume" || json_member(before, "server") == json_member(inputs, "server")) return;
  const std::string machine = json_string_or(before, "server");
  if (is_up(machine)) check_unmounted(id, machine);
}

void FakeCloud::check_unmounted(const std::string& volume, const std::string& machine) {
  for (const auto& [id, mount] : things)
    if (mount.driver == "host.mount" && mount.machine == machine && names(mount.inputs, volume))
      violations.push_back(to_text(things.at(volume).owner) + " was taken from under " + to_text(mount.owner));
}

void FakeCloud::destroy(const std::string& id) {
  const auto at = things.find(id);
  if (at == things.end()) return;
  check_destroy(id, at->second);
  const Thing thing = std::move(at->second);
  things.erase(at);
  ++destroyed[thing.driver];
  if (thing.driver == machine_driver) {
    remove_machine(id);
    if (takes_volumes_along)
      for (const auto& volume : named_ids(json_member(thing.inputs, "volumes"))) destroy(volume);
  }
  if (thing.driver == "host.swarm") std::erase_if(things, [](const auto& entry) { return is_member(entry.second); });
}

// The engine on which it begins is its first node, and a manager, from then on.
void FakeCloud::begin_swarm_on(const Thing& engine) {
  for (const auto& [kind, driver] : {std::pair{"swarm_node", "host.swarm_node"}, {"swarm_manager", manager_driver}}) {
    const ResourceId owner = {.kind = kind, .name = engine.owner.name, .generation = engine.owner.generation};
    create({.driver = driver, .owner = owner, .inputs = Attributes::object(), .machine = engine.machine});
  }
}

void FakeCloud::check_destroy(const std::string& id, const Thing& thing) {
  const std::string owner = to_text(thing.owner);
  if (may.destroys && !may.destroys->contains(thing.owner))
    violations.push_back(owner + " was destroyed, and no plan named it");
  if (thing.driver == "test.volume" && may.wanted_volumes.contains(thing.owner.name))
    violations.push_back("the data of " + owner + " was destroyed, which is still wanted");
  // Machines hold their network, volumes and addresses their machine; what is on a host goes with it.
  for (const auto& [other, user] : things)
    if (other != id && user.driver.starts_with("test.") && names(user.inputs, id))
      violations.push_back(to_text(user.owner) + " still uses " + owner);
  for (const auto& [other, mount] : things)
    if (thing.driver == "test.volume" && mount.driver == "host.mount" && names(mount.inputs, id) &&
        is_up(mount.machine))
      violations.push_back(owner + " was destroyed under " + to_text(mount.owner));
  if (may.is_torn_down) return;
  if (thing.driver == "host.swarm_node" && runs(thing.machine) && !answers(thing.machine))
    violations.push_back(owner + " was taken out of the swarm, and may still run its tasks");
  SwarmSize size = swarm_size();
  if (thing.driver == manager_driver && size.has_quorum()) {
    size.up -= is_up(thing.machine) && !in_service.contains(thing.machine) ? 1 : 0;
    --size.members;
    if (!size.has_quorum()) violations.push_back("demoting " + owner + " cost the quorum");
  }
  if (!is_swarm_told && holds_swarm_alone(id)) return;  // it was begun, and that is all
  for (const auto& [other, manager] : things)
    if (thing.driver == machine_driver && manager.driver == manager_driver && manager.machine == id)
      violations.push_back(owner + " was destroyed under " + to_text(manager.owner));
}

void FakeCloud::remove_machine(const std::string& id) {
  const bool had_others = std::ranges::any_of(
      things, [&](const auto& entry) { return is_member(entry.second) && entry.second.machine != id; });
  std::erase_if(things, [&](const auto& entry) { return entry.second.machine == id; });
  if (!had_others)  // nobody else has joined: the swarm was on this machine only
    std::erase_if(things, [](const auto& entry) { return entry.second.driver == "host.swarm"; });
  end_with_the_last_machine();
}

// Nothing is left of what machines held when there is none any more.
void FakeCloud::end_with_the_last_machine() {
  if (count(machine_driver) > 0) return;
  std::erase_if(things, [](const auto& entry) { return entry.second.driver.starts_with("host."); });
}

bool FakeCloud::can_lose(const std::string& machine) const {
  SwarmSize size = swarm_size();
  for (const auto& [id, thing] : things)
    if (thing.driver == manager_driver && thing.machine == machine && is_up(machine) && !in_service.contains(machine))
      --size.up;
  return size.members == 0 || size.has_quorum();
}

// The swarm still counts the members that were on it.
void FakeCloud::lose(const std::string& machine) {
  ++losses;
  lost.insert(machine);
  things.erase(machine);
  for (const auto& [id, thing] : things)
    if (thing.machine == machine && !is_member(thing)) lost.insert(id);
  std::erase_if(things, [&](const auto& entry) { return entry.second.machine == machine && !is_member(entry.second); });
  for (auto& [id, thing] : things)
    if (thing.driver.starts_with("test.") && json_string_or(thing.inputs, "server") == machine)
      thing.inputs["server"] = "";
  end_with_the_last_machine();
}

void FakeCloud::cut_off(const std::string& machine, bool is_silent, bool is_apart) {
  if (is_silent) silent.insert(machine);
  if (!is_apart) return;
  apart.insert(machine);
  ++losses;
}

void FakeCloud::heal() {
  silent.clear();
  apart.clear();
}

void FakeCloud::power_all_on() {
  for (auto& [id, thing] : things) {
    if (thing.is_off) thing.inputs["power"] = "on";
    thing.is_off = false;
  }
}

std::string FakeCloud::snapshot() const {
  std::set<std::string> lines;
  for (const auto& [id, thing] : things) {
    std::string inputs = dump_json(thing.inputs);
    for (const auto& [other, named] : things) {
      const bool is_free = thing.driver == "test.floating_ip" && named.driver == machine_driver;
      inputs = replaced_all(inputs, "\"" + other + "\"", is_free ? "a machine" : to_text(named.owner));
    }
    lines.insert(to_text(thing.owner) + " " + thing.driver + " " + inputs + (thing.is_ready ? "" : " not ready"));
  }
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace skep::sim
