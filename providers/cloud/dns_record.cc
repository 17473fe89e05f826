#include "providers/cloud/dns_record.h"

#include <fmt/format.h>

namespace skep::cloud {

namespace {

constexpr const char* zone_itself = "@";
constexpr Duration name_pause = std::chrono::seconds(1);

}  // namespace

Schema dns_record_schema(const std::string& provider_name, const std::string& doc) {
  return {.driver = provider_name + "." + dns_record_kind,
          .doc = doc,
          .inputs = {cluster_field(),
                     {.name = "name", .on_change = OnChange::replace, .required = true, .doc = "The whole name."},
                     {.name = "zone",
                      .on_change = OnChange::replace,
                      .required = true,
                      .doc = "The zone that it is in; it must be there."},
                     {.name = "address", .required = true, .doc = "Where it leads: an IPv4 address."},
                     {.name = "ttl", .required = true, .doc = "How long others may remember it, in seconds."}},
          .timeout_create = std::chrono::minutes(2),
          .timeout_update = std::chrono::minutes(2),
          .timeout_destroy = std::chrono::minutes(2)};
}

std::string name_in_zone(const Attributes& inputs) {
  const std::string name = json_string_or(inputs, "name");
  const std::string zone = json_string_or(inputs, "zone");
  return name == zone ? zone_itself : name.substr(0, name.size() - zone.size() - 1);
}

Attributes dns_record_attributes(const std::string& zone, const std::string& name_in_zone, const Json& address,
                                 const Json& ttl) {
  const std::string name = name_in_zone == zone_itself ? zone : name_in_zone + "." + zone;
  return {{"zone", zone}, {"name", name}, {"address", address}, {"ttl", ttl}};
}

Error not_our_record(const Attributes& inputs) {
  return {
      ErrorCode::refused,
      fmt::format("{} leads elsewhere already, by a record that is not this cluster's", json_string_or(inputs, "name")),
      "destroy that record at the provider, or choose another name: what is not skep's is never taken"};
}

Result<void> wait_for_name(Cloud& cloud, const Resource& resource, const Context& context) {
  const std::string name = json_string_or(resource.inputs, "name");
  context.say("waiting for the name " + name + " to become free");
  return cloud.account.clock().sleep(name_pause, context).doing("wait until " + name + " is free");
}

Error with_zone_hint(Error error, const Attributes& inputs) {
  if (error.code != ErrorCode::not_found) return error;
  error.hint =
      fmt::format("make the zone {} at the provider, or name another one as zone", json_string_or(inputs, "zone"));
  return error;
}

}  // namespace skep::cloud
