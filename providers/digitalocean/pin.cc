// digitalocean.pin: the tag of a droplet that remembers the host key which the host made itself. See tags.h.
#include "providers/cloud/pin.h"

#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

/// The new tag is there before an old one goes: a droplet that has made itself a key is never without.
Result<Json> pin(Cloud& cloud, const std::string& cluster, Json server, const std::string& key,
                 const Context& context) {
  const std::string wanted = key.empty() ? "" : key_tag(cluster, key);
  Json kept = Json::array();
  std::vector<std::string> old;
  for (const auto& tag : tags_of(server)) {
    const bool is_key = tag.starts_with(cluster_tag(cluster) + ":key:");
    if (is_key && tag != wanted) old.push_back(tag);
    if (!is_key) kept.push_back(tag);
  }
  if (!wanted.empty()) {
    if (!has_tag(server, wanted)) {
      TRY(make_tag(cloud, wanted, context));
      TRY(tag_droplet(cloud, servers().id_of(server), wanted, true, context));
    }
    kept.push_back(wanted);
  }
  for (const auto& tag : old) TRY(destroy_tag(cloud, tag, context));
  server["tags"] = kept;
  return server;
}

}  // namespace

std::unique_ptr<Driver> make_pin_driver(Cloud& cloud) {
  return cloud::make_pin_driver(
      {.cloud = cloud,
       .servers = servers(),
       .schema = cloud::pin_schema(digitalocean_provider_name,
                                   "A tag of a droplet at DigitalOcean: the host key that its host made itself."),
       .key_of = own_host_key_of,
       .set = pin});
}

}  // namespace skep::digitalocean
