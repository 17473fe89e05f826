// Provider `local`: real machines on this computer, by systemd-nspawn over overlayfs. The embedded default.
#pragma once

#include <memory>

#include "planner/engine/provider.h"
#include "providers/local/tools.h"

namespace skep {

inline constexpr const char* local_provider_name = "local";

/// The seams in `tools` must outlive it. See LocalPaths for the folders.
std::unique_ptr<Provider> make_local_provider(LocalTools tools);

}  // namespace skep
