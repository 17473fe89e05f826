#include "provisioners/network_probe.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "provisioners/look_at_all.h"

namespace skep {
namespace {

using Targets = std::vector<std::pair<std::string, std::string>>;  // node, address

constexpr const char* probe_network = "skep-verify";
constexpr Duration patience_with_probe = std::chrono::minutes(5);

struct Prober {
  Member member;
  std::string address;    // at which others probe it
  std::string container;  // in which it probes; empty: on the host itself
};

Script probe_script(const Targets& targets, const std::string& container) {
  std::vector<std::string> addresses;
  for (const auto& [node, address] : targets) addresses.push_back(address);
  return {.name = "network_probe", .arguments = {{"targets", join(addresses, " ")}, {"container", container}}};
}

std::vector<PathProbe> probe_all(const HostTools& tools, const std::vector<Prober>& probers, const Context& context) {
  std::vector<std::vector<PathProbe>> found(probers.size());
  for_all(probers.size(), [&](std::size_t i) {
    Targets targets;
    for (const auto& other : probers) {
      if (other.member.node != probers[i].member.node) targets.emplace_back(other.member.node, other.address);
    }
    if (targets.empty()) return;
    context.say(fmt::format("{} probes {}", probers[i].member.label(), count_of(targets.size(), "node")));
    const auto output = run_script(tools.ssh, probers[i].member.endpoint, probe_script(targets, probers[i].container),
                                   within(tools.clock, patience_with_probe, context));
    found[i] = probes_of(probers[i].member.node, targets, output);
  });
  std::vector<PathProbe> all;
  for (auto& probes : found) std::ranges::move(probes, std::back_inserter(all));
  return all;
}

Script overlay_script(const std::string& change, bool encrypted) {
  return {.name = "overlay_network",
          .arguments = {{"network", probe_network}, {"change", change}, {"encrypted", encrypted ? "yes" : "no"}}};
}

/// A container on every node; why none is there, where that is so.
std::vector<Result<std::string>> start_containers(const HostTools& tools, std::span<const Member> members,
                                                  const Context& context) {
  std::vector<Result<std::string>> addresses(members.size(), Error{ErrorCode::cancelled, "not tried"});
  for_all(members.size(), [&](std::size_t i) {
    auto address =
        run_script(tools.ssh, members[i].endpoint, {.name = "overlay_begin", .arguments = {{"network", probe_network}}},
                   within(tools.clock, std::chrono::minutes(3), context));
    addresses[i] = address.ok() ? Result<std::string>(std::string(trim(address.value()))) : address;
  });
  return addresses;
}

void clean_up(const HostTools& tools, const Managers& managers, std::span<const Member> members) {
  const Context context = within(tools.clock, std::chrono::minutes(1), {});
  for_all(members.size(), [&](std::size_t i) {
    const auto ended = run_script(tools.ssh, members[i].endpoint,
                                  {.name = "overlay_end", .arguments = {{"network", probe_network}}}, context);
    static_cast<void>(ended);  // a node that is not there has nothing of ours running
  });
  const auto destroyed = managers.run(overlay_script("destroy", false), context);
  static_cast<void>(destroyed);  // the next probe takes it over
}

}  // namespace

std::vector<PathProbe> probes_of(const std::string& from, std::span<const std::pair<std::string, std::string>> targets,
                                 const Result<std::string>& output) {
  std::vector<PathProbe> probes;
  for (const auto& [node, address] : targets) {
    PathProbe probe = {.from = from, .to = node};
    probe.small = probe.full = probe.large = output.ok() ? "not probed" : output.error().message;
    for (const auto& line : split_lines(output.ok() ? output.value() : "")) {
      const auto words = split(line, ' ');
      if (words.size() != 4 || words[0] != address) continue;
      probe.small = replace_all(words[1], "_", " ");
      probe.full = replace_all(words[2], "_", " ");
      probe.large = replace_all(words[3], "_", " ");
    }
    probes.push_back(std::move(probe));
  }
  return probes;
}

std::vector<PathProbe> probe_addresses(const HostTools& tools, std::span<const Member> members,
                                       const Context& context) {
  std::vector<Prober> probers;
  for (const auto& member : members) probers.push_back({member, member.private_address, ""});
  return probe_all(tools, probers, context);
}

Result<OverlayProbe> probe_overlay(const HostTools& tools, std::span<const Member> members, bool encrypted,
                                   const Context& context) {
  std::vector<Member> able;
  std::ranges::copy_if(members, std::back_inserter(able), &Member::is_manager);
  const Managers managers(tools, std::move(able));
  clean_up(tools, managers, members);  // what a probe that was cut off left
  const auto made = managers.run(overlay_script("make", encrypted), context);
  if (!made.ok()) return made.error();
  const auto addresses = start_containers(tools, members, context);
  OverlayProbe probe;
  std::vector<Prober> probers;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (addresses[i].ok()) {
      probers.push_back({members[i], addresses[i].value(), probe_network});
    } else if (probe.skipped.empty()) {
      probe.skipped = fmt::format("no container on {}: {}", members[i].label(), addresses[i].error().message);
    }
  }
  if (probe.skipped.empty()) probe.paths = probe_all(tools, probers, context);
  clean_up(tools, managers, members);
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped"};
  return probe;
}

}  // namespace skep
