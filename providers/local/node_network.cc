#include "providers/local/node_network.h"

#include <fmt/format.h>

#include "planner/base/text.h"
#include "providers/local/names.h"
#include "providers/local/subnet.h"

namespace skep {

namespace {

bool says_absent(const std::string& text) {
  return text.find("No such file or directory") != std::string::npos ||
         text.find("Cannot find device") != std::string::npos || text.find("No such device") != std::string::npos;
}

// `ip ...`, where what is to be destroyed may be absent.
Result<void> destroy_by_ip(Processes& processes, std::vector<std::string> arguments, const Context& context) {
  arguments.insert(arguments.begin(), "ip");
  const auto exit = TRY(processes.run({.argv = arguments}, context));
  if (exit.code == 0 || says_absent(exit.err)) return {};
  return Error{ErrorCode::unavailable, join(arguments, " ") + ": " + std::string(trim(exit.err))};
}

}  // namespace

Result<void> make_node_network(Processes& processes, const LocalMachine& machine,
                               const std::vector<std::string>& floating, const Context& context) {
  TRY(destroy_node_network(processes, machine, context));
  const std::string unit = machine.unit();
  const std::string cable = machine.cable();
  const std::string mac = mac_address(parse_address(machine.address).value_or(0));
  TRY(run_checked(processes, {.argv = {"ip", "netns", "add", unit}}, context));
  const std::string outside = fmt::format(
      "link add {0} type veth peer name eth0 address {1} netns {2}\n"
      "link set {0} master {3}\n"
      "link set {0} up\n",
      cable, mac, unit, machine.bridge);
  TRY(run_checked(processes, {.argv = {"ip", "-batch", "-"}, .input = outside}, context)
          .doing("connect " + machine.name + " to the bridge " + machine.bridge));
  std::string inside = "link set lo up\n";
  inside += fmt::format("addr add {}/{} dev eth0\n", machine.address, machine.prefix);
  for (const auto& address : floating) inside += fmt::format("addr add {}/32 dev eth0\n", address);
  inside += fmt::format("link set eth0 up\nroute add default via {}\n", machine.gateway);
  TRY(run_checked(processes, {.argv = {"ip", "-n", unit, "-batch", "-"}, .input = inside}, context));
  return {};
}

Result<void> destroy_node_network(Processes& processes, const LocalMachine& machine, const Context& context) {
  // The cable first: a namespace goes asynchronously, and would keep the cable's name taken for a while.
  TRY(destroy_by_ip(processes, {"link", "del", machine.cable()}, context));
  return destroy_by_ip(processes, {"netns", "del", machine.unit()}, context);
}

Result<std::vector<std::string>> floating_addresses_of(const Files& files, const LocalPaths& paths,
                                                       const LocalMachine& machine) {
  std::vector<std::string> addresses;
  const std::string folder = paths.kind(machine.cluster, "floating_ip");
  for (const auto& name : TRY(names_in(files, folder))) {
    const auto text = files.read(folder + "/" + name + "/floating_ip.json", 1 << 20);
    if (!text.ok()) continue;  // made or destroyed at this moment
    const auto json = TRY(parse_json(text.value(), folder + "/" + name));
    if (json_string_or(json, "server") == machine.remote_id()) addresses.push_back(json_string_or(json, "address"));
  }
  return addresses;
}

}  // namespace skep
