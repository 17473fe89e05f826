// Provider `existing`: machines that are there already, by address and pinned host key. Nothing is made or destroyed.
#pragma once

#include <memory>

#include "planner/engine/provider.h"

namespace skep {

std::unique_ptr<Provider> make_existing_provider();

}  // namespace skep
