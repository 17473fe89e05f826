#include "providers/local/host_network.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "providers/local/file_lock.h"
#include "providers/local/firewall_rules.h"
#include "providers/local/host_registry.h"
#include "providers/local/kernel_files.h"
#include "providers/local/names.h"

namespace skep {

namespace {

constexpr const char* network_folder = "/network/main";

std::string record_path(const LocalTools& tools, const std::string& cluster) {
  return tools.paths.cluster(cluster) + network_folder + "/network.json";
}

// By routes, and by other clusters whose bridge is not up at the moment.
Result<std::vector<Subnet>> used_ranges(const LocalTools& tools, const std::string& cluster, const Context& context) {
  const auto routes = TRY(run_checked(
      tools.processes, {.argv = {"ip", "-json", "route", "show", "table", "all", "type", "unicast"}}, context));
  std::vector<Subnet> ranges = routed_ranges(routes);
  for (const auto& [folder, range] : TRY(registered_ranges(tools))) {
    if (folder != tools.paths.cluster(cluster)) ranges.push_back(range);
  }
  return ranges;
}

// "" when there is no iptables: then it filters nothing either.
Result<std::string> forward_listing(const LocalTools& tools, const Context& context) {
  if (!tools.processes.find_program("iptables")) return std::string();
  const auto exit = TRY(tools.processes.run({.argv = {"iptables", "-w", "10", "-S", "FORWARD"}}, context));
  return exit.code == 0 ? exit.out : std::string();
}

std::string gateway_with_prefix(const LocalNetwork& network) {
  return fmt::format("{}/{}", address_text(gateway_of(network.range)), machine_half(network.range).prefix);
}

Result<void> make_bridge(const LocalTools& tools, const LocalNetwork& network, const Context& context) {
  const std::string& bridge = network.bridge;
  const auto there = TRY(tools.processes.run({.argv = {"ip", "link", "show", "dev", bridge}}, context));
  std::string commands;
  // A fixed hardware address: else it follows the ports, and machines keep a stale entry for their gateway.
  if (there.code != 0)
    commands = fmt::format("link add {} address {} type bridge\n", bridge, mac_address(gateway_of(network.range)));
  commands += fmt::format("addr replace {} dev {}\nlink set {} up\n", gateway_with_prefix(network), bridge, bridge);
  TRY(run_checked(tools.processes, {.argv = {"ip", "-batch", "-"}, .input = commands}, context)
          .doing("make the bridge " + bridge));
  // Floating addresses lie behind machines of the same bridge: no advice to go there directly.
  return write_sysctl("net/ipv4/conf/" + bridge + "/send_redirects", "0");
}

Result<void> set_firewall(const LocalTools& tools, const LocalNetwork& network, const Context& context) {
  TRY(run_checked(tools.processes, {.argv = {"nft", "-f", "-"}, .input = nft_table(network.bridge, network.range)},
                  context)
          .doing("set the firewall table " + nft_table_name(network.bridge)));
  const std::string listing = TRY(forward_listing(tools, context));
  if (!forward_is_filtered(listing) || has_accept_rules(listing, network.bridge)) return {};
  for (auto rule : accept_rules(network.bridge)) {
    rule.insert(rule.begin(), {"iptables", "-w", "10", "-I"});
    TRY(run_checked(tools.processes, {.argv = rule}, context));
  }
  return {};
}

Result<void> take_back_accept_rules(const LocalTools& tools, const std::string& bridge, const Context& context) {
  constexpr int copies_limit = 16;
  if (TRY(forward_listing(tools, context)).find(bridge) == std::string::npos) return {};
  for (auto rule : accept_rules(bridge)) {
    rule.insert(rule.begin(), {"iptables", "-w", "10", "-D"});
    for (int i = 0; i < copies_limit && TRY(tools.processes.run({.argv = rule}, context)).code == 0; ++i) continue;
  }
  return {};
}

// The first `ip netns add` makes /run/netns a shared mount; two at once get in each other's way.
Result<void> prepare_namespaces(const LocalTools& tools, const Context& context) {
  if (read_kernel_file("/proc/self/mountinfo").find(" /run/netns ") != std::string::npos) return {};
  const std::string name = "skep-first";
  (void)tools.processes.run({.argv = {"ip", "netns", "add", name}}, context);
  TRY(tools.processes.run({.argv = {"ip", "netns", "del", name}}, context));
  return {};
}

}  // namespace

Result<std::optional<LocalNetwork>> read_network(const LocalTools& tools, const std::string& cluster) {
  const std::string path = record_path(tools, cluster);
  const auto text = tools.files.read(path, 1 << 20);
  if (!text.ok() && text.error().code == ErrorCode::not_found) return std::optional<LocalNetwork>();
  if (!text.ok()) return text.error();
  const Json json = TRY(parse_json(text.value(), path));
  const auto range = parse_subnet(json_string_or(json, "range"));
  if (!range) return Error{ErrorCode::invalid_input, path + ": no range", "restore the file or destroy the folder"};
  const std::string bridge = TRY(json_string(json, "bridge", path));
  return std::optional(LocalNetwork{cluster, *range, bridge});
}

Result<LocalNetwork> record_network(const LocalTools& tools, const std::string& cluster,
                                    const std::string& wanted_range, const std::vector<std::string>& avoid,
                                    const Context& context) {
  const FileLock lock = TRY(lock_host(tools, context));
  if (const auto present = TRY(read_network(tools, cluster))) return *present;
  std::vector<Subnet> used = TRY(used_ranges(tools, cluster, context));
  std::optional<Subnet> range = parse_subnet(wanted_range);
  if (range) {
    const auto taken = std::ranges::find_if(used, [&](const Subnet& other) { return overlap(*range, other); });
    if (taken != used.end()) {
      return Error{ErrorCode::invalid_input,
                   "network.range " + wanted_range + " overlaps " + to_text(*taken) + ", which this computer uses",
                   "choose another range, or leave it out: a free one is then chosen"};
    }
  } else {
    for (const auto& text : avoid) {
      if (const auto other = parse_subnet(text)) used.push_back(*other);
    }
    range = choose_range(cluster, used);
  }
  if (!range) {
    return Error{ErrorCode::exhausted, "every /23 of 10.128.0.0/9 is in use on this computer",
                 "name a free range in the spec: network: {range: 192.168.80.0/23}"};
  }
  const LocalNetwork network{cluster, *range, bridge_name(cluster)};
  const std::string path = record_path(tools, cluster);
  TRY(tools.files.make_directories(path.substr(0, path.rfind('/')), 0755));
  const Json json = {{"range", to_text(network.range)}, {"bridge", network.bridge}};
  TRY(tools.files.write(path, dump_json_pretty(json), 0644));
  TRY(register_range(tools, tools.paths.cluster(cluster), network.range));
  return network;
}

Result<void> bring_up_network(const LocalTools& tools, const LocalNetwork& network, const Context& context) {
  const FileLock lock = TRY(lock_host(tools, context));
  TRY(register_range(tools, tools.paths.cluster(network.cluster), network.range));  // it may have been cut off before
  TRY(raise_host_settings(tools));
  TRY(prepare_namespaces(tools, context));
  TRY(make_bridge(tools, network, context));
  return set_firewall(tools, network, context);
}

Result<bool> is_network_up(const LocalTools& tools, const LocalNetwork& network, const Context& context) {
  if (read_sysctl("net/ipv4/ip_forward") != "1") return false;
  const auto bridge =
      TRY(tools.processes.run({.argv = {"ip", "-oneline", "addr", "show", "dev", network.bridge, "up"}}, context));
  if (bridge.code != 0 || bridge.out.find(" " + gateway_with_prefix(network) + " ") == std::string::npos) return false;
  const auto table =
      TRY(tools.processes.run({.argv = {"nft", "list", "table", "ip", nft_table_name(network.bridge)}}, context));
  if (table.code != 0 || table.out.find("masquerade") == std::string::npos) return false;
  const std::string listing = TRY(forward_listing(tools, context));
  return !forward_is_filtered(listing) || has_accept_rules(listing, network.bridge);
}

Result<void> take_down_network(const LocalTools& tools, const LocalNetwork& network, const Context& context) {
  const FileLock lock = TRY(lock_host(tools, context));
  TRY(tools.processes.run({.argv = {"ip", "link", "del", network.bridge}}, context));
  TRY(tools.processes.run({.argv = {"nft", "delete", "table", "ip", nft_table_name(network.bridge)}}, context));
  TRY(take_back_accept_rules(tools, network.bridge, context));
  for (const auto& question : {std::vector<std::string>{"ip", "link", "show", "dev", network.bridge},
                               {"nft", "list", "table", "ip", nft_table_name(network.bridge)}}) {
    if (TRY(tools.processes.run({.argv = question}, context)).code == 0)
      return Error{ErrorCode::unavailable, network.bridge + " could not be taken away: " + join(question, " ")};
  }
  TRY(tools.files.destroy_tree(tools.paths.cluster(network.cluster)));
  return unregister_range(tools, tools.paths.cluster(network.cluster));
}

}  // namespace skep
