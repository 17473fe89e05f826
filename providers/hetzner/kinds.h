// The kinds of Hetzner's API that skep makes, and what all their drivers use.
#pragma once

#include "providers/cloud/host_key_text.h"
#include "providers/cloud/owned_driver.h"
#include "providers/cloud/user_data.h"

namespace skep::hetzner {

using cloud::act;
using cloud::Cloud;
using cloud::cluster_field;
using cloud::cluster_of;
using cloud::holds;
using cloud::id_number;
using cloud::id_text;
using cloud::Kind;
using cloud::OwnedDriver;
using cloud::RemoteId;

/// What Hetzner takes as user-data.
const cloud::UserDataLimit& user_data_limit();

const Kind& ssh_keys();
const Kind& networks();
const Kind& firewalls();
const Kind& placement_groups();
const Kind& servers();
const Kind& volumes();
const Kind& floating_ips();
const Kind& load_balancers();

}  // namespace skep::hetzner
