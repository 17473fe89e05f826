// hetzner.server: a machine. Everything about it goes into the one request that creates it.
#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "providers/cloud/first_boot.h"
#include "providers/cloud/orders.h"
#include "providers/common/machine_fields.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/kinds.h"
#include "providers/hetzner/labels.h"
#include "providers/hetzner/offers.h"
#include "providers/hetzner/server_changes.h"

namespace skep::hetzner {

namespace {

Schema server_schema() {
  Schema schema = {
      .driver = "hetzner.server",
      .doc = "A server at Hetzner Cloud.",
      .inputs = cloud::server_inputs(hetzner_provider_name, "Where it is, such as fsn1.",
                                     "What it is, such as cx23; it is turned off to be changed."),
      .outputs = machine_outputs(true),
      .listed = true,
      .timeout_create = std::chrono::minutes(10),
      .timeout_update = std::chrono::minutes(15),
      .timeout_destroy = std::chrono::minutes(5),
  };
  const Field more[] = {
      {.name = "placement_group",
       .on_change = OnChange::next_time,
       .doc = "The hetzner.placement_group that it is in."},
      {.name = "network", .required = true, .doc = "Its hetzner.network."},
      {.name = "firewall", .required = true, .doc = "Its hetzner.firewall."},
      {.name = "protected", .required = true, .doc = "Whether the provider itself refuses to destroy it."}};
  schema.inputs.insert(schema.inputs.end(), std::begin(more), std::end(more));
  return schema;
}

bool is_quota(const Error& error) { return error.message.find("resource_limit_exceeded") != std::string::npos; }

Json numbers_of(const Json& ids) {
  Json numbers = Json::array();
  for (const auto& one : ids) numbers.push_back(id_number(one.get<std::string>()));
  return numbers;
}

class ServerDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> create(const Resource& resource, const Context& context) override {
    Json body = TRY(order_of(resource));
    const auto try_one = [&](const cloud::Choice& choice) {
      body["server_type"] = choice.type;
      body["location"] = choice.location;
      return order(resource, body, context);
    };
    auto made = cloud::first_to_be_had(resource.inputs, context, try_one, is_quota);
    if (made.ok() || made.error().code == ErrorCode::unknown_outcome) return made;
    return with_offers(cloud(), std::move(made).error(), resource.inputs, context);
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    TRY(bring_in_line(cloud(), resource, object.remote_id, context));
    return read_server(cloud(), resource, object.remote_id, context);
  }

  /// Who calls this was allowed to: the provider's protection is lifted.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    if (object.attributes.value("protected", false)) {
      const auto lifted = act_on(object, "change_protection", {{"delete", false}, {"rebuild", false}}, context);
      if (!lifted.ok() && lifted.error().code != ErrorCode::not_found) return lifted;
    }
    return OwnedDriver::destroy(resource, object, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    object = TRY(OwnedDriver::wait_ready(resource, std::move(object), context));
    if (is_in_line(resource, object)) return object;
    TRY(bring_in_line(cloud(), resource, object.remote_id, context));
    return read_server(cloud(), resource, object.remote_id, context);
  }

 private:
  Result<Json> order_of(const Resource& resource);
};

/// The host key is made here, for this request alone; see host_key_text.h for how it is found again.
Result<Json> ServerDriver::order_of(const Resource& resource) {
  const Attributes& inputs = resource.inputs;
  const SshKeyPair key = ed25519_key_pair(random_seed(cloud().account.random()), "");
  const cloud::FirstBoot boot = cloud::first_boot_of(resource, key);
  const Secret text = TRY(cloud::user_data(boot, user_data_limit()));
  Json body = {{"image", inputs["image"]},
               {"start_after_create", true},
               {"user_data", text.reveal()},
               {"networks", Json::array({id_number(json_string_or(inputs, "network"))})},
               {"firewalls", Json::array({{{"firewall", id_number(json_string_or(inputs, "firewall"))}}})},
               {"public_net", {{"enable_ipv4", true}, {"enable_ipv6", true}}},
               {"labels",
                {{label_host_key, cloud::host_key_to_label(key.public_line)},
                 {label_user, boot.user},
                 {label_pool, inputs["pool"]}}}};
  if (!inputs["ssh_keys"].empty()) body["ssh_keys"] = inputs["ssh_keys"];
  if (!inputs["volumes"].empty()) body["volumes"] = numbers_of(inputs["volumes"]);
  if (const std::string group = json_string_or(inputs, "placement_group"); !group.empty()) {
    body["placement_group"] = id_number(group);
  }
  return body;
}

}  // namespace

std::unique_ptr<Driver> make_server_driver(Cloud& cloud) {
  return std::make_unique<ServerDriver>(cloud::OwnedParts{
      .cloud = cloud, .kind = servers(), .schema = server_schema(), .to_attributes = server_attributes});
}

}  // namespace skep::hetzner
