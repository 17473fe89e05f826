#include "provisioners/upgrade_probe.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "provisioners/network_probe.h"

namespace skep {
namespace {

// The node itself is asked for its version: the managers' list may be that of before its restart.
bool is_first_of_version(const SwarmView& view, const SwarmNode& node, const std::string& version) {
  const auto is_other = [&](const SwarmNode& one) { return one.id != node.id && one.state == "ready"; };
  const auto has_its_version = [&](const SwarmNode& one) { return is_other(one) && one.engine_version == version; };
  return std::ranges::any_of(view.nodes, is_other) && std::ranges::none_of(view.nodes, has_its_version);
}

std::string trouble_of(const PathProbe& path) {
  for (const auto& [size, result] :
       {std::pair{"64 bytes", path.small}, {"1400 bytes", path.full}, {"64 KB", path.large}})
    if (result != "ok") return fmt::format("{} from {} to {}: {}", size, path.from, path.to, result);
  return "";
}

}  // namespace

Result<void> probe_first_of_version(const HostTools& tools, const Member& node, const SwarmNode& seen,
                                    const Managers& managers, const Context& context) {
  const auto view = TRY(managers.view(context));
  const std::string version = TRY(tools.look(node.endpoint, age_to_act, context))->engine_version;
  if (!is_first_of_version(view, seen, version)) return {};
  const auto other = std::ranges::find_if(managers.members(), [&](const Member& one) { return one.node != node.node; });
  if (other == managers.members().end()) return {};
  context.say(
      fmt::format("the first with engine {}: probing overlay networks from and to {}", version, other->label()));
  const std::array both = {*other, node};
  const auto probe = TRY(probe_overlay(tools, both, false, context));
  if (!probe.skipped.empty()) {
    context.say("overlay networks are not probed: " + probe.skipped);
    return {};
  }
  const auto bad = std::ranges::find_if_not(probe.paths, &PathProbe::is_good);
  if (bad == probe.paths.end()) return {};
  return Error{
      ErrorCode::unavailable,
      fmt::format("with engine {} packets do not pass in an overlay network: {}", version, trouble_of(*bad)),
      "the other nodes keep their version; look at `skep verify network`, the firewall and the kernel's vxlan"};
}

}  // namespace skep
