#include "provisioners/bootstrap.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "planner/model/spec_formats.h"

namespace skep {
namespace {

using Kind = SwarmVerdict::Kind;

bool answers(const HostLook& look) {
  return look.facts && look.facts->engine_answers && look.facts->swarm.control && !look.facts->swarm.cluster_id.empty();
}

// In a swarm in whatever way: also locked, in error, or stored on disk while the engine is down.
bool is_involved(const HostLook& look) {
  if (!look.facts) return false;
  return look.facts->engine_answers ? look.facts->swarm.state != "inactive" : look.facts->has_swarm_state;
}

bool is_ours(const HostLook& look, const std::string& cluster) {
  return look.facts && json_string_or(look.facts->swarm_marker, "cluster") == cluster;
}

std::string state_of(const HostLook& look) {
  if (!look.facts) return fmt::format("{} cannot be reached ({})", look.member.label(), look.why);
  const auto& facts = *look.facts;
  if (!facts.engine_answers) {
    return fmt::format("the engine of {} does not answer{}", look.member.label(),
                       facts.has_swarm_state ? ", and it was in a swarm" : "");
  }
  const auto error = facts.swarm.error.empty() ? facts.nodes_error : facts.swarm.error;
  return fmt::format("{} is {}{}", look.member.label(), facts.swarm.state, error.empty() ? "" : " (" + error + ")");
}

std::string states_of(const std::vector<HostLook>& looks) {
  std::vector<std::string> states;
  for (const auto& look : looks) states.push_back(state_of(look));
  return join(states, "; ");
}

SwarmVerdict stop(ErrorCode code, std::string message, std::string hint) {
  return {.kind = Kind::stop, .error = {code, std::move(message), std::move(hint)}};
}

SwarmVerdict foreign(const HostLook& look, const std::string& cluster) {
  return stop(
      ErrorCode::refused,
      fmt::format(
          "{} is in a swarm ({}) that {} did not make", look.member.label(),
          look.facts->swarm.cluster_id.empty() ? look.facts->swarm.state : "cluster " + look.facts->swarm.cluster_id,
          cluster),
      "if that swarm is not needed, run `docker swarm leave --force` on the host; skep never does it by itself");
}

SwarmVerdict split_brain(const std::map<std::string, std::vector<std::string>>& clusters) {
  std::vector<std::string> parts;
  for (const auto& [id, names] : clusters) parts.push_back(fmt::format("{} in {}", join(names, ", "), id));
  return stop(ErrorCode::refused, fmt::format("the managers are in different swarms: {}", join(parts, "; ")),
              "decide which swarm stays, and run `docker swarm leave --force` on the managers of the other one");
}

SwarmVerdict none_answers(const std::vector<HostLook>& looks, const std::string& recorded_id,
                          const std::string& cluster) {
  for (const auto& look : looks) {
    if (is_involved(look) && !is_ours(look, cluster) && recorded_id.empty()) return foreign(look, cluster);
  }
  for (const auto& look : looks) {
    if (!look.facts || look.facts->swarm.state != "locked") continue;
    return stop(ErrorCode::unavailable,
                fmt::format("the swarm is locked (unlock it with: skep swarm unlock): {}", states_of(looks)),
                "run skep swarm unlock; no new swarm is begun meanwhile");
  }
  for (const auto& look : looks) {
    if (!is_involved(look)) continue;
    auto verdict = stop(ErrorCode::unavailable,
                        fmt::format("no manager answers for the swarm{}: {}",
                                    recorded_id.empty() ? "" : " " + recorded_id, states_of(looks)),
                        "bring most of the managers back (power, engine, network); no new swarm is begun meanwhile");
    verdict.may_pass = std::ranges::any_of(looks, [](const HostLook& one) {
      return one.facts && one.facts->engine_answers && one.facts->swarm.state == "pending";
    });
    return verdict;
  }
  for (const auto& look : looks) {
    if (look.facts || !look.member.is_manager()) continue;
    return stop(ErrorCode::unavailable, fmt::format("whether a swarm exists cannot be told: {}", states_of(looks)),
                "bring the host back, or take it out of the spec");
  }
  return {.kind = Kind::absent};
}

}  // namespace

SwarmVerdict judge_swarm(const std::vector<HostLook>& looks, const std::string& recorded_id,
                         const std::string& cluster) {
  std::map<std::string, std::vector<std::string>> clusters;
  const HostLook* manager = nullptr;
  for (const auto& look : looks) {
    if (!answers(look)) continue;
    clusters[look.facts->swarm.cluster_id].push_back(look.member.label());
    if (manager == nullptr || (manager->facts->nodes.empty() && !look.facts->nodes.empty())) manager = &look;
  }
  if (clusters.size() > 1) return split_brain(clusters);
  if (manager == nullptr) return none_answers(looks, recorded_id, cluster);
  const auto& id = manager->facts->swarm.cluster_id;
  if (!recorded_id.empty() && id != recorded_id) {
    return stop(
        ErrorCode::refused,
        fmt::format("{} manages the swarm {}, but this cluster's is {}", manager->member.label(), id, recorded_id),
        "somebody made another swarm there: decide which one stays");
  }
  if (recorded_id.empty() && !is_ours(*manager, cluster)) return foreign(*manager, cluster);
  return {.kind = Kind::present, .cluster_id = id, .manager = *manager};
}

std::vector<std::string> routes_into(const std::vector<std::string>& pools, const std::vector<HostLook>& looks) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> hosts;  // by range and device
  for (const auto& look : looks) {
    if (!look.facts) continue;
    for (const auto& route : look.facts->routes) {
      const bool is_range = route.to.find('/') != std::string::npos;
      const auto to = model::parse_cidr(is_range ? route.to : route.to + "/32");
      if (!to || to->prefix < 8) continue;
      const bool is_taken = std::ranges::any_of(pools, [&](const std::string& pool) {
        const auto range = model::parse_cidr(pool);
        return range && range->overlaps(*to);
      });
      if (is_taken) hosts[{route.to, route.device}].push_back(look.member.label());
    }
  }
  std::vector<std::string> found;
  for (const auto& [route, labels] : hosts) {
    const auto others = labels.size() == 1 ? "" : fmt::format(" and {}", count_of(labels.size() - 1, "other host"));
    found.push_back(fmt::format("{} of {}{} (over {})", route.first, labels.front(), others, route.second));
  }
  return found;
}

}  // namespace skep
