// A cloud, its machines, and a swarm on them, in memory: the world that a simulated skep works on. Stricter than a real
// one: what the laws forbid is noted as a violation the moment it happens.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "planner/engine/driver.h"
#include "planner/model/refs.h"

namespace skep::sim {

struct Thing {
  std::string driver;
  ResourceId owner;          // the label it was created with
  Attributes inputs;         // as given
  std::string machine = {};  // of a thing on a host: the machine's remote id
  bool is_ready = false;
};

struct FakeCloud {
  std::map<std::string, Thing> things = {};  // by remote id
  std::vector<std::string> violations = {};
  int created = 0;
  std::map<std::string, int> destroyed = {};  // by driver
  bool is_torn_down = false;                  // the whole swarm may go: no quorum to keep
  std::size_t most_machines = 0;

  std::size_t count(const std::string& driver) const {
    std::size_t number = 0;
    for (const auto& [id, thing] : things) number += thing.driver == driver ? 1 : 0;
    return number;
  }
  const std::string* find(const std::string& driver, const ResourceId& owner) const {
    for (const auto& [id, thing] : things)
      if (thing.driver == driver && thing.owner == owner) return &id;
    return nullptr;
  }

  std::string create(const std::string& driver, const ResourceId& owner, const Attributes& inputs,
                     const std::string& machine) {
    if (find(driver, owner)) violations.push_back("two objects are called " + to_text(owner));
    if (driver == "host.swarm" && count(driver) > 0) violations.push_back("a second swarm was begun");
    if (!machine.empty() && !things.contains(machine)) violations.push_back(to_text(owner) + " has no machine");
    for (const auto& id : named_ids(inputs))
      if (!things.contains(id)) violations.push_back(to_text(owner) + " was given " + id + ", which is not there");
    const std::string id = "#" + std::to_string(++created);
    things[id] = {.driver = driver, .owner = owner, .inputs = inputs, .machine = machine};
    most_machines = std::max(most_machines, count("test.server"));
    return id;
  }

  void destroy(const std::string& id) {
    const auto at = things.find(id);
    if (at == things.end()) return;
    const Thing thing = at->second;
    if (thing.driver == "host.swarm_manager") check_demotion();
    for (const auto& [other, user] : things)
      if (other != id && is_kept_by(user, id))
        violations.push_back(to_text(user.owner) + " still uses " + to_text(thing.owner));
    things.erase(at);
    ++destroyed[thing.driver];
    if (thing.driver == "test.server") lose_machine(id);
    if (thing.driver == "host.swarm") std::erase_if(things, [](const auto& entry) { return is_member(entry.second); });
  }

  /// Everything by its owner, remote ids replaced by the owners they belong to: equal worlds print equally. On which of
  /// several machines an address is, is free.
  std::string snapshot() const {
    std::set<std::string> lines;
    for (const auto& [id, thing] : things) {
      std::string inputs = dump_json(thing.inputs);
      for (const auto& [other, named] : things) {
        const bool is_free = thing.driver == "test.floating_ip" && named.driver == "test.server";
        inputs = replaced(inputs, "\"" + other + "\"", is_free ? "a machine" : to_text(named.owner));
      }
      lines.insert(to_text(thing.owner) + " " + thing.driver + " " + inputs + (thing.is_ready ? "" : " not ready"));
    }
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return text;
  }

 private:
  static bool is_member(const Thing& thing) {
    return thing.driver == "host.swarm_node" || thing.driver == "host.swarm_manager";
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    return text;
  }
  // Remote ids in the inputs are the strings that begin with '#'.
  static std::vector<std::string> named_ids(const Json& value) {
    std::vector<std::string> ids;
    if (value.is_string() && value.get<std::string>().starts_with("#")) ids.push_back(value.get<std::string>());
    if (value.is_structured())
      for (const auto& part : value)
        for (auto& id : named_ids(part)) ids.push_back(std::move(id));
    return ids;
  }
  // Machines hold their network, volumes and addresses their machine; what is on a host goes with it.
  static bool is_kept_by(const Thing& user, const std::string& id) {
    if (!user.driver.starts_with("test.")) return false;
    for (const auto& named : named_ids(user.inputs))
      if (named == id) return true;
    return false;
  }
  void check_demotion() {
    const std::size_t left = count("host.swarm_manager") - 1;
    if (left == 0 && !is_torn_down) violations.push_back("the last manager was demoted");
  }
  void lose_machine(const std::string& id) {
    std::size_t managers = 0;
    std::size_t lost = 0;
    for (const auto& [other, thing] : things) {
      if (thing.driver != "host.swarm_manager") continue;
      ++managers;
      lost += thing.machine == id ? 1 : 0;
    }
    if (lost > 0 && !is_torn_down)
      violations.push_back("the machine of a manager was destroyed, " + std::to_string(managers) + " managers");
    std::erase_if(things, [&](const auto& entry) { return entry.second.machine == id; });
    if (count("test.server") == 0) {
      std::erase_if(things, [](const auto& entry) { return entry.second.driver.starts_with("host."); });
    }
  }
};

}  // namespace skep::sim
