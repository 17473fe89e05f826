#include "cli/commands/verify_command.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/commands/fleet.h"
#include "cli/exit_code.h"
#include "cli/render/paint.h"
#include "cli/styles.h"
#include "planner/base/text.h"
#include "provisioners/network_probe.h"

namespace skep {

namespace {

/// One network as it was probed, or why it was not.
struct Probed {
  std::string name;  // "private addresses"
  std::vector<PathProbe> paths = {};
  std::string skipped = {};
  bool is_wanted = true;

  bool is_good() const { return skipped.empty() && std::ranges::all_of(paths, &PathProbe::is_good); }
};

/// The first size that does not pass, for the matrix.
Cell cell_of(const PathProbe& probe) {
  if (probe.is_good()) return {"ok", Color::green};
  if (probe.small != "ok") return {"nothing", Color::red};
  return {probe.full != "ok" ? "not 1400 B" : "not 64 KB", Color::red};
}

std::string why_text(const PathProbe& probe) {
  if (probe.small != "ok")
    return fmt::format("{} → {}: nothing passes ({}): is ICMP, and every port of the swarm, open between them?",
                       probe.from, probe.to, probe.small);
  return fmt::format(
      "{} → {}: small packets pass, {} not ({}): an MTU on the way is smaller than the nodes take it to be", probe.from,
      probe.to, probe.full != "ok" ? "those of 1400 bytes do" : "64 KB in full-sized pieces do",
      probe.full != "ok" ? probe.full : probe.large);
}

std::string matrix_text(const Probed& probed, const Style& style) {
  std::string text = "  " + probed.name + ": ";
  if (!probed.skipped.empty()) return text + "NOT TESTED: " + probed.skipped + "\n";
  std::vector<std::string> names;
  std::map<std::pair<std::string, std::string>, const PathProbe*> by_pair;
  for (const auto& probe : probed.paths) {
    for (const auto& name : {probe.from, probe.to}) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    by_pair[{probe.from, probe.to}] = &probe;
  }
  std::ranges::sort(names, natural_less);
  const auto bad = std::ranges::count_if(probed.paths, [](const PathProbe& probe) { return !probe.is_good(); });
  text += bad == 0 ? fmt::format("all of {} pass 64 bytes, 1400 bytes in one piece, and 64 KB\n",
                                 count_of(probed.paths.size(), "way"))
                   : fmt::format("{} of {} do not pass everything\n", bad, count_of(probed.paths.size(), "way"));
  std::vector<Row> rows = {{{"FROM \\ TO", Color::dim}}};
  for (const auto& name : names) rows.front().push_back({name, Color::dim});
  for (const auto& from : names) {
    Row row = {{from}};
    for (const auto& to : names) {
      const auto probe = by_pair.find({from, to});
      row.push_back(probe == by_pair.end() ? Cell{"-"} : cell_of(*probe->second));
    }
    rows.push_back(std::move(row));
  }
  text += table_text(rows, style, 4);
  for (const auto& probe : probed.paths) {
    if (!probe.is_good()) text += "    " + why_text(probe) + "\n";
  }
  return text;
}

Json probed_json(const Probed& probed) {
  Json paths = Json::array();
  for (const auto& probe : probed.paths) {
    paths.push_back({{"from", probe.from},
                     {"to", probe.to},
                     {"ok", probe.is_good()},
                     {"small", probe.small},
                     {"full", probe.full},
                     {"large", probe.large}});
  }
  return {{"network", probed.name},
          {"tested", probed.skipped.empty()},
          {"why_not", probed.skipped},
          {"ok", probed.is_good()},
          {"paths", std::move(paths)}};
}

Result<Probed> overlay(const OpenFleet& opened, bool encrypted, const Context& context) {
  Probed probed = {.name = encrypted ? "encrypted overlay network" : "overlay network"};
  auto probe = probe_overlay(opened.fleet->tools(), opened.fleet->members(), encrypted, context);
  if (!probe.ok() && probe.error().code == ErrorCode::cancelled) return std::move(probe).error();
  if (probe.ok()) {
    probed.paths = std::move(probe.value().paths);
    probed.skipped = probe.value().skipped;
  } else {
    probed.skipped = probe.error().message;
  }
  return probed;
}

}  // namespace

Result<int> verify_network_command(const Invocation& invocation, Outside& outside) {
  const OpenFleet opened = TRY(open_fleet(invocation, outside));
  const auto& fleet = *opened.fleet;
  if (fleet.members().size() < 2) {
    return Error{ErrorCode::invalid_input, "one node has nobody to talk to", "the spec has one machine only"};
  }
  const Context context = talking_context(std::chrono::hours(1), invocation, outside);
  std::vector<Probed> all = {
      {.name = "private addresses", .paths = probe_addresses(fleet.tools(), fleet.members(), context)}};
  if (invocation.flag("overlay", true)) {
    all.push_back(TRY(overlay(opened, false, context)));
  } else {
    all.push_back({.name = "overlay network", .skipped = "left out by --overlay=false", .is_wanted = false});
  }
  if (invocation.flag("encrypted")) {
    all.push_back(TRY(overlay(opened, true, context)));
  } else {
    all.push_back({.name = "encrypted overlay network", .skipped = "ask for it with --encrypted", .is_wanted = false});
  }
  const bool is_red =
      std::ranges::any_of(all, [](const Probed& probed) { return probed.is_wanted && !probed.is_good(); });
  if (invocation.flag("json")) {
    Json networks = Json::array();
    for (const auto& probed : all) networks.push_back(probed_json(probed));
    outside.out << dump_json_pretty(
        {{"format_version", "1.0"}, {"type", "verify_network"}, {"ok", !is_red}, {"networks", std::move(networks)}});
  } else {
    for (const auto& probed : all) outside.out << matrix_text(probed, style_of_output(invocation, outside)) << "\n";
    outside.out << "  the ingress mesh: NOT TESTED: it needs a service that publishes a port\n";
  }
  outside.out << std::flush;
  return is_red ? exit_error : exit_done;
}

}  // namespace skep
