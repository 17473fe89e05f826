// digitalocean.server: a droplet. Everything about it goes into the one request that creates it; names of droplets are
// not unique, so it is looked for by its tag right before, and again after an answer that was lost.
#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "providers/cloud/first_boot.h"
#include "providers/cloud/orders.h"
#include "providers/common/machine_fields.h"
#include "providers/digitalocean/dialect.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/offers.h"
#include "providers/digitalocean/server_changes.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

constexpr Duration gone_pause = std::chrono::seconds(1);
constexpr Duration gone_longest = std::chrono::minutes(2);

Schema server_schema() {
  Schema schema = {
      .driver = "digitalocean.server",
      .doc = "A droplet at DigitalOcean.",
      .inputs = cloud::server_inputs(digitalocean_provider_name, "The region it is in, such as fra1.",
                                     "Its size, such as s-2vcpu-4gb; it is turned off to be changed."),
      .outputs = machine_outputs(true),
      .listed = true,
      .timeout_create = std::chrono::minutes(10),
      .timeout_update = std::chrono::minutes(15),
      .timeout_destroy = std::chrono::minutes(5),
  };
  const Field more[] = {{.name = "network",
                         .on_change = OnChange::replace,
                         .required = true,
                         .doc = "Its digitalocean.network, for good."},
                        {.name = "tags",
                         .on_change = OnChange::ignore,
                         .required = true,
                         .doc = "The digitalocean.tag that it carries: the cluster's and its pool's."},
                        protected_field()};
  schema.inputs.insert(schema.inputs.end(), std::begin(more), std::end(more));
  schema.outputs.push_back({.name = "is_made", .doc = "Whether it is up and has its addresses."});
  return schema;
}

/// A number is an image of the user's own.
Json image_for(const std::string& image) {
  const auto number = id_number(image);
  return number > 0 ? Json(number) : Json(image);
}

class ServerDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<Object> create(const Resource& resource, const Context& context) override {
    Json body = TRY(order_of(resource));
    const auto try_one = [&](const cloud::Choice& choice) {
      body["size"] = choice.type;
      body["region"] = choice.location;
      return order(resource, body, context);
    };
    auto made = cloud::first_to_be_had(resource.inputs, context, try_one, is_quota);
    if (made.ok() || made.error().code == ErrorCode::unknown_outcome) return made;
    return with_offers(cloud(), std::move(made).error(), resource.inputs, context);
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    return bring_in_line(cloud(), resource, object.remote_id, context);
  }

  /// Until it is gone indeed: its volumes come off then, and another droplet may have them. Its own tags go after it.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const auto json = TRY(cloud().inventory.read_alone(kind(), object.remote_id, context));
    if (!json) return destroy_what_is_left(resource, context);
    TRY(OwnedDriver::destroy(resource, object, context));
    const Context limited = within(cloud().account.clock(), gone_longest, context);
    while (TRY(cloud().inventory.read_alone(kind(), object.remote_id, context))) {
      context.say("waiting until it is gone");
      TRY(cloud().account.clock().sleep(gone_pause, limited).doing("wait until it is gone"));
    }
    for (const auto& tag : own_tags_of(*json)) TRY(destroy_tag(cloud(), tag, context));
    return {};
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    const Object made = object;
    auto whole = wait_whole(resource, std::move(object), context);
    if (!whole.ok()) return destroy_stillborn(resource, made, std::move(whole).error(), context);
    object = std::move(whole).value();
    if (is_in_line(resource, object)) return object;
    return bring_in_line(cloud(), resource, object.remote_id, context);
  }

 private:
  Result<Json> order_of(const Resource& resource);

  Result<Object> wait_whole(const Resource& resource, Object object, const Context& context) {
    object = TRY(OwnedDriver::wait_ready(resource, std::move(object), context));
    return when_made(cloud(), resource, std::move(object), context);
  }

  /// What never came up is no machine and holds nothing, and the next run would wait for it in vain. The error is told
  /// whatever comes of it.
  Error destroy_stillborn(const Resource& resource, const Object& object, Error error, const Context& context) {
    if (error.code != ErrorCode::unavailable) return error;
    const auto is_dead = is_stillborn(cloud(), object.remote_id, context);
    if (is_dead.ok() && is_dead.value() && destroy(resource, object, context).ok()) {
      error.message += "; what there was of it is destroyed";
    }
    return error;
  }

  /// Its tags, when an earlier run saw it go and no more.
  Result<void> destroy_what_is_left(const Resource& resource, const Context& context) {
    const std::string cluster = cluster_of(resource);
    for (const auto& one : TRY(cloud().account.list(tags().path, tags().many, {}, context))) {
      const std::string name = json_string_or(one, "name");
      if (owner_in(name, kind().name, cluster) == resource.id) TRY(destroy_tag(cloud(), name, context));
    }
    return {};
  }
};

/// The host key is made here, for this request alone; see host_key_text.h for how it is found again.
Result<Json> ServerDriver::order_of(const Resource& resource) {
  const Attributes& inputs = resource.inputs;
  const SshKeyPair key = ed25519_key_pair(random_seed(cloud().account.random()), "");
  const cloud::FirstBoot boot = cloud::first_boot_of(resource, key);
  const Secret text = TRY(cloud::user_data(boot, user_data_limit()));
  Json tag_list = inputs["tags"];
  tag_list.push_back(server_tag(cluster_of(resource), resource.id, boot.user, key.public_line));
  Json key_list = Json::array();
  for (const auto& one : inputs["ssh_keys"]) key_list.push_back(id_number(one.get<std::string>()));
  Json body = {{"image", image_for(json_string_or(inputs, "image"))},
               {"vpc_uuid", inputs["network"]},
               {"user_data", text.reveal()},
               {"tags", tag_list},
               {"ssh_keys", key_list},
               {"ipv6", true},
               {"backups", inputs["backups"]},
               {"with_droplet_agent", false}};
  if (!inputs["volumes"].empty()) body["volumes"] = inputs["volumes"];
  return body;
}

}  // namespace

std::unique_ptr<Driver> make_server_driver(Cloud& cloud) {
  return std::make_unique<ServerDriver>(cloud::OwnedParts{
      .cloud = cloud, .kind = servers(), .schema = server_schema(), .to_attributes = server_attributes});
}

}  // namespace skep::digitalocean
