// What DNS records have in common at all clouds: one name that leads to one address of the cluster, by a record of type
// A.
#pragma once

#include <string>

#include "providers/cloud/owned_driver.h"

namespace skep::cloud {

inline constexpr const char* dns_record_kind = "dns_record";

Schema dns_record_schema(const std::string& provider_name, const std::string& doc);

/// "shop" for shop.example.com in example.com, "@" for the zone itself.
std::string name_in_zone(const Attributes& inputs);

/// What a record of this zone and name is like.
Attributes dns_record_attributes(const std::string& zone, const std::string& name_in_zone, const Json& address,
                                 const Json& ttl);

/// The name leads elsewhere already.
Error not_our_record(const Attributes& inputs);
/// Sleeps a moment for an older generation of the record to let go of the name. Errors: cancelled, unavailable (too
/// long).
Result<void> wait_for_name(Cloud& cloud, const Resource& resource, const Context& context);
/// `error` of a request below the zone: when that is not there, it says what to do.
Error with_zone_hint(Error error, const Attributes& inputs);

}  // namespace skep::cloud
