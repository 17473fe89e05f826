#include "providers/common/machine_fields.h"

namespace skep {

Attributes to_attributes(const MachineFields& fields) {
  return {{"address", fields.address},   {"private_address", fields.private_address},
          {"ssh_port", fields.ssh_port}, {"ssh_user", fields.ssh_user},
          {"host_key", fields.host_key}, {"power", fields.is_on ? "on" : "off"}};
}

std::vector<Field> machine_outputs(bool power_is_input) {
  std::vector<Field> outputs = {
      {.name = "address", .doc = "IPv4 address by which skep reaches the machine."},
      {.name = "private_address", .doc = "IPv4 address for the swarm's own traffic."},
      {.name = "ssh_port", .doc = "Port of its SSH server."},
      {.name = "ssh_user", .doc = "User to log in as."},
      {.name = "host_key", .doc = "The only SSH host key that is accepted."},
  };
  if (!power_is_input) outputs.push_back({.name = "power", .doc = "on or off."});
  return outputs;
}

}  // namespace skep
