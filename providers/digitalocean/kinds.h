// The kinds of DigitalOcean's API that skep makes, and what all their drivers use.
#pragma once

#include "providers/cloud/owned_driver.h"
#include "providers/cloud/user_data.h"

namespace skep::digitalocean {

using cloud::Cloud;
using cloud::cluster_field;
using cloud::cluster_of;
using cloud::id_number;
using cloud::id_text;
using cloud::Kind;
using cloud::OwnedDriver;
using cloud::RemoteId;

const Kind& ssh_keys();
const Kind& networks();  // VPCs
const Kind& firewalls();
const Kind& servers();  // droplets
const Kind& volumes();
const Kind& load_balancers();
const Kind& tags();

/// Reserved IPs carry neither name nor tag: see floating_ip.cc.
inline constexpr const char* floating_ip_kind = "floating_ip";

/// What DigitalOcean takes as user-data.
const cloud::UserDataLimit& user_data_limit();

/// The input `protected`: the API knows no protection, but a change of it must reach the state.
Field protected_field();

/// Makes a tag that nothing carries yet; one that is there already is taken.
Result<void> make_tag(Cloud& cloud, const std::string& tag, const Context& context);
/// Takes a tag off everything, and out of the account. Absent is success.
Result<void> destroy_tag(Cloud& cloud, const std::string& tag, const Context& context);

/// Puts a tag that exists on a droplet, or takes it off.
Result<void> tag_droplet(Cloud& cloud, const RemoteId& droplet, const std::string& tag, bool is_on,
                         const Context& context);

/// POST PATH/ID/actions with `body`, and wait until what it begins has ended.
Result<void> act(Cloud& cloud, const Kind& kind, const RemoteId& id, const Json& body, const Context& context);

}  // namespace skep::digitalocean
