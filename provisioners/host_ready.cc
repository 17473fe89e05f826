#include "provisioners/host_ready.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/unlock.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration skew_limit = seconds(30);

Schema schema_of_host() {
  return {.driver = "host.ready",
          .doc = "A machine that can be worked on: booted, named, in step with our clock, its package manager free.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"login", OnChange::ignore, false, false, "By which key the host is known."},
                     {"role", OnChange::update, true, false, "manager or worker."},
                     {"reboot", OnChange::ignore, false, false, "when-required or never."},
                     {"needs_reboot", OnChange::disrupt, false, false, "An update of the system waits for a reboot."},
                     {"others", OnChange::ignore, false, false, "The hosts that stand already."}},
          .outputs = {{"member", OnChange::ignore, false, false, "How other steps reach this host."},
                      {"hostname", OnChange::ignore, false, false, "Its name."},
                      {"machine_id", OnChange::ignore, false, false, "/etc/machine-id."},
                      {"os", OnChange::ignore, false, false, "Distribution and version."},
                      {"arch", OnChange::ignore, false, false, "Architecture, as the package manager names it."},
                      {"kernel", OnChange::ignore, false, false, "Kernel release."}},
          .timeout_create = minutes(20),
          .timeout_update = minutes(20),
          .timeout_destroy = minutes(5),
          .timeout_read = seconds(20)};
}

bool is_to_reboot(const Resource& resource, const Facts& facts) {
  return facts.needs_reboot && json_string_or(resource.inputs, "reboot") != "never";
}

Object object_of(const Resource& resource, const Member& member, const Facts& facts) {
  Member complete = member;
  complete.machine_id = facts.machine_id;
  return {facts.machine_id,
          {{"member", to_json(complete)},
           {"role", member.role},
           {"hostname", facts.hostname},
           {"machine_id", facts.machine_id},
           {"os", fmt::format("{} {}", facts.os, facts.os_version)},
           {"arch", facts.arch},
           {"kernel", facts.kernel},
           {"needs_reboot", is_to_reboot(resource, facts)}}};
}

// A host that is in a swarm which this cluster did not make is somebody else's: nothing on it is touched.
Result<void> check_not_foreign(const Facts& facts, const std::string& cluster) {
  const bool is_in_swarm = facts.engine_answers ? facts.swarm.state != "inactive" : facts.has_swarm_state;
  if (!is_in_swarm || json_string_or(facts.swarm_marker, "cluster") == cluster) return {};
  return Error{
      ErrorCode::refused,
      fmt::format("the host is in a swarm already{}, and {} did not bring it there",
                  facts.swarm.cluster_id.empty() ? "" : " (cluster " + facts.swarm.cluster_id + ")", cluster),
      "if that swarm is not needed, run `docker swarm leave --force` on the host; skep never does it by itself"};
}

}  // namespace

HostReady::HostReady(const HostTools& tools) : HostDriver(tools, schema_of_host()) {}

Result<std::optional<Object>> HostReady::find(const Resource& resource, std::string_view remote_id,
                                              const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_for(remote_id), context));
  const bool is_ready = facts->hostname == host_name_of(resource.id) && facts->machine_id.size() == 32 &&
                        std::ranges::find(facts->addresses, member.private_address) != facts->addresses.end();
  if (!is_ready) return std::optional<Object>();
  return std::optional(object_of(resource, member, *facts));
}

Result<Object> HostReady::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto before = TRY(tools().look(member.endpoint, age_to_act, context));
  TRY(check_not_foreign(*before, json_string_or(resource.inputs, "cluster")));
  context.say("waiting until the system is up and the package manager is free");
  const auto output =
      TRY(tools().change(member.endpoint,
                         {.name = "host_ready",
                          .arguments = {{"host_name", host_name_of(resource.id)}, {"address", member.private_address}}},
                         context));
  for (const auto& line : split_lines(output)) context.say(line);
  TRY(ensure_clock(member.endpoint, context));
  TRY(reboot_if_needed(resource, member, context));
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  TRY(check_unique_machine(member, facts->machine_id, resource.inputs.value("others", Json::array())));
  return object_of(resource, member, *facts);
}

Result<Object> HostReady::update(const Resource& resource, const Object&, const Context& context) {
  const auto member = TRY(member_behind(resource));
  TRY(reboot_if_needed(resource, member, context));
  return object_of(resource, member, *TRY(tools().look(member.endpoint, age_to_act, context)));
}

Result<void> HostReady::reboot_if_needed(const Resource& resource, const Member& member, const Context& context) const {
  const auto before = TRY(tools().look(member.endpoint, age_to_act, context));
  if (!is_to_reboot(resource, *before)) return {};
  context.say("an update of the system waits for a reboot: rebooting");
  const bool locks = before->swarm.autolock && before->swarm.control;
  const Secret key = locks ? TRY(Managers(tools(), {member}).unlock_key(context)) : Secret();
  TRY(tools().change(member.endpoint, {.name = "host_reboot", .arguments = {{"boot_id", before->boot_id}}}, context));
  TRY(wait_until<bool>(tools().clock, {.what = "the host to be back", .every = seconds(1), .at_most = minutes(10)},
                       context, [&](const Context& limited) -> Result<Looked<bool>> {
                         tools().facts.forget(member.endpoint);
                         const auto now = TRY(
                             tools().look(member.endpoint, age_to_act, within(tools().clock, seconds(30), limited)));
                         if (now->boot_id == before->boot_id)
                           return Looked<bool>{.not_yet = "it has not gone down yet"};
                         const bool had_engine = before->engine_answers;
                         if (had_engine && !now->engine_answers) return Looked<bool>{.not_yet = "its engine starts"};
                         return Looked<bool>{.value = true};
                       }));
  if (locks) TRY(unlock_if_locked(tools(), member, key, context));
  return {};
}

// What makes a host ready is its own: its name and its clock stay as they are.
Result<void> HostReady::destroy(const Resource&, const Object&, const Context&) { return {}; }

Duration HostReady::skew_of(const Facts& facts) const {
  return std::chrono::abs(seconds(facts.clock) - tools().clock.wall().time_since_epoch());
}

Result<void> HostReady::ensure_clock(const Endpoint& host, const Context& context) const {
  auto facts = TRY(tools().look(host, age_to_act, context));
  if (skew_of(*facts) < skew_limit) return {};
  context.say(fmt::format("the clock is {} off: starting its time service", human_duration(skew_of(*facts))));
  const auto synced = tools().change(host, {.name = "clock_sync"}, context);
  facts = TRY(tools().look(host, age_to_act, context));
  if (skew_of(*facts) < skew_limit) return {};
  const auto why = synced.ok() ? std::string() : ": " + synced.error().message;
  return Error{ErrorCode::invalid_input,
               fmt::format("the host's clock is {} off ours, more than {}{}", human_duration(skew_of(*facts)),
                           human_duration(skew_limit), why),
               "a node with a wrong clock cannot join: set the clock there (and here), then apply again"};
}

Result<void> check_unique_machine(const Member& own, const std::string& machine_id, const Json& others) {
  for (const auto& other : members_of(others)) {
    if (other.machine_id != machine_id || other.endpoint == own.endpoint) continue;
    return Error{
        ErrorCode::invalid_input,
        fmt::format("the machine id {} is also that of {}: one is a copy of the other", machine_id, other.label()),
        "empty /etc/machine-id on one of them and reboot it"};
  }
  return {};
}

}  // namespace skep
