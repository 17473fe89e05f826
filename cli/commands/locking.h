// The lock of a cluster's state for as long as a command changes things.
#pragma once

#include <memory>
#include <string>

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/store/store.h"

namespace skep {

/// Takes the lock; tries again with growing pauses for as long as --lock-timeout says.
/// Errors: conflict (somebody else holds it: who, where, which process, since when), cancelled, those of the store.
Result<std::unique_ptr<Lock>> take_lock(Store& store, const std::string& operation, const Invocation& invocation,
                                        Outside& outside);

}  // namespace skep
