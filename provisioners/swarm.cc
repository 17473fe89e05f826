#include "provisioners/swarm.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/managers.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = SwarmVerdict::Kind;

constexpr Duration patience_with_one = seconds(10);  // with one manager, where others may know the answer

Schema schema_of_swarm() {
  return {.driver = "host.swarm",
          .doc = "The swarm: begun once, on the first manager, with address pools that can never change.",
          .inputs = {{"cluster", OnChange::ignore, true, false, "The cluster's name, by which hosts know whose it is."},
                     {"init", OnChange::ignore, true, false, "The node on which it begins."},
                     {"hosts", OnChange::ignore, true, false, "All hosts that stand."},
                     {"address_pools", OnChange::fixed, true, false, "Ranges for overlay networks; empty: Docker's."},
                     {"address_pool_mask", OnChange::fixed, true, false, "Size of one network out of a range."},
                     {"data_path_port", OnChange::fixed, true, false, "UDP port of the overlay networks."},
                     {"autolock", OnChange::update, true, false, "Managers need a key after a restart."}},
          .outputs = {{"cluster_id", OnChange::ignore, false, false, "The swarm's id."},
                      {"manager", OnChange::ignore, false, false, "A manager that answers."}},
          .holds_data = true,
          .brings_along = {"swarm_node", "swarm_manager"},
          .timeout_create = minutes(10),
          .timeout_update = minutes(1),
          .timeout_destroy = minutes(30),
          .timeout_read = seconds(40)};
}

Object object_of(const Resource& resource, const SwarmVerdict& verdict) {
  const auto& facts = *verdict.manager->facts;
  const auto& swarm = facts.swarm;
  auto manager = verdict.manager->member;
  manager.machine_id = facts.machine_id;
  // What was left to Docker is as it was wanted, whatever Docker chose.
  const bool is_default = resource.inputs.at("address_pools").empty();
  Json pools = is_default ? Json::array() : Json(swarm.address_pools);
  Json mask = is_default ? resource.inputs.at("address_pool_mask") : Json(swarm.address_pool_mask);
  return {verdict.cluster_id,
          {{"cluster_id", verdict.cluster_id},
           {"manager", to_json(manager)},
           {"address_pools", std::move(pools)},
           {"address_pool_mask", std::move(mask)},
           {"data_path_port", swarm.data_path_port == 0 ? 4789 : swarm.data_path_port},
           {"autolock", swarm.autolock}}};
}

// Workers first, then managers that do not lead, the leader last.
int leaving_order(const HostLook& look) {
  const auto& facts = *look.facts;
  if (!facts.swarm.control) return look.member.is_manager() && facts.swarm.state != "active" ? 1 : 0;
  const auto* own = facts.node(facts.swarm.node_id);
  return own != nullptr && own->is_leader ? 2 : 1;
}

}  // namespace

Swarm::Swarm(const HostTools& tools) : HostDriver(tools, schema_of_swarm()) {}

Result<HostLook> Swarm::look_at(const Member& member, Duration age, const Context& context) const {
  auto facts = tools().look(member.endpoint, age, within(tools().clock, patience_with_one, context));
  if (facts.ok()) return HostLook{member, std::move(facts).value(), {}};
  const auto code = facts.error().code;
  if (code == ErrorCode::cancelled || code == ErrorCode::refused) return std::move(facts).doing(member.label()).error();
  return HostLook{member, nullptr, facts.error().message};
}

// An engine that has just started says "pending" until it knows whether it is a manager: nothing is decided on that.
Result<SwarmVerdict> Swarm::judge(const Resource& resource, const std::string& recorded_id, Duration age,
                                  const Context& context) const {
  SwarmVerdict verdict = TRY(judge_once(resource, recorded_id, age, context));
  if (!verdict.may_pass) return verdict;
  TRY(wait_until<bool>(tools().clock,
                       {.what = "the managers to come back", .every = milliseconds(500), .at_most = seconds(30)},
                       context, [&](const Context& limited) -> Result<Looked<bool>> {
                         tools().facts.forget_all();
                         verdict = TRY(judge_once(resource, recorded_id, age_to_act, limited));
                         // What still may pass when the time is over is told as it is, not as a wait that failed.
                         const bool is_over = tools().clock.now() + seconds(6) >= limited.deadline;
                         if (!verdict.may_pass || is_over) return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet = verdict.error.message};
                       }));
  return verdict;
}

Result<SwarmVerdict> Swarm::judge_once(const Resource& resource, const std::string& recorded_id, Duration age,
                                       const Context& context) const {
  const auto members = members_of(resource.inputs.at("hosts"));
  const auto cluster = json_string_or(resource.inputs, "cluster");
  std::vector<HostLook> looks;
  for (const auto& member : members) {
    if (!member.is_manager()) continue;
    looks.push_back(TRY(look_at(member, age, context)));
    // One manager that answers for the recorded swarm is all that a reader needs to know.
    if (recorded_id.empty()) continue;
    auto verdict = judge_swarm({looks.back()}, recorded_id, cluster);
    if (verdict.kind == Kind::present) return verdict;
  }
  auto verdict = judge_swarm(looks, recorded_id, cluster);
  if (verdict.kind != Kind::absent || recorded_id.empty()) return verdict;
  // The swarm that we know has no manager any more. Where workers still run its tasks, nobody begins another.
  for (const auto& member : members) {
    if (!member.is_manager()) looks.push_back(TRY(look_at(member, age, context)));
  }
  return judge_swarm(looks, recorded_id, cluster);
}

Result<std::optional<Object>> Swarm::find(const Resource& resource, std::string_view remote_id,
                                          const Context& context) {
  auto verdict = TRY(judge(resource, std::string(remote_id), age_for(remote_id), context));
  if (verdict.kind == Kind::stop) return std::move(verdict).error;
  if (verdict.kind == Kind::absent) return std::optional<Object>();
  return std::optional(object_of(resource, verdict));
}

// What a container sends to an overlay network must not go where the host sends it: a private network, a VPN, a
// database.
Result<void> Swarm::check_routes(const std::vector<Member>& members, const std::vector<std::string>& pools,
                                 const Context& context) const {
  std::vector<HostLook> looks;
  for (const auto& member : members) looks.push_back(TRY(look_at(member, age_to_act, context)));
  const auto overlaps = routes_into(pools.empty() ? std::vector<std::string>{docker_default_pool} : pools, looks);
  if (overlaps.empty()) return {};
  if (pools.empty()) {
    context.say(
        fmt::format("swarm.address_pool is not set, and Docker's own overlaps what hosts use: {}; networks that "
                    "it takes there would not be reached",
                    join(overlaps, ", ")));
    return {};
  }
  return Error{ErrorCode::refused,
               fmt::format("overlay networks would take addresses in use: {}", join(overlaps, ", ")),
               "set swarm.address_pool to a range that no host has a route to; it cannot be changed later"};
}

Result<Object> Swarm::create(const Resource& resource, const Context& context) {
  auto verdict = TRY(judge(resource, "", age_to_act, context));
  if (verdict.kind == Kind::stop) return std::move(verdict).error;
  if (verdict.kind == Kind::present) return object_of(resource, verdict);
  const auto init = json_string_or(resource.inputs, "init");
  const auto members = members_of(resource.inputs.at("hosts"));  // the newest generation of a node comes first
  const auto first = std::ranges::find(members, init, &Member::node);
  if (first == members.end()) {
    return Error{ErrorCode::unavailable, fmt::format("the host of {} is not there, and the swarm begins on it", init)};
  }
  std::vector<std::string> pools;
  for (const auto& pool : resource.inputs.at("address_pools")) pools.push_back(pool.get<std::string>());
  TRY(check_routes(members, pools, context));
  context.say(fmt::format("beginning a swarm on {}", first->label()));
  auto begun = tools().change(
      first->endpoint,
      {.name = "swarm_init",
       .arguments = {{"address", first->private_address},
                     {"cluster", json_string_or(resource.inputs, "cluster")},
                     {"data_path_port", std::to_string(json_int_or(resource.inputs, "data_path_port", 4789))},
                     {"pools", join(pools, " ")},
                     {"autolock", resource.inputs.at("autolock") == Json(true) ? "yes" : "no"},
                     {"pool_mask", std::to_string(json_int_or(resource.inputs, "address_pool_mask", 24))}}},
      context);
  if (!begun.ok()) return std::move(begun).doing(first->label()).error();
  auto after = TRY(judge(resource, "", age_to_act, context));
  if (after.kind == Kind::present) return object_of(resource, after);
  return after.kind == Kind::stop ? after.error
                                  : Error{ErrorCode::internal, "a swarm was begun, and no manager answers for it"};
}

Result<Object> Swarm::update(const Resource& resource, const Object& object, const Context& context) {
  for (const char* name : {"address_pools", "address_pool_mask", "data_path_port"}) {
    if (json_member(object.attributes, name) == resource.inputs.at(name)) continue;
    return Error{ErrorCode::refused, "the address pools and the data path port of a swarm are fixed when it begins",
                 "put the old values back into the spec, or `skep destroy` and `skep apply` the whole cluster"};
  }
  auto members = members_of(resource.inputs.at("hosts"));
  std::erase_if(members, [](const Member& member) { return !member.is_manager(); });
  const bool autolock = resource.inputs.at("autolock") == Json(true);
  context.say(autolock ? "managers lock from now on when their engine restarts" : "managers lock no longer");
  TRY(Managers(tools(), std::move(members))
          .run({.name = "swarm_autolock", .arguments = {{"autolock", autolock ? "true" : "false"}}}, context));
  Object changed = object;
  changed.attributes["autolock"] = autolock;
  return changed;
}

Result<void> Swarm::destroy(const Resource& resource, const Object& object, const Context& context) {
  const auto cluster = json_string_or(resource.inputs, "cluster");
  std::vector<HostLook> looks;
  std::vector<std::string> unreachable;
  for (const auto& member : members_of(resource.inputs.at("hosts"))) {
    auto look = TRY(look_at(member, age_to_act, context));
    if (!look.facts) {
      unreachable.push_back(fmt::format("{} ({})", member.label(), look.why));
    } else if (look.facts->engine_answers && look.facts->swarm.state != "inactive") {
      const auto& id = look.facts->swarm.cluster_id;
      const bool is_ours = id == object.remote_id || json_string_or(look.facts->swarm_marker, "cluster") == cluster;
      if (is_ours) looks.push_back(std::move(look));
    }
  }
  if (!unreachable.empty()) {
    return Error{ErrorCode::unavailable,
                 fmt::format("the swarm is not dissolved while hosts cannot be reached: {}", join(unreachable, "; ")),
                 "bring them back, or take them out of the spec first"};
  }
  std::ranges::stable_sort(looks, {}, leaving_order);
  for (const auto& look : looks) {
    context.say(fmt::format("{} leaves the swarm", look.member.label()));
    const bool force = leaving_order(look) > 0;
    auto left = tools().change(look.member.endpoint,
                               {.name = "swarm_leave", .arguments = {{"force", force ? "yes" : "no"}}}, context);
    if (!left.ok()) return std::move(left).doing(look.member.label()).error();
  }
  tools().facts.forget_all();
  return {};
}

}  // namespace skep
