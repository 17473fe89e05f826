#include "provisioners/rotate.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

/// The CA as a manager tells of it, and how many nodes have a certificate of it.
struct CaLook {
  bool is_rotating = false;
  std::string root;
  std::size_t renewed = 0;
  std::size_t all = 0;
};

Result<CaLook> look_at_ca(const Managers& managers, const Context& context) {
  const Json info = TRY(managers.read("/info", context));
  const Json& cluster = json_member(json_member(info, "Swarm"), "Cluster");
  const Json& tls = json_member(cluster, "TLSInfo");
  CaLook look = {.is_rotating = json_member(cluster, "RootRotationInProgress") == Json(true),
                 .root = json_string_or(tls, "TrustRoot")};
  for (const auto& node : TRY(managers.read("/nodes", context))) {
    const Json& own = json_member(json_member(node, "Description"), "TLSInfo");
    look.all++;
    if (json_string_or(own, "CertIssuerPublicKey") == json_string_or(tls, "CertIssuerPublicKey")) look.renewed++;
  }
  return look;
}

// After a change of the leader every node is "unknown" until it has called again, half a minute at most.
Result<void> wait_until_all_ready(const HostTools& tools, const Managers& managers, const Context& context) {
  const auto ready = wait_until<bool>(
      tools.clock, {.what = "every node to be ready", .at_most = std::chrono::minutes(1)}, context,
      [&](const Context& limited) -> Result<Looked<bool>> {
        std::vector<std::string> missing;
        bool may_pass = true;
        for (const auto& node : TRY(managers.view(limited)).nodes) {
          if (node.state == "ready") continue;
          missing.push_back(fmt::format("{} is {}", node.hostname, node.state));
          may_pass = may_pass && node.state == "unknown";
        }
        if (missing.empty()) return Looked<bool>{.value = true};
        if (may_pass) return Looked<bool>{.not_yet = join(missing, ", ")};
        return Error{ErrorCode::refused,
                     fmt::format("every node must get a certificate of the new CA, and {}", join(missing, ", ")),
                     "bring them back, or take them out of the spec and apply, first"};
      });
  return ready.ok() ? Result<void>() : Result<void>(ready.error());
}

}  // namespace

Result<void> rotate(const Managers& managers, const std::string& what, const Context& context) {
  TRY(managers.run({.name = "swarm_rotate", .arguments = {{"what", what}}}, context));
  return {};
}

Result<void> rotate_ca(const HostTools& tools, const Managers& managers, const Context& context) {
  const CaLook before = TRY(look_at_ca(managers, context));
  TRY(wait_until_all_ready(tools, managers, context));
  if (!before.is_rotating) TRY(rotate(managers, "ca", context));
  TRY(wait_until<bool>(tools.clock,
                       {.what = "all nodes to get new certificates",
                        .every = std::chrono::seconds(1),
                        .at_most = std::chrono::minutes(15)},
                       context, [&](const Context& limited) -> Result<Looked<bool>> {
                         const CaLook now = TRY(look_at_ca(managers, limited));
                         if (!now.is_rotating && now.root != before.root) return Looked<bool>{.value = true};
                         return Looked<bool>{.not_yet = fmt::format("{} of {} have one", now.renewed, now.all)};
                       }));
  return {};
}

}  // namespace skep
