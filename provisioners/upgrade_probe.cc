#include "provisioners/upgrade_probe.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "provisioners/network_probe.h"

namespace skep {
namespace {

std::string trouble_of(const PathProbe& path) {
  for (const auto& [size, result] :
       {std::pair{"64 bytes", path.small}, {"1400 bytes", path.full}, {"64 KB", path.large}})
    if (result != "ok") return fmt::format("{} from {} to {}: {}", size, path.from, path.to, result);
  return "";
}

}  // namespace

Result<void> probe_first_of_version(const HostTools& tools, const Member& node, const std::set<std::string>& before,
                                    const Managers& managers, const Context& context) {
  // The node itself is asked: the managers' list may be that of before its restart.
  const std::string version = TRY(tools.look(node.endpoint, age_to_act, context))->engine_version;
  if (before.empty() || before.contains(version)) return {};
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
