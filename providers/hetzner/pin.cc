// hetzner.pin: the label of a server that remembers the host key which the host made itself. See labels.h.
#include "providers/cloud/pin.h"

#include "providers/hetzner/drivers.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/kinds.h"
#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

std::string pinned_key(const Json& server) { return cloud::host_key_from_label(label_of(server, label_new_host_key)); }

/// The API takes all labels at once.
Result<Json> pin(Cloud& cloud, const std::string&, Json server, const std::string& key, const Context& context) {
  Json labels = server.value("labels", Json::object());
  labels.erase(label_new_host_key);
  if (!key.empty()) labels[label_new_host_key] = cloud::host_key_to_label(key);
  const std::string path = servers().path + "/" + servers().id_of(server);
  const Json answer = TRY(cloud.account.put(path, {{"labels", labels}}, context));
  return answer.value(servers().one, server);
}

}  // namespace

std::unique_ptr<Driver> make_pin_driver(Cloud& cloud) {
  return cloud::make_pin_driver(
      {.cloud = cloud,
       .servers = servers(),
       .schema = cloud::pin_schema(hetzner_provider_name,
                                   "A label of a server at Hetzner Cloud: the host key that its host made itself."),
       .key_of = pinned_key,
       .set = pin});
}

}  // namespace skep::hetzner
