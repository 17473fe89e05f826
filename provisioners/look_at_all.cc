#include "provisioners/look_at_all.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/engine/thread_runner.h"

namespace skep {

void for_all(std::size_t count, const std::function<void(std::size_t)>& job) {
  if (count == 0) return;
  ThreadRunner runner(std::clamp<std::size_t>(count, 1, 64));
  std::size_t begun = 0;
  for (std::size_t ended = 0; ended < count;) {
    for (; begun < count && begun - ended < runner.capacity(); ++begun) {
      runner.start(static_cast<StepId>(begun), [&job, begun](const Say&) -> StepResult {
        job(begun);
        return StepOutcome{};
      });
    }
    for (const Notice& notice : runner.wait()) ended += notice.kind == Notice::Kind::finished ? 1 : 0;
  }
}

std::vector<HostLook> look_at_all(const HostTools& tools, std::span<const Member> members, Duration at_most,
                                  const Context& context) {
  std::vector<HostLook> looks(members.size());
  for_all(members.size(), [&](std::size_t i) {
    looks[i].member = members[i];
    auto facts = tools.look(members[i].endpoint, age_to_act, within(tools.clock, at_most, context));
    if (facts.ok()) {
      looks[i].facts = std::move(facts).value();
    } else {
      looks[i].why = facts.error().message;
    }
  });
  return looks;
}

std::vector<SwarmNode> nodes_seen(std::span<const HostLook> looks) {
  for (const auto& look : looks) {
    if (look.facts && look.facts->can_manage()) return look.facts->nodes;
  }
  return {};
}

std::string why_unfit(const HostLook& look, const std::vector<SwarmNode>& nodes) {
  if (!look.facts) return fmt::format("cannot be reached ({})", look.why);
  const Facts& facts = *look.facts;
  if (!facts.engine_answers) return "has no engine that answers";
  if (facts.swarm.state == "locked") return "is locked";
  if (facts.swarm.state != "active") return fmt::format("is in no swarm ({})", facts.swarm.state);
  if (nodes.empty()) return "";
  const auto* node = facts.swarm.node_id.empty() ? nullptr : [&]() -> const SwarmNode* {
    const auto found = std::ranges::find(nodes, facts.swarm.node_id, &SwarmNode::id);
    return found == nodes.end() ? nullptr : &*found;
  }();
  if (node == nullptr) return "is not known to the managers";
  if (node->state != "ready") return fmt::format("is {} in the swarm", node->state);
  return "";
}

}  // namespace skep
