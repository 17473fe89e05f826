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

Result<void> check_all_ready(const SwarmView& view) {
  std::vector<std::string> missing;
  for (const auto& node : view.nodes) {
    if (node.state != "ready") missing.push_back(fmt::format("{} is {}", node.hostname, node.state));
  }
  if (missing.empty()) return {};
  return Error{ErrorCode::refused,
               fmt::format("every node must get a certificate of the new CA, and {}", join(missing, ", ")),
               "bring them back, or take them out of the spec and apply, first"};
}

}  // namespace

Result<void> rotate(const Managers& managers, const std::string& what, const Context& context) {
  TRY(managers.run({.name = "swarm_rotate", .arguments = {{"what", what}}}, context));
  return {};
}

Result<void> rotate_ca(const HostTools& tools, const Managers& managers, const Context& context) {
  const CaLook before = TRY(look_at_ca(managers, context));
  TRY(check_all_ready(TRY(managers.view(context))));
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
