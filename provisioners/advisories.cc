#include "provisioners/advisories.h"

#include <algorithm>
#include <map>
#include <set>

#include "provisioners/engine_version.h"

namespace skep {
namespace {

// At least `first` and below `end`; a bare series counts where all of it does.
bool is_between(const std::string& version, const char* first, const char* end) {
  return !version.empty() && compare_versions(version, first) >= 0 && compare_versions(version, end) < 0;
}

bool is_at_least(const std::string& version, const char* first) { return is_between(version, first, "9999"); }
bool is_below(const std::string& version, const char* end) { return is_between(version, "1", end); }

struct Advisory {
  bool (*applies)(const EngineMove& move);
  const char* text;
};

constexpr Advisory of_moves[] = {
    {[](const EngineMove& move) {
       return is_between(move.to, "29.0", "29.3") && move.to.find('.') != std::string::npos &&
              move.daemon.find("\"min-api-version\"") == std::string::npos;
     },
     "Engine 29.0 to 29.2 answers only clients that speak API 1.44 or newer: Traefik before 3.6.1 and 2.11.31, for "
     "one, "
     "finds no services any more; take 29.3 or newer, or set min-api-version in engine.daemon [moby docker-v29.0.0, "
     "docker-v29.3.0: defaultMinAPIVersion; traefik#12253]"},
    {[](const EngineMove& move) {
       return move.from.empty() && is_at_least(move.to, "29") &&
              move.daemon.find("\"default-ulimits\"") == std::string::npos;
     },
     "Engine 29 comes with containerd 2.1.5 or newer, in whose containers at most 1024 files are open at once, unless "
     "engine.daemon has default-ulimits; images lie in /var/lib/containerd, not in /var/lib/docker [Engine 29 release "
     "notes]"},
    {[](const EngineMove& move) {
       return is_between(move.to, "28.2", "28.3") && move.to.find('.') != std::string::npos;
     },
     "Engine 28.2 loses ways between nodes of overlay networks under some conditions: newer versions do not "
     "[moby#47728; "
     "coreos/fedora-coreos-tracker#1973]"},
    {[](const EngineMove& move) { return is_below(move.from, "20.10") && is_at_least(move.to, "20.10"); },
     "From before 20.10 to 20.10 or newer docker_gwbridge may be missing after the restart: containers of overlay "
     "networks then reach nothing outside; the first node shows it [moby#41775]"},
};

bool crosses(const std::set<std::string>& versions, const char* border) {
  return std::ranges::any_of(versions, [&](const auto& version) { return is_below(version, border); }) &&
         std::ranges::any_of(versions, [&](const auto& version) { return is_at_least(version, border); });
}

std::string wanted_version(const Resource& engine, const State& state) {
  auto wanted = json_string_or(engine.inputs, "version");
  if (!wanted.empty()) return wanted;
  const auto record = state.records.find(engine.id);
  return record == state.records.end() ? "" : json_string_or(record->second.object.attributes, "engine_version");
}

}  // namespace

std::vector<EngineMove> engine_moves(const Plan& plan, const State& state) {
  std::vector<EngineMove> moves;
  for (const auto& step : plan.steps) {
    const bool is_new = step.action == StepAction::create && !step.object;
    if (step.resource.id.kind != "engine" || (!is_new && step.action != StepAction::update)) continue;
    EngineMove move = {.node = step.resource.node, .to = wanted_version(step.resource, state)};
    move.daemon = dump_json(json_member(step.resource.inputs, "daemon"));
    const auto record = state.records.find(step.resource.id);
    if (record != state.records.end()) move.from = json_string_or(record->second.object.attributes, "engine_version");
    if (move.from != move.to || is_new) moves.push_back(std::move(move));
  }
  return moves;
}

std::vector<std::string> engine_advisories(const std::vector<EngineMove>& moves,
                                           const std::vector<std::string>& staying) {
  std::set<std::string> lines;
  std::set<std::string> mixed(staying.begin(), staying.end());  // that meet while the plan is carried out
  for (const auto& move : moves) {
    for (const auto& advisory : of_moves)
      if (advisory.applies(move)) lines.insert(advisory.text);
    mixed.insert({move.from, move.to});
  }
  if (!moves.empty() && crosses(mixed, "29")) {
    lines.insert(
        "while engines before and after 29.0 are mixed, encrypted overlay networks may pass nothing between them: go "
        "on "
        "to the end in one apply [moby#51798: 28.5 and 29.1]");
  }
  return {lines.begin(), lines.end()};
}

std::vector<std::string> engine_advisories(const Plan& plan, const State& state) {
  std::set<ResourceId> touched;
  for (const auto& step : plan.steps)
    if (step.action != StepAction::prepare) touched.insert(step.resource.id);
  std::vector<std::string> staying;
  for (const auto& [id, record] : state.records)
    if (id.kind == "engine" && !touched.contains(id))
      staying.push_back(json_string_or(record.object.attributes, "engine_version"));
  return engine_advisories(engine_moves(plan, state), staying);
}

}  // namespace skep
