// The fields by which every provider describes a machine, in one place; see planner/model/resource.h.
#pragma once

#include <string>
#include <vector>

#include "planner/model/resource.h"
#include "planner/model/schema.h"

namespace skep {

struct MachineFields {
  std::string address;
  std::string private_address;
  int ssh_port = 22;
  std::string ssh_user = "root";
  std::string host_key;
  bool is_on = true;
};

Attributes to_attributes(const MachineFields& fields);
/// For Schema::outputs; `power` is left out where it is an input.
std::vector<Field> machine_outputs(bool power_is_input);

}  // namespace skep
