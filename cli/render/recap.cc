#include "cli/render/recap.h"

#include <algorithm>
#include <map>
#include <set>

#include "cli/render/progress.h"
#include "cli/render/progress_json.h"
#include "planner/base/text.h"

namespace skep {

namespace {

struct NodeTally {
  std::string node;
  std::size_t done = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  Duration busy = {};  // from its first step's start to its last one's end
};

std::vector<NodeTally> tallies_of(const Plan& plan, const Summary& summary) {
  std::map<std::string, NodeTally> by_node;
  std::map<std::string, std::pair<Duration, Duration>> span;
  std::map<ResourceId, std::string> node_of;
  for (const auto& step : plan.steps) {
    node_of[step.resource.id] = step.resource.node;
    by_node[step.resource.node].node = step.resource.node;
  }
  const auto undone = not_done_of(summary);
  for (const auto& failure : summary.failures) ++by_node[node_of[failure.id]].failed;
  for (const auto& id : summary.skipped) ++by_node[node_of[id]].skipped;
  for (const auto& timing : summary.timings) {
    const std::string& node = node_of[timing.id];
    if (!undone.contains(timing.id)) ++by_node[node].done;
    const auto [at, is_first] = span.try_emplace(node, timing.started, timing.started + timing.elapsed);
    at->second.first = std::min(at->second.first, timing.started);
    at->second.second = std::max(at->second.second, timing.started + timing.elapsed);
  }
  std::vector<NodeTally> tallies;
  for (auto& [node, tally] : by_node) {
    if (const auto found = span.find(node); found != span.end())
      tally.busy = found->second.second - found->second.first;
    tallies.push_back(tally);
  }
  std::sort(tallies.begin(), tallies.end(), [](const NodeTally& left, const NodeTally& right) {
    return left.node.empty() != right.node.empty() ? left.node.empty() : natural_less(left.node, right.node);
  });
  return tallies;
}

Row recap_row(const NodeTally& tally) {
  const bool is_bad = tally.failed > 0;
  return {{tally.node.empty() ? "(cluster)" : tally.node,
           is_bad ? Color::red : (tally.skipped > 0 ? Color::yellow : Color::green)},
          {"done=" + std::to_string(tally.done)},
          {"failed=" + std::to_string(tally.failed), is_bad ? Color::red : Color::none},
          {"skipped=" + std::to_string(tally.skipped), tally.skipped > 0 ? Color::yellow : Color::none},
          {human_duration(tally.busy)}};
}

std::string slowest_text(const Summary& summary) {
  std::vector<std::string> parts;
  for (const auto& timing : summary.slowest_path) {
    parts.push_back(to_text(timing.id) + " " + human_duration(timing.elapsed));
  }
  return join(parts, " → ");
}

}  // namespace

std::string recap_text(const Plan& plan, const Summary& summary, const Style& style) {
  if (plan.steps.empty()) return "";
  std::vector<Row> rows;
  for (const auto& tally : tallies_of(plan, summary)) rows.push_back(recap_row(tally));
  std::string text = table_text(rows, style);
  if (!summary.slowest_path.empty()) {
    text += "\n" + table_text({{{"slowest path", Color::dim}, {slowest_text(summary)}},
                               {{"in all", Color::dim}, {human_duration(summary.elapsed)}}},
                              style);
  }
  return text;
}

std::string failures_text(const Plan& plan, const Summary& summary, const Style& style) {
  std::string text;
  for (const auto& failure : summary.failures) {
    const std::string what = std::string(doing_word(plan.steps[failure.step].action)) + " " + to_text(failure.id);
    text += "\n" + painted("error:", Color::red, style) + " " + what + ": " + failure.error.message + "\n";
    if (!failure.error.hint.empty()) text += "hint: " + failure.error.hint + "\n";
  }
  return text;
}

std::set<ResourceId> not_done_of(const Summary& summary) {
  std::set<ResourceId> ids(summary.skipped.begin(), summary.skipped.end());
  for (const auto& failure : summary.failures) ids.insert(failure.id);
  return ids;
}

Json recap_json(const Plan& plan, const Summary& summary) {
  Json nodes = Json::array();
  for (const auto& tally : tallies_of(plan, summary)) {
    nodes.push_back({{"node", tally.node},
                     {"done", tally.done},
                     {"failed", tally.failed},
                     {"skipped", tally.skipped},
                     {"elapsed_ms", tally.busy.count()}});
  }
  Json failures = Json::array();
  for (const auto& failure : summary.failures) {
    failures.push_back({{"step", failure.step}, {"id", to_text(failure.id)}, {"error", error_json(failure.error)}});
  }
  Json skipped = Json::array();
  for (const auto& id : summary.skipped) skipped.push_back({{"id", to_text(id)}});
  Json slowest = Json::array();
  for (const auto& timing : summary.slowest_path) {
    slowest.push_back({{"id", to_text(timing.id)}, {"elapsed_ms", timing.elapsed.count()}});
  }
  return {
      {"nodes", std::move(nodes)},          {"failures", std::move(failures)},       {"skipped", std::move(skipped)},
      {"slowest_path", std::move(slowest)}, {"elapsed_ms", summary.elapsed.count()}, {"stopped", summary.stopped}};
}

}  // namespace skep
