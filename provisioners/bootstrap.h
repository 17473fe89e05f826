// Whether a swarm exists, is ours, or may be begun: decided from what all hosts say, never by falling back. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "provisioners/facts.h"
#include "provisioners/member.h"

namespace skep {

/// One host as it was looked at: what it shows, or why it does not.
struct HostLook {
  Member member;
  std::shared_ptr<const Facts> facts = {};  // none: it could not be looked at
  std::string why = {};
};

struct SwarmVerdict {
  enum class Kind {
    absent,   // no host is in a swarm: one may be begun
    present,  // `manager` answers for the swarm `cluster_id`
    stop,     // neither: `error` says why, and what a person can do
  };
  Kind kind = Kind::absent;
  std::string cluster_id = {};
  std::optional<HostLook> manager = {};
  Error error = {};
  bool may_pass = false;  // stop: a host is on its way into a swarm or back into it; in a while it will be known more
};

/// `recorded_id`: the cluster id in the state; empty: the state knows no swarm. `cluster`: our name, which hosts that
/// we brought into a swarm remember. Workers among the looks count only where no manager answers.
SwarmVerdict judge_swarm(const std::vector<HostLook>& looks, const std::string& recorded_id,
                         const std::string& cluster);

/// From which Docker takes overlay networks where it is told no other range [docker swarm init, --default-addr-pool].
inline constexpr const char* docker_default_pool = "10.0.0.0/8";

/// The routes of hosts that lie in one of the pools, or around it, each once: "10.0.0.0/16 of manager-1 and 2 other
/// hosts (over eth0)". Ranges larger than a /8 stand for the default route and are left out; so are hosts that could
/// not be looked at.
std::vector<std::string> routes_into(const std::vector<std::string>& pools, const std::vector<HostLook>& looks);

}  // namespace skep
