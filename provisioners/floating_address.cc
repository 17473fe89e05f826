#include "provisioners/floating_address.h"

#include <algorithm>

#include <fmt/format.h>

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Schema schema_of_address() {
  return {.driver = "host.address",
          .doc = "A floating IP in the configuration of a host that may have to carry it.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"login", OnChange::ignore, false, false, "By which key the host is known."},
                     {"address", OnChange::update, true, false, "The address."}},
          .timeout_create = minutes(12),
          .timeout_update = minutes(12),
          .timeout_destroy = minutes(12),
          .timeout_read = seconds(20)};
}

bool holds_address(const Facts& facts, const std::string& address) {
  return std::ranges::find(facts.addresses, address) != facts.addresses.end() &&
         std::ranges::find(facts.floating_addresses, address) != facts.floating_addresses.end();
}

Object address_object(const std::string& address) { return {address, {{"address", address}}}; }

}  // namespace

FloatingAddress::FloatingAddress(const HostTools& tools) : HostDriver(tools, schema_of_address()) {}

Result<std::optional<Object>> FloatingAddress::find(const Resource& resource, std::string_view remote_id,
                                                    const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_for(remote_id), context));
  const auto address = remote_id.empty() ? json_string_or(resource.inputs, "address") : std::string(remote_id);
  return holds_address(*facts, address) ? std::optional(address_object(address)) : std::nullopt;
}

Result<Object> FloatingAddress::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto address = json_string_or(resource.inputs, "address");
  context.say("telling the system of " + address);
  TRY(tools().change(member.endpoint, {.name = "address_ensure", .arguments = {{"address", address}}}, context));
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  if (holds_address(*facts, address)) return address_object(address);
  return Error{ErrorCode::internal, fmt::format("{} is not on the host after it was put there", address)};
}

Result<Object> FloatingAddress::update(const Resource& resource, const Object& object, const Context& context) {
  if (object.remote_id != json_string_or(resource.inputs, "address")) TRY(destroy(resource, object, context));
  return create(resource, context);
}

Result<void> FloatingAddress::destroy(const Resource& resource, const Object& object, const Context& context) {
  const auto member = TRY(member_behind(resource));
  TRY(tools().change(member.endpoint, {.name = "address_release", .arguments = {{"address", object.remote_id}}},
                     context));
  return {};
}

}  // namespace skep
