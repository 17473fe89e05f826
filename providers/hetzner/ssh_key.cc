// hetzner.ssh_key: a public key known to the project, so that servers are made without passwords.
#include "providers/cloud/ssh_key.h"

#include "providers/hetzner/drivers.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/kinds.h"
#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

Attributes ssh_key_attributes(const Json& json) {
  return {{"public_key", cloud::key_part(json_string_or(json, "public_key"))},
          {"is_ours", !label_of(json, label_cluster).empty()}};
}

Json ssh_key_order(const Attributes& inputs) { return {{"public_key", json_string_or(inputs, "public_key")}}; }

}  // namespace

std::unique_ptr<Driver> make_ssh_key_driver(Cloud& cloud) {
  return cloud::make_ssh_key_driver(
      {.cloud = cloud,
       .kind = ssh_keys(),
       .schema = cloud::ssh_key_schema(
           hetzner_provider_name,
           "A public key known to the project at Hetzner Cloud; one that is there already is used as it is."),
       .to_attributes = ssh_key_attributes,
       .order = ssh_key_order});
}

}  // namespace skep::hetzner
