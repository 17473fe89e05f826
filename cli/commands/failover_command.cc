#include "cli/commands/failover_command.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/fleet.h"
#include "cli/commands/operation.h"
#include "cli/exit_code.h"
#include "planner/base/text.h"
#include "provisioners/look_at_all.h"

namespace skep {

namespace {

constexpr Duration patience_with_hosts = std::chrono::milliseconds(2500);  // a dead one must not hold the address back

/// A node of the floating IP's pool, and how it is.
struct Target {
  Member member;
  ResourceId machine;
  std::string unfit = {};      // why it may not have the address; empty: it may
  bool is_active = false;      // takes tasks, as the managers say
  std::size_t held_count = 0;  // other floating IPs on it
};

/// The record of the floating IP. Errors: not_found (with the name that may be meant).
Result<Record> record_of(const std::string& name, const Operation& operation) {
  const Record* newest = nullptr;
  std::vector<std::string> names;
  for (const auto& [id, record] : operation.stored.records) {
    if (id.kind != "floating_ip") continue;
    names.push_back(id.name);
    if (id.name == name && (newest == nullptr || newest->resource.id.generation < id.generation)) newest = &record;
  }
  if (newest != nullptr) return *newest;
  const bool is_in_spec = operation.cluster->spec.floating_ips.contains(name);
  const auto meant = closest(name, names);
  const std::string hint = is_in_spec      ? "it is in the spec, and has not been made yet: skep apply"
                           : meant         ? fmt::format("did you mean \"{}\"?", *meant)
                           : names.empty() ? std::string("the cluster has none; see floating_ips in docs/spec.md")
                                           : "there are: " + join(names, ", ");
  return Error{ErrorCode::not_found, fmt::format("no floating IP is named \"{}\"", name), hint};
}

ResourceId machine_of(const Member& member, const State& state) {
  for (const auto& [id, record] : state.records) {
    const auto& node = record.resource.node.empty() ? id.name : record.resource.node;
    if (id.kind == machine_kind && node == member.node && id.generation == member.generation) return id;
  }
  return {machine_kind, member.node, member.generation};
}

/// Where the address must be in the host's own configuration, it must be there already: this is not the time for it.
std::string why_deaf(const HostLook& look, const std::string& address_name, const std::string& address,
                     const State& state) {
  if (!state.records.contains({"address", address_name, look.member.generation})) return "";
  const bool knows =
      look.facts && std::ranges::find(look.facts->floating_addresses, address) != look.facts->floating_addresses.end();
  return knows ? "" : "does not have the address in its system's configuration";
}

std::vector<Target> targets_of(const Fleet& fleet, const std::string& name, const std::string& address,
                               const Operation& operation, Outside& outside) {
  const auto& spec = operation.cluster->spec;
  const auto floating = spec.floating_ips.find(name);
  const std::string pool = floating == spec.floating_ips.end() ? "" : floating->second.pool;
  const auto looks = look_at_all(fleet.tools(), fleet.members(), patience_with_hosts,
                                 {.deadline = Instant::max(), .stop = outside.stop});
  const auto nodes = nodes_seen(looks);
  const auto ips = floating_ips_of(spec, operation.stored);
  std::vector<Target> targets;
  for (const auto& look : looks) {
    const auto info = std::ranges::find(fleet.nodes(), look.member.node, &NodeInfo::name);
    if (info == fleet.nodes().end() || info->pool != pool) continue;
    Target target = {.member = look.member, .machine = machine_of(look.member, operation.stored)};
    target.unfit = why_unfit(look, nodes);
    if (target.unfit.empty()) target.unfit = why_deaf(look, look.member.node + "-" + name, address, operation.stored);
    const auto seen = std::ranges::find(nodes, look.facts ? look.facts->swarm.node_id : "", &SwarmNode::id);
    target.is_active = nodes.empty() || (seen != nodes.end() && seen->availability == "active");
    target.held_count = static_cast<std::size_t>(std::ranges::count_if(
        ips, [&](const FloatingIpInfo& ip) { return ip.node == look.member.node && ip.name != name; }));
    targets.push_back(std::move(target));
  }
  return targets;
}

/// The best that can have it, never the present holder: takes tasks, holds least, first by name.
Result<Target> best_of(const std::vector<Target>& targets, const std::string& holder, const std::string& name) {
  const Target* best = nullptr;
  std::vector<std::string> reasons;
  const auto rank = [](const Target& target) { return std::pair(!target.is_active, target.held_count); };
  for (const auto& target : targets) {
    if (target.member.node == holder) continue;
    if (!target.unfit.empty()) {
      reasons.push_back(fmt::format("{} {}", target.member.label(), target.unfit));
    } else if (best == nullptr || rank(target) < rank(*best)) {
      best = &target;
    }
  }
  if (best != nullptr) return *best;
  return Error{ErrorCode::unavailable,
               reasons.empty() ? fmt::format("{} has no other node in its pool to go to", name)
                               : fmt::format("no other node can have {}: {}", name, join(reasons, "; ")),
               "see how the nodes are with: skep status"};
}

Result<Target> target_named(const std::string& node, const std::vector<Target>& targets, const Fleet& fleet,
                            const std::string& name) {
  TRY(fleet.named(node));
  const auto found = std::ranges::find_if(targets, [&](const Target& target) { return target.member.node == node; });
  if (found == targets.end()) {
    std::vector<std::string> names;
    for (const auto& target : targets) names.push_back(target.member.node);
    return Error{ErrorCode::invalid_input, fmt::format("{} is not in the pool of {}", node, name),
                 names.empty() ? "the pool has no machines: skep apply" : "it may go to: " + join(names, ", ")};
  }
  if (found->unfit.empty()) return *found;
  return Error{ErrorCode::refused, fmt::format("{} cannot have {}: it {}", node, name, found->unfit),
               "leave the node out, and skep takes the best that is healthy"};
}

/// The address as its provider has it now. Errors: not_found (it is gone), those of the driver.
Result<Object> address_now(const Operation& operation, const Record& record, Outside& outside) {
  const Plan look =
      plan_of_steps(operation, {{.action = StepAction::read, .resource = record.resource, .object = record.object}});
  const Summary summary =
      TRY(carry_out(operation, look, outside).doing("look where " + record.resource.id.name + " is"));
  const auto seen = summary.read.find(record.resource.id);
  if (seen != summary.read.end() && seen->second) return *seen->second;
  return Error{ErrorCode::not_found, "the floating IP " + record.resource.id.name + " is no longer there",
               "make a new one with: skep apply"};
}

std::string holder_of(const Object& address, const State& state) {
  const std::string server = json_string_or(address.attributes, "server");
  for (const auto& [id, record] : state.records) {
    if (id.kind == machine_kind && !server.empty() && record.object.remote_id == server)
      return record.resource.node.empty() ? id.name : record.resource.node;
  }
  return "";
}

struct Moved {
  std::string name;
  std::string address;
  std::string from;
  std::string to;
  bool is_moved = true;
  Duration elapsed = {};
};

void report(const Moved& moved, const Invocation& invocation, Outside& outside) {
  if (invocation.flag("json")) {
    outside.out << dump_json_pretty({{"format_version", "1.0"},
                                     {"type", "failover"},
                                     {"floating_ip", moved.name},
                                     {"address", moved.address},
                                     {"from", moved.from},
                                     {"to", moved.to},
                                     {"moved", moved.is_moved},
                                     {"seconds", static_cast<double>(moved.elapsed.count()) / 1000.0}});
  } else if (!moved.is_moved) {
    outside.out << fmt::format("{} ({}) is on {} already\n", moved.name, moved.address, moved.to);
  } else {
    outside.out << fmt::format("{} ({}): {} → {} after {:.1f} s\n", moved.name, moved.address,
                               moved.from.empty() ? "nowhere" : moved.from, moved.to,
                               static_cast<double>(moved.elapsed.count()) / 1000.0);
  }
  outside.out << std::flush;
}

Result<void> move(Operation& operation, const Record& record, const Object& now, const Target& target,
                  Outside& outside) {
  Step step = {.action = StepAction::update, .resource = record.resource, .object = now};
  step.resource.inputs["server"] = {{"$ref", to_text(target.machine)}, {"field", "remote_id"}};
  const HistoryEntry entry = TRY(operation.begin_history(outside));
  const auto ran = carry_out(operation, plan_of_steps(operation, {step}), outside);
  const Result<void> outcome = ran.ok() ? Result<void>() : Result<void>(ran.error());
  TRY(operation.end_history(entry, fmt::format("{} to {}", record.resource.id.name, target.member.label()), outcome,
                            outside));
  return outcome;
}

}  // namespace

Result<int> failover_command(const Invocation& invocation, Outside& outside) {
  const Instant begun = outside.clock.now();
  const std::string name = invocation.argument("IP");
  const std::string node = invocation.argument("NODE");
  Operation operation = TRY(open_operation("failover", invocation, outside));
  const Record record = TRY(record_of(name, operation));
  const Fleet fleet(*operation.cluster, operation.stored, outside.clock);
  const Object now = TRY(address_now(operation, record, outside));
  Moved moved = {
      .name = name, .address = json_string_or(now.attributes, "address"), .from = holder_of(now, operation.stored)};
  const auto targets = targets_of(fleet, name, moved.address, operation, outside);
  const Target target =
      TRY(node.empty() ? best_of(targets, moved.from, name) : target_named(node, targets, fleet, name));
  moved.to = target.member.node;
  moved.is_moved = moved.to != moved.from;
  if (moved.is_moved) TRY(move(operation, record, now, target, outside).doing("move " + name + " to " + moved.to));
  moved.elapsed = outside.clock.now() - begun;
  report(moved, invocation, outside);
  return exit_done;
}

}  // namespace skep
