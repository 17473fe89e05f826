// The part of the command tree about a swarm that is in use; its own file because the tree is long.
#pragma once

#include <vector>

#include "cli/command_tree.h"

namespace skep {

std::vector<CommandDoc> day_two_commands();

}  // namespace skep
