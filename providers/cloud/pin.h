// PROVIDER.pin: what a server carries to remember the host key which its host made itself. See host_key_text.h.
#pragma once

#include <memory>

#include "providers/cloud/cloud.h"

namespace skep::cloud {

struct PinParts {
  Cloud& cloud;
  const Kind& servers;
  Schema schema;  // see pin_schema()
  /// The key that a server of the API carries; empty: none.
  std::string (*key_of)(const Json& server);
  /// Makes it carry this key and no other, or none when it is empty; the server as it is then.
  Result<Json> (*set)(Cloud& cloud, const std::string& cluster, Json server, const std::string& key,
                      const Context& context);
};

Schema pin_schema(const std::string& provider_name, const std::string& doc);

std::unique_ptr<Driver> make_pin_driver(PinParts parts);

}  // namespace skep::cloud
