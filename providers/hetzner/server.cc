// hetzner.server: a machine. Everything about it goes into the one request that creates it.
#include <algorithm>
#include <optional>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "providers/common/machine_fields.h"
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/first_boot.h"
#include "providers/hetzner/labels.h"
#include "providers/hetzner/offers.h"
#include "providers/hetzner/server_changes.h"

namespace skep::hetzner {

namespace {

Schema server_schema() {
  Schema schema = {
      .driver = "hetzner.server",
      .doc = "A server at Hetzner Cloud.",
      .inputs =
          {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
           {.name = "pool", .on_change = OnChange::ignore, .required = true, .doc = "Its pool, for load balancers."},
           {.name = "host_name", .on_change = OnChange::ignore, .required = true, .doc = "The name it gives itself."},
           {.name = "user", .on_change = OnChange::next_time, .required = true, .doc = "Who logs in."},
           {.name = "authorized_keys",
            .on_change = OnChange::next_time,
            .required = true,
            .doc = "Public keys that may log in."},
           {.name = "location", .on_change = OnChange::replace, .required = true, .doc = "Where it is, such as fsn1."},
           {.name = "type",
            .on_change = OnChange::disrupt,
            .required = true,
            .doc = "What it is, such as cx23; it is turned off to be changed."},
           {.name = "locations", .on_change = OnChange::ignore, .doc = "Where it may be as well, in turn."},
           {.name = "types", .on_change = OnChange::ignore, .doc = "What it may be as well, in turn."},
           {.name = "image", .on_change = OnChange::next_time, .required = true, .doc = "Its operating system."},
           {.name = "ssh_keys", .on_change = OnChange::next_time, .required = true, .doc = "Its hetzner.ssh_key."},
           {.name = "placement_group",
            .on_change = OnChange::next_time,
            .doc = "The hetzner.placement_group that it is in."},
           {.name = "network", .required = true, .doc = "Its hetzner.network."},
           {.name = "firewall", .required = true, .doc = "Its hetzner.firewall."},
           {.name = "volumes", .required = true, .doc = "The hetzner.volume that are attached to it."},
           {.name = "power", .required = true, .doc = "on: a server that is off is started."},
           {.name = "protected", .required = true, .doc = "Whether the provider itself refuses to destroy it."}},
      .outputs = machine_outputs(true),
      .listed = true,
      .timeout_create = std::chrono::minutes(10),
      .timeout_update = std::chrono::minutes(15),
      .timeout_destroy = std::chrono::minutes(5),
  };
  return schema;
}

Json numbers_of(const Json& ids) {
  Json numbers = Json::array();
  for (const auto& one : ids) numbers.push_back(id_number(one.get<std::string>()));
  return numbers;
}

class ServerDriver final : public Driver {
 public:
  explicit ServerDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = server_schema();
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, servers(), cluster, server_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return find_owned(cloud_, servers(), resource, remote_id, server_attributes, context);
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    Json body = TRY(order(resource));
    std::optional<Error> sold_out;
    for (const auto& [type, location] : choices_of(resource.inputs)) {
      if (sold_out) context.say("there was none to be had; trying " + type + " in " + location);
      body["server_type"] = type;
      body["location"] = location;
      auto made = create_owned(cloud_, servers(), resource, body, server_attributes, context);
      if (made.ok() || made.error().code == ErrorCode::unknown_outcome) return made;
      sold_out = std::move(made).error();
      // a quota is the project's, whatever is ordered
      const bool is_quota = sold_out->message.find("resource_limit_exceeded") != std::string::npos;
      if (sold_out->code != ErrorCode::exhausted || is_quota) break;
    }
    return with_offers(cloud_, std::move(*sold_out), resource.inputs, context);
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    TRY(bring_in_line(cloud_, resource, object.remote_id, context));
    return read_server(cloud_, resource, object.remote_id, context);
  }

  /// Who calls this was allowed to: the provider's protection is lifted.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    if (object.attributes.value("protected", false)) {
      const auto lifted = act(cloud_, servers(), object.remote_id, "change_protection",
                              {{"delete", false}, {"rebuild", false}}, context);
      if (!lifted.ok() && lifted.error().code != ErrorCode::not_found) return lifted;
    }
    return destroy_owned(cloud_, servers(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    object = TRY(settle(cloud_, servers(), resource, std::move(object), server_attributes, context));
    if (is_in_line(resource, object)) return object;
    TRY(bring_in_line(cloud_, resource, object.remote_id, context));
    return read_server(cloud_, resource, object.remote_id, context);
  }

 private:
  Result<Json> order(const Resource& resource);

  Cloud& cloud_;
};

/// The host key is made here, for this request alone; see labels.h for how it is found again.
Result<Json> ServerDriver::order(const Resource& resource) {
  const Attributes& inputs = resource.inputs;
  const SshKeyPair key = ed25519_key_pair(random_seed(cloud_.account.random()), "");
  const FirstBoot boot = first_boot_of(resource, key);
  const Secret text = TRY(user_data(boot));
  Json body = {
      {"image", inputs["image"]},
      {"start_after_create", true},
      {"user_data", text.reveal()},
      {"networks", Json::array({id_number(json_string_or(inputs, "network"))})},
      {"firewalls", Json::array({{{"firewall", id_number(json_string_or(inputs, "firewall"))}}})},
      {"public_net", {{"enable_ipv4", true}, {"enable_ipv6", true}}},
      {"labels",
       {{label_host_key, host_key_to_label(key.public_line)}, {label_user, boot.user}, {label_pool, inputs["pool"]}}}};
  if (!inputs["ssh_keys"].empty()) body["ssh_keys"] = inputs["ssh_keys"];
  if (!inputs["volumes"].empty()) body["volumes"] = numbers_of(inputs["volumes"]);
  if (const std::string group = json_string_or(inputs, "placement_group"); !group.empty()) {
    body["placement_group"] = id_number(group);
  }
  return body;
}

}  // namespace

std::unique_ptr<Driver> make_server_driver(Cloud& cloud) { return std::make_unique<ServerDriver>(cloud); }

}  // namespace skep::hetzner
