#include "provisioners/host_key.h"

#include <fmt/format.h>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Schema schema_of_new_key() {
  return {.driver = "host.new_key",
          .doc = "A host key that the host made itself, to replace the one that came with its user-data.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."}},
          .outputs = {{"fingerprint", OnChange::ignore, false, false, "As ssh-keygen -l prints it."}},
          .timeout_create = minutes(20),
          .timeout_update = minutes(5),
          .timeout_destroy = minutes(5),
          .timeout_read = seconds(20)};
}

Schema schema_of_login() {
  return {.driver = "host.login",
          .doc = "The host shows the key that it made itself, and no other is accepted any more.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"key", OnChange::update, true, false, "The public half of the new key."}},
          .outputs = {{"host_key", OnChange::ignore, false, false, "The only SSH host key that is accepted."}},
          .timeout_create = minutes(5),
          .timeout_update = minutes(5),
          .timeout_destroy = minutes(5),
          .timeout_read = seconds(20)};
}

Object key_object(const std::string& key) { return {key, {{"fingerprint", key_fingerprint(key)}}}; }

Object login_object(const std::string& key) { return {key, {{"key", key}, {"host_key", key}}}; }

Endpoint with_key(Endpoint host, const std::string& key) {
  host.host_key = key;
  return host;
}

/// The machine as it shows itself before it changes over.
Result<Endpoint> first_endpoint(const Resource& resource) {
  const Json& machine = resource.inputs.at("host");
  Endpoint host = TRY(endpoint_of(machine));
  const std::string first = json_string_or(machine, "first_host_key");
  return first.empty() ? host : with_key(host, first);
}

}  // namespace

NewHostKey::NewHostKey(const HostTools& tools) : HostDriver(tools, schema_of_new_key()) {}

/// What the host keeps for later; it makes it if need be.
Result<std::string> NewHostKey::prepared(const Endpoint& host, const Context& context) const {
  const std::string output = TRY(tools().change(host, {.name = "host_key_prepare"}, context));
  return checked_public_line(trim(output));
}

Result<std::optional<Object>> NewHostKey::find(const Resource& resource, std::string_view remote_id,
                                               const Context& context) {
  const Json& machine = resource.inputs.at("host");
  if (remote_id.empty()) {
    // Where the provider remembers a new key, that is the one: it was on record there before the host used it.
    const bool is_pinned = !json_string_or(machine, "first_host_key").empty();
    return is_pinned ? std::optional(key_object(json_string_or(machine, "host_key"))) : std::nullopt;
  }
  const std::string key(remote_id);
  const Endpoint host = TRY(endpoint_of(machine));
  const auto seen = tools().look(with_key(host, key), age_to_read, context);
  if (seen.ok()) return std::optional(key_object(key));
  if (seen.error().code != ErrorCode::refused) return seen.error();
  // It shows another one: the change is still to come, or something is wrong.
  const std::string kept = TRY(prepared(TRY(first_endpoint(resource)), context));
  return kept == key ? std::optional(key_object(key)) : std::nullopt;
}

Result<Object> NewHostKey::create(const Resource& resource, const Context& context) {
  context.say("waiting for the first login");
  return key_object(TRY(prepared(TRY(first_endpoint(resource)), context)));
}

Result<Object> NewHostKey::update(const Resource&, const Object& object, const Context&) { return object; }

// It goes with its machine.
Result<void> NewHostKey::destroy(const Resource&, const Object&, const Context&) { return {}; }

HostLogin::HostLogin(const HostTools& tools) : HostDriver(tools, schema_of_login()) {}

Result<std::optional<Object>> HostLogin::find(const Resource& resource, std::string_view remote_id,
                                              const Context& context) {
  const std::string key = remote_id.empty() ? json_string_or(resource.inputs, "key") : std::string(remote_id);
  if (key.empty()) return std::optional<Object>();
  const Endpoint host = TRY(endpoint_of(resource.inputs.at("host")));
  const auto seen = tools().look(with_key(host, key), age_for(remote_id), context);
  if (seen.ok()) return std::optional(login_object(key));
  // Once the new key was seen, any other is somebody else's.
  if (remote_id.empty() && seen.error().code == ErrorCode::refused) return std::optional<Object>();
  return seen.error();
}

Result<Object> HostLogin::create(const Resource& resource, const Context& context) {
  const std::string key = json_string_or(resource.inputs, "key");
  const Endpoint before = TRY(first_endpoint(resource));
  context.say("replacing the host key of the first boot");
  TRY(tools().change(before,
                     {.name = "host_key_switch", .arguments = {{"key", key}, {"port", std::to_string(before.port)}}},
                     context));
  TRY(tools().look(with_key(before, key), age_to_act, context));
  return login_object(key);
}

Result<Object> HostLogin::update(const Resource& resource, const Object& object, const Context& context) {
  const std::string key = json_string_or(resource.inputs, "key");
  if (object.remote_id == key) return object;
  const Endpoint before = with_key(TRY(endpoint_of(resource.inputs.at("host"))), object.remote_id);
  TRY(tools().change(before,
                     {.name = "host_key_switch", .arguments = {{"key", key}, {"port", std::to_string(before.port)}}},
                     context));
  return login_object(key);
}

Result<void> HostLogin::destroy(const Resource&, const Object&, const Context&) { return {}; }

}  // namespace skep
