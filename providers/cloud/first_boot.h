// What a server resource asks to be told at its first boot, and whether that is too much: known before it is ordered.
#pragma once

#include "planner/base/ssh_key.h"
#include "planner/model/resource.h"
#include "providers/cloud/user_data.h"

namespace skep::cloud {

/// The inputs of a server, and the host key that was made for it.
FirstBoot first_boot_of(const Resource& server, const SshKeyPair& host_key);

/// Whether its user-data will fit. Errors: invalid_input.
Result<void> check_first_boot(const Resource& server, const UserDataLimit& limit);

}  // namespace skep::cloud
