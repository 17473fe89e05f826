#include "provisioners/swarm_backup.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "provisioners/drain.h"
#include "provisioners/look_at_all.h"
#include "provisioners/quorum.h"
#include "provisioners/unlock.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t part_bytes = 16u << 20;

std::string why_no_source(const HostLook& look, const Membership& membership) {
  if (!look.facts) return fmt::format("cannot be reached ({})", look.why);
  if (!look.facts->can_manage()) return "does not answer as a manager";
  const auto* node = look.facts->node(look.facts->swarm.node_id);
  if (node == nullptr || node->reachability != "reachable") return "is not reachable for the other managers";
  if (node->is_leader && membership.members > 1) return "leads the swarm";
  return "";
}

/// What runs nothing comes first.
std::pair<bool, std::int64_t> burden(const HostLook& look) {
  const auto* node = look.facts->node(look.facts->swarm.node_id);
  return {node->availability == "active", look.facts->containers_running};
}

Result<std::string> fetch(const HostTools& tools, const Member& member, std::uint64_t bytes, const std::string& digest,
                          const Context& context) {
  std::string archive;
  while (archive.size() < bytes) {
    const std::uint64_t wanted = std::min<std::uint64_t>(part_bytes, bytes - archive.size());
    const auto part =
        TRY(run_script(tools.ssh, member.endpoint,
                       {.name = "swarm_backup_part",
                        .arguments = {{"offset", std::to_string(archive.size())}, {"bytes", std::to_string(wanted)}}},
                       context));
    if (part.size() != wanted) {
      return Error{ErrorCode::unavailable, fmt::format("{} of {} bytes of the archive came", part.size(), wanted)};
    }
    archive += part;
  }
  TRY(run_script(tools.ssh, member.endpoint, {.name = "swarm_backup_part", .arguments = {{"offset", "0"}}}, context));
  if (sha256_hex(archive) == digest) return archive;
  return Error{ErrorCode::internal, "the archive arrived with another checksum than it left with"};
}

Result<std::string> archive_of(const HostTools& tools, const Member& member, const std::string& node_id,
                               const Secret& key, const Context& context) {
  context.say("stopping its engine, archiving, starting it again");
  auto made = tools.change(member.endpoint, {.name = "swarm_backup", .arguments = {{"node", node_id}}}, context);
  const auto unlocked = unlock_if_locked(tools, member, key, context);
  const auto words = split(trim(TRY(std::move(made))), ' ');
  TRY(unlocked);
  if (words.size() != 2) return Error{ErrorCode::internal, "the host did not say how large the archive is"};
  return fetch(tools, member, std::stoull(words[0]), words[1], context);
}

Result<void> wait_until_back(const HostTools& tools, const Member& member, const std::string& node_id,
                             const Managers& managers, const Context& context) {
  const auto others = managers.without(member);
  const Managers& witnesses = others.members().empty() ? managers : others;
  TRY(wait_until<bool>(tools.clock, {.what = member.label() + " to be back", .at_most = minutes(3)}, context,
                       [&](const Context& limited) -> Result<Looked<bool>> {
                         const auto view = TRY(witnesses.view(limited));
                         const auto* node = view.node(node_id);
                         if (node == nullptr) return Looked<bool>{.not_yet = "the managers do not list it"};
                         if (node->state == "ready" && node->reachability == "reachable")
                           return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet =
                                                 fmt::format("it is {} and {}", node->state, node->reachability)};
                       }));
  return {};
}

bool can_others_take(const SwarmView& view, const std::string& node_id) {
  return std::ranges::any_of(view.nodes, [&](const SwarmNode& node) {
    return node.id != node_id && node.state == "ready" && node.availability == "active";
  });
}

}  // namespace

Result<HostLook> backup_source(const std::vector<HostLook>& looks, const BackupWish& wish) {
  const auto membership = membership_of(nodes_seen(looks));
  if (membership.members == 0) {
    return Error{ErrorCode::unavailable, "no manager answers for the swarm", "see how they are with: skep status"};
  }
  const int tolerance = membership.reachable - quorum_of(membership.members);
  if (tolerance < 1 && !wish.allow_outage) {
    return Error{
        ErrorCode::refused,
        fmt::format("with {} of {} managers reachable, the swarm has no control while one stops for the backup",
                    membership.reachable, membership.members),
        "tasks elsewhere run on meanwhile, which takes some seconds: allow it with --allow-outage"};
  }
  const HostLook* best = nullptr;
  std::vector<std::string> reasons;
  for (const auto& look : looks) {
    if (!wish.node.empty() && look.member.node != wish.node) continue;
    if (auto why = why_no_source(look, membership); !why.empty()) {
      reasons.push_back(fmt::format("{} {}", look.member.label(), why));
    } else if (best == nullptr || burden(look) < burden(*best)) {
      best = &look;
    }
  }
  if (best != nullptr) return *best;
  if (!wish.node.empty() && reasons.empty())
    return Error{ErrorCode::invalid_input, wish.node + " is no manager", "leave it out, and skep takes the best"};
  return Error{ErrorCode::unavailable, "no manager can stop for a backup: " + join(reasons, "; ")};
}

Result<std::string> take_backup(const HostTools& tools, const HostLook& source, const Managers& managers,
                                Duration drain_timeout, const Context& context) {
  const Member& member = source.member;
  const Facts& facts = *source.facts;
  const std::string node_id = facts.swarm.node_id;
  const Secret key = facts.swarm.autolock ? TRY(managers.unlock_key(context)) : Secret();
  const auto view = TRY(managers.view(context));
  const auto* node = view.node(node_id);
  if (node == nullptr) return Error{ErrorCode::unavailable, member.label() + " is no longer among the managers"};
  const bool must_drain =
      node->availability == "active" && facts.containers_running > 0 && can_others_take(view, node_id);
  Result<void> emptied;
  if (must_drain) emptied = drain_node({*node, drain_timeout}, tools, managers, context);
  auto archive = emptied.ok() ? archive_of(tools, member, node_id, key, context) : Result<std::string>(emptied.error());
  // Whatever became of the archive, the manager must be as it was.
  if (emptied.ok()) TRY(wait_until_back(tools, member, node_id, managers, context));
  if (must_drain) {
    TRY(managers.run({.name = "node_update", .arguments = {{"node", node_id}, {"availability", node->availability}}},
                     context));
  }
  return archive;
}

}  // namespace skep
