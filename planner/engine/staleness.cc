#include "planner/engine/staleness.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "planner/base/text.h"
#include "planner/engine/diff.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

constexpr std::size_t difference_limit = 20;
constexpr std::size_t value_bytes = 60;

std::string value_text(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return "nothing";
  std::string text = dump_json(*found);
  return text.size() <= value_bytes ? text : "another value";
}

/// "power was "on" and is "off"", by name.
std::string attribute_moves(const Object& seen, const Object& found) {
  std::vector<std::string> moves;
  if (seen.remote_id != found.remote_id) moves.push_back("it was " + seen.remote_id + " and is " + found.remote_id);
  std::set<std::string> names;
  for (const auto& [name, value] : seen.attributes.items()) names.insert(name);
  for (const auto& [name, value] : found.attributes.items()) names.insert(name);
  for (const auto& name : names) {
    const auto before = seen.attributes.find(name);
    const auto now = found.attributes.find(name);
    const bool is_same = before != seen.attributes.end() && now != found.attributes.end() && *before == *now;
    if (is_same) continue;
    moves.push_back(name + " was " + value_text(seen.attributes, name) + " and is " +
                    value_text(found.attributes, name));
  }
  return join(moves, ", ");
}

const Object* object_in(const State& state, const ResourceId& id) {
  if (const auto record = state.records.find(id); record != state.records.end()) return &record->second.object;
  if (const auto object = state.unrecorded.find(id); object != state.unrecorded.end()) return &object->second;
  return nullptr;
}

// --- two plans ---

/// Collects lines up to the limit, and counts the rest.
class Differences {
 public:
  void add(std::string line) {
    if (++count_ < difference_limit) lines_.push_back(std::move(line));
    last_ = std::move(line);
  }
  std::vector<std::string> take() && {
    if (count_ == difference_limit) lines_.push_back(std::move(last_));
    if (count_ > difference_limit) lines_.push_back("and " + std::to_string(count_ - lines_.size()) + " more");
    return std::move(lines_);
  }

 private:
  std::vector<std::string> lines_ = {};
  std::string last_ = {};
  std::size_t count_ = 0;
};

std::string change_text(const Change& change) {
  std::vector<std::string> fields;
  for (const auto& field : change.fields) fields.push_back(to_text(field));
  std::string text = std::string(action_name(change.action)) + (change.disruptive ? ", with a drain" : "");
  if (!fields.empty()) text += " (" + join(fields, ", ") + ")";
  return text;
}

void compare_changes(const Plan& saved, const Plan& fresh, Differences& differences) {
  std::map<ResourceId, const Change*> rest;
  for (const auto& change : fresh.changes) rest.emplace(change.id, &change);
  for (const auto& change : saved.changes) {
    const auto found = rest.find(change.id);
    if (found == rest.end()) {
      differences.add(to_text(change.id) + ": " + change_text(change) + "; a new plan leaves it alone");
      continue;
    }
    if (*found->second != change) {
      const std::string before = change_text(change);
      const std::string now = change_text(*found->second);
      differences.add(to_text(change.id) + ": " + before +
                      (now == before ? ", for another reason: " + found->second->why : "; now " + now));
    }
    rest.erase(found);
  }
  for (const auto& [id, change] : rest) differences.add(to_text(id) + ": a new plan would " + change_text(*change));
}

using StepKey = std::pair<std::string, ResourceId>;

StepKey key_of(const Step& step) { return {std::string(step_action_name(step.action)), step.resource.id}; }

std::string name_of(const StepKey& key) { return key.first + " " + to_text(key.second); }

std::set<StepKey> keys_before(const Plan& plan, const Step& step) {
  std::set<StepKey> keys;
  for (const StepId before : step.after) keys.insert(key_of(plan.steps[before]));
  return keys;
}

void compare_steps(const Plan& saved, const Plan& fresh, Differences& differences) {
  std::map<StepKey, const Step*> rest;
  for (const auto& step : fresh.steps) rest.emplace(key_of(step), &step);
  for (const auto& step : saved.steps) {
    const auto found = rest.find(key_of(step));
    if (found == rest.end()) {
      differences.add("the step " + name_of(key_of(step)) + " is no longer needed");
      continue;
    }
    if (found->second->resource != step.resource)
      differences.add("the step " + name_of(key_of(step)) + " would be done with other inputs");
    if (keys_before(fresh, *found->second) != keys_before(saved, step))
      differences.add("the step " + name_of(key_of(step)) + " would wait for other steps");
    rest.erase(found);
  }
  for (const auto& [key, step] : rest) differences.add("the step " + name_of(key) + " is new");
}

void compare_lines(const std::vector<std::string>& saved, const std::vector<std::string>& fresh, const char* what,
                   Differences& differences) {
  const auto has = [](const std::vector<std::string>& lines, const std::string& line) {
    return std::ranges::find(lines, line) != lines.end();
  };
  for (const auto& line : fresh) {
    if (!has(saved, line)) differences.add(std::string("a new ") + what + ": " + line);
  }
  for (const auto& line : saved) {
    if (!has(fresh, line)) differences.add(std::string("no longer: ") + line);
  }
}

}  // namespace

std::vector<std::string> moved_objects(const Plan& plan, const State& observed) {
  std::vector<std::string> moved;
  std::set<ResourceId> looked_at;
  for (const auto& step : plan.steps) {
    const ResourceId& id = step.resource.id;
    if (step.action == StepAction::read || !looked_at.insert(id).second) continue;
    const Object* found = object_in(observed, id);
    if (!step.object && found) {
      moved.push_back(to_text(id) + " exists now");
    } else if (step.object && !found) {
      moved.push_back(to_text(id) + " is no longer there");
    } else if (step.object && *step.object != *found) {
      moved.push_back(to_text(id) + ": " + attribute_moves(*step.object, *found));
    }
  }
  return moved;
}

std::vector<std::string> differences_between(const Plan& saved, const Plan& fresh) {
  Differences differences;
  compare_changes(saved, fresh, differences);
  compare_steps(saved, fresh, differences);
  if (saved.pools != fresh.pools) differences.add("how many steps may run at once");
  compare_lines(saved.warnings, fresh.warnings, "warning", differences);
  compare_lines(saved.quorum, fresh.quorum, "proof of quorum", differences);
  return std::move(differences).take();
}

}  // namespace skep
