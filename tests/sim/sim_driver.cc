#include "tests/sim/sim_driver.h"

#include <algorithm>
#include <set>

namespace skep::sim {

namespace {

constexpr const char* no_answer = "no answer";
constexpr const char* no_route = "no route to host";

std::string machine_under(const Resource& resource) {
  const auto host = resource.inputs.find("host");
  return host == resource.inputs.end() ? "" : json_string_or(*host, "address");
}

// What lists of the other hosts say depends on the moment, and is no part of the thing.
Attributes given(const Resource& resource) {
  Attributes inputs = resource.inputs;
  inputs.erase("managers");
  inputs.erase("hosts");
  return inputs;
}

bool is_of_swarm(const std::string& driver) { return driver == "host.swarm_node" || driver == "host.swarm_manager"; }

}  // namespace

Result<std::vector<Owned>> SimDriver::list(std::string_view, const Context& context) {
  TRY(before(Call::list, context));
  std::vector<Owned> owned;
  for (const auto& [id, thing] : world_.cloud.things)
    if (thing.driver == schema_.driver && thing.visible_since <= world_.scheduler->now())
      owned.push_back({thing.owner, object_of(id, thing)});
  return owned;
}

Result<std::optional<Object>> SimDriver::find(const Resource& resource, std::string_view remote_id,
                                              const Context& context) {
  TRY(before(Call::find, context));
  if (resource.inputs.empty()) world_.cloud.violations.push_back("looked for without inputs: " + to_text(resource.id));
  if (world_.mutant == Mutant::skips_first_find && remote_id.empty()) return std::optional<Object>();
  if (auto error = is_of_swarm(schema_.driver) ? no_quorum() : unreachable(resource)) return *std::move(error);
  if (schema_.driver == "host.swarm") return find_swarm(resource);
  const std::string* id = world_.cloud.find(schema_.driver, resource.id);
  if (!id) return std::optional<Object>();
  const Thing& thing = world_.cloud.things.at(*id);
  // Where the managers still see it, nothing is known of a host that does not answer.
  const bool is_seen = world_.cloud.is_up(thing.machine) && !world_.cloud.answers(thing.machine);
  if (is_of_swarm(schema_.driver) && is_seen) return Error{.code = ErrorCode::unavailable, .message = no_route};
  // Whose manager it is, the swarm's own list says, also when the machine was made again.
  const bool is_on_the_list = schema_.driver == "host.swarm_manager" && *id == remote_id;
  if (thing.machine != machine_under(resource) && !is_on_the_list) return std::optional<Object>();
  if (*id != remote_id && thing.visible_since > world_.scheduler->now()) return std::optional<Object>();
  return std::optional(object_of(*id, thing));
}

// Only its hosts can tell of a swarm, and that there is none only all of them together.
Result<std::optional<Object>> SimDriver::find_swarm(const Resource& resource) const {
  bool is_known = false;
  bool all_answer = true;
  for (const auto& engine : json_member(resource.inputs, "hosts")) {
    const auto at =
        engine.is_string() ? world_.cloud.things.find(engine.get<std::string>()) : world_.cloud.things.end();
    if (at == world_.cloud.things.end()) continue;  // its machine is gone
    const bool answers = world_.cloud.answers(at->second.machine);
    is_known = is_known || (answers && world_.cloud.knows_swarm(at->second.machine));
    all_answer = all_answer && answers;
  }
  if (world_.mutant == Mutant::overlooks_swarm && !all_answer) return std::optional<Object>();
  const std::string* id = world_.cloud.find(schema_.driver, resource.id);
  if (is_known && id) return std::optional(object_of(*id, world_.cloud.things.at(*id)));
  if (all_answer) return std::optional<Object>();
  return Error{.code = ErrorCode::unavailable, .message = "whether a swarm exists cannot be told"};
}

Result<Object> SimDriver::create(const Resource& resource, const Context& context) {
  TRY(begin(Call::create, resource, StepAction::create, context));
  if (strikes(Fault::exhausted, Call::create)) {
    if (world_.mutant == Mutant::rebuilds_on_failure) world_.cloud.destroy(machine_under(resource));
    return Error{.code = ErrorCode::exhausted, .message = "no capacity"};
  }
  FakeCloud& cloud = world_.cloud;
  Thing thing = {
      .driver = schema_.driver, .owner = resource.id, .inputs = given(resource), .machine = machine_under(resource)};
  if (auto gone = cloud.missing(thing.inputs))
    return Error{.code = ErrorCode::invalid_input, .message = "there is no " + *gone};
  if (schema_.driver == "host.swarm") {
    const auto engine = std::ranges::find(resource.needs, "engine", &ResourceId::kind);
    const std::string* id = engine == resource.needs.end() ? nullptr : cloud.find("host.engine", *engine);
    if (!id || !cloud.answers(cloud.things.at(*id).machine))
      return Error{.code = ErrorCode::unavailable, .message = no_route};
    if (!cloud.find(schema_.driver, resource.id)) cloud.begin_swarm_on(cloud.things.at(*id));
  }
  if (is_of_swarm(schema_.driver)) {
    if (auto error = no_quorum()) return *std::move(error);
    if (cloud.apart.contains(thing.machine)) return Error{.code = ErrorCode::unavailable, .message = no_route};
    std::set<std::string> machines;
    for (const auto& [id, other] : cloud.things)
      if (other.driver == "test.server") machines.insert(id);
    std::erase_if(cloud.things, [&](const auto& entry) {  // predecessors of this node, on machines that are gone
      const Thing& former = entry.second;
      const bool is_cleared = former.driver == schema_.driver ||  // a node takes its office along
                              (former.driver == "host.swarm_manager" && schema_.driver == "host.swarm_node");
      return is_cleared && former.owner.name == resource.id.name && !machines.contains(former.machine);
    });
  }
  const bool always_lags = world_.mutant == Mutant::mistakes_lost_answers;  // where a look proves least
  if (schema_.driver.starts_with("test.") && (strikes(Fault::list_lag, Call::create) || always_lags))
    thing.visible_since = world_.scheduler->now() + std::chrono::seconds(1 + world_.scheduler->below(40));
  const std::string id = cloud.create(std::move(thing));
  TRY(after(Call::create, context));
  const auto made = cloud.things.find(id);
  if (made == cloud.things.end()) return Error{.code = ErrorCode::unknown_outcome, .message = no_answer};
  return object_of(id, made->second);
}

// Nothing changes; what is fetched must come from somewhere.
Result<void> SimDriver::prepare_update(const Resource& resource, const Object&, const Context& context) {
  TRY(before(Call::update, context));
  if (auto error = unreachable(resource)) return *std::move(error);
  return after(Call::update, context);
}

Result<Object> SimDriver::update(const Resource& resource, const Object& object, const Context& context) {
  TRY(begin(Call::update, resource, StepAction::update, context));
  FakeCloud& cloud = world_.cloud;
  if (!cloud.things.contains(object.remote_id))
    return Error{.code = ErrorCode::not_found, .message = "it is not there"};
  if (auto gone = cloud.missing(given(resource)))
    return Error{.code = ErrorCode::invalid_input, .message = "there is no " + *gone};
  const std::string machine = machine_under(resource);
  const bool is_outage = schema_.driver == "host.engine";
  if (is_outage) {
    if (auto error = costs_quorum(machine)) return *std::move(error);
    cloud.in_service.insert(machine);
  }
  cloud.update(object.remote_id, given(resource));
  auto answer = after(Call::update, context);
  if (is_outage) cloud.in_service.erase(machine);
  TRY(std::move(answer));
  const auto thing = cloud.things.find(object.remote_id);
  if (thing == cloud.things.end()) return Error{.code = ErrorCode::unknown_outcome, .message = no_answer};
  return object_of(object.remote_id, thing->second);
}

Result<void> SimDriver::destroy(const Resource& resource, const Object& object, const Context& context) {
  TRY(begin(Call::destroy, resource, StepAction::destroy, context));
  FakeCloud& cloud = world_.cloud;
  const auto thing = cloud.things.find(object.remote_id);
  if (thing != cloud.things.end() && is_of_swarm(schema_.driver) && !cloud.may.is_torn_down) {
    if (auto error = no_quorum()) return *std::move(error);
    if (schema_.driver == "host.swarm_node" && cloud.holds_swarm_alone(thing->second.machine))
      return Error{.code = ErrorCode::refused, .message = "it is the last manager"};
    const bool is_silent = cloud.runs(thing->second.machine) && !cloud.answers(thing->second.machine);
    if (schema_.driver == "host.swarm_node" && is_silent && world_.mutant != Mutant::removes_the_silent)
      return Error{.code = ErrorCode::refused, .message = "it may still run its containers"};
    if (schema_.driver == "host.swarm_manager" && world_.losses_when_planned != cloud.losses) {
      SwarmSize size = cloud.swarm_size();
      if (cloud.is_up(thing->second.machine)) --size.up;
      --size.members;
      if (!size.has_quorum()) return Error{.code = ErrorCode::refused, .message = "it would cost the quorum"};
    }
  }
  if (schema_.driver == "host.swarm_node" && thing != cloud.things.end())
    cloud.demote_unrecorded(thing->second.machine, resource.id);
  if (world_.mutant != Mutant::loses_destroy) cloud.destroy(object.remote_id);
  return after(Call::destroy, context);
}

Result<Object> SimDriver::wait_ready(const Resource& resource, Object object, const Context& context) {
  Context patient = context;
  if (world_.mutant == Mutant::ignores_stop) patient.stop = {};
  if (schema_.driver == "test.server") {
    for (int looks = 0; looks < 3; ++looks) {
      TRY(before(Call::wait_ready, patient));
      TRY(world_.scheduler->sleep(std::chrono::seconds(20), patient));
    }
  }
  const auto thing = world_.cloud.things.find(object.remote_id);
  if (thing == world_.cloud.things.end()) return Error{.code = ErrorCode::unavailable, .message = "it is gone"};
  thing->second.is_ready = true;
  if (thing->second.inputs.empty()) thing->second.inputs = given(resource);
  return object;
}

bool SimDriver::strikes(Fault fault, Call call) {
  if (!world_.scheduler->happens(world_.faults.of(fault))) return false;
  world_.counts.add(fault, call);
  return true;
}

Result<void> SimDriver::before(Call call, const Context& context) {
  world_.point(call);
  lose_something(call);
  if (strikes(Fault::partition, call)) part_the_network();
  if (strikes(Fault::clock_jump, call)) world_.scheduler->jump(std::chrono::seconds(world_.scheduler->below(7200)));
  if (strikes(Fault::slow, call))
    TRY(world_.scheduler->sleep(std::chrono::seconds(world_.scheduler->below(400)), context));
  if (strikes(Fault::unavailable, call)) return Error{.code = ErrorCode::unavailable, .message = "503"};
  const bool is_change = call == Call::create || call == Call::update || call == Call::destroy;
  if (is_change && strikes(Fault::lost_request, call))
    return Error{.code = ErrorCode::unknown_outcome, .message = no_answer};
  return {};
}

// The intent must be on disk before anything is touched.
Result<void> SimDriver::begin(Call call, const Resource& resource, StepAction action, const Context& context) {
  TRY(before(call, context));
  const auto& open = world_.store.state().open;
  const bool is_written = std::ranges::any_of(open, [&](const Intent& intent) {
    const bool is_adopted = action == StepAction::update && intent.action == StepAction::create;
    return intent.resource.id == resource.id && (intent.action == action || is_adopted);
  });
  if (!is_written) world_.cloud.violations.push_back(to_text(resource.id) + " was touched before it was written down");
  if (action == StepAction::destroy && is_of_swarm(schema_.driver)) return {};  // goes by way of the managers
  // A machine that was lost does not answer; that a machine was never there is a mistake in the plan.
  const std::string machine = machine_under(resource);
  const bool was_there = world_.cloud.things.contains(machine) || world_.cloud.lost.contains(machine);
  if (auto error = unreachable(resource); error && was_there) return *std::move(error);
  return {};
}

Result<void> SimDriver::after(Call call, const Context& context) {
  world_.point(call);
  const bool is_slow = strikes(Fault::slow, call);
  if (is_slow && !world_.scheduler->sleep(std::chrono::seconds(world_.scheduler->below(400)), context).ok())
    return Error{.code = ErrorCode::unknown_outcome, .message = no_answer};
  if (!strikes(Fault::lost_answer, call)) return {};
  const bool is_mistaken = world_.mutant == Mutant::mistakes_lost_answers;
  return Error{.code = is_mistaken ? ErrorCode::unavailable : ErrorCode::unknown_outcome, .message = no_answer};
}

// A machine that loses its power, or vanishes: any of them, at any moment.
void SimDriver::lose_something(Call call) {
  for (const Fault fault : {Fault::power_off, Fault::machine_lost}) {
    if (!world_.scheduler->happens(world_.faults.of(fault))) continue;
    std::vector<std::string> machines;
    for (const auto& [id, thing] : world_.cloud.things)
      if (thing.driver == "test.server" && !thing.is_off && world_.cloud.can_lose(id)) machines.push_back(id);
    if (machines.empty()) continue;
    const std::string machine = machines[world_.scheduler->below(machines.size())];
    world_.counts.add(fault, call);
    if (fault == Fault::machine_lost) {
      world_.cloud.lose(machine);
    } else {
      world_.cloud.things.at(machine).is_off = true;
      ++world_.cloud.losses;
    }
  }
}

// One or two machines are cut off; or, where some are already, the network heals.
void SimDriver::part_the_network() {
  FakeCloud& cloud = world_.cloud;
  Scheduler& chance = *world_.scheduler;
  const bool is_parted = !cloud.silent.empty() || !cloud.apart.empty();
  if (is_parted && chance.below(2) == 0) return cloud.heal();
  for (std::uint64_t count = 1 + chance.below(2); count > 0; --count) {
    const std::uint64_t way = chance.below(3);
    const bool is_apart = way != 0;
    std::vector<std::string> machines;
    for (const auto& [id, thing] : cloud.things)
      if (thing.driver == "test.server" && cloud.is_up(id) && (!is_apart || cloud.can_lose(id))) machines.push_back(id);
    if (!machines.empty()) cloud.cut_off(machines[chance.below(machines.size())], way != 1, is_apart);
  }
}

std::optional<Error> SimDriver::unreachable(const Resource& resource) const {
  const std::string machine = machine_under(resource);
  if (machine.empty() || world_.cloud.answers(machine)) return std::nullopt;
  return Error{.code = ErrorCode::unavailable, .message = no_route};
}

std::optional<Error> SimDriver::no_quorum() const {
  const SwarmSize size = world_.cloud.swarm_size();
  const bool has_begun = size.members > 0;
  if (!has_begun && world_.cloud.count("host.swarm") > 0) return std::nullopt;
  const bool one_answers = std::ranges::any_of(world_.cloud.things, [&](const auto& entry) {
    const Thing& thing = entry.second;
    return thing.driver == "host.swarm_manager" && world_.cloud.is_up(thing.machine) &&
           world_.cloud.answers(thing.machine);
  });
  if (has_begun && size.has_quorum() && one_answers) return std::nullopt;
  return Error{.code = ErrorCode::unavailable, .message = "no manager answers"};
}

// What a live look at the swarm refuses; where nothing was lost since the plan, the plan should have known.
std::optional<Error> SimDriver::costs_quorum(const std::string& machine) const {
  SwarmSize size = world_.cloud.swarm_size();
  bool is_manager = false;
  for (const auto& [id, thing] : world_.cloud.things)
    is_manager = is_manager || (thing.driver == "host.swarm_manager" && thing.machine == machine);
  if (!is_manager || size.members <= 2) return std::nullopt;
  if (world_.cloud.is_up(machine)) --size.up;
  if (size.has_quorum()) return std::nullopt;
  if (world_.losses_when_planned != world_.cloud.losses)
    return Error{.code = ErrorCode::refused, .message = "it would cost the quorum"};
  world_.cloud.violations.push_back("a manager was taken out of service, and the quorum with it");
  return std::nullopt;
}

Object SimDriver::object_of(const std::string& id, const Thing& thing) const {
  Object object = {.remote_id = id, .attributes = {{"address", id}}};
  if (schema_.driver.starts_with("test.")) object.attributes.update(thing.inputs);
  if (is_of_swarm(schema_.driver) && !world_.cloud.is_up(thing.machine)) object.attributes["state"] = "down";
  if (schema_.driver == "host.swarm") {
    for (const auto& [other, manager] : world_.cloud.things)
      if (manager.driver == "host.swarm_manager")
        object.attributes["manager"] = {{"node", manager.owner.name}, {"generation", manager.owner.generation}};
  }
  if (const auto said = thing.inputs.find("availability"); said != thing.inputs.end())
    object.attributes["availability"] = *said;
  if (thing.is_off && world_.mutant != Mutant::hides_power) object.attributes["power"] = "off";
  if (world_.mutant == Mutant::reports_nonsense && object.attributes.contains("labels"))
    object.attributes["labels"] = "none";
  return object;
}

}  // namespace skep::sim
