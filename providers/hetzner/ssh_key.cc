// hetzner.ssh_key: a public key known to the project, so that servers are made without passwords.
#include "planner/base/text.h"
#include "providers/hetzner/cloud.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

/// "TYPE BASE64", without the comment.
std::string key_part(const std::string& line) {
  const auto words = split(trim(line), ' ');
  return words.size() < 2 ? line : words[0] + " " + words[1];
}

Attributes ssh_key_attributes(const Json& json) {
  return {{"public_key", key_part(json_string_or(json, "public_key"))},
          {"is_ours", !label_of(json, label_cluster).empty()}};
}

/// The project takes each key once, whoever brought it. One that somebody else brought is used, and never destroyed.
class SshKeyDriver final : public Driver {
 public:
  explicit SshKeyDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.ssh_key",
        .doc = "A public key known to the project at Hetzner Cloud; one that is there already is used as it is.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "public_key", .on_change = OnChange::replace, .required = true, .doc = "The public key."}},
        .outputs = {{.name = "is_ours", .doc = "Whether skep brought it."}},
        .listed = true,
        .borrows = true,
        .timeout_create = std::chrono::minutes(2),
        .timeout_destroy = std::chrono::minutes(2),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return list_owned(cloud_, ssh_keys(), cluster, ssh_key_attributes, context);
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    if (!remote_id.empty()) return find_owned(cloud_, ssh_keys(), resource, remote_id, ssh_key_attributes, context);
    const std::string wanted = key_part(json_string_or(resource.inputs, "public_key"));
    for (const auto& json : TRY(cloud_.account.list("/ssh_keys", "ssh_keys", {}, context))) {
      if (key_part(json_string_or(json, "public_key")) == wanted)
        return std::optional(to_object(json, ssh_key_attributes));
    }
    return std::optional<Object>();
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    return create_owned(cloud_, ssh_keys(), resource, {{"public_key", json_string_or(resource.inputs, "public_key")}},
                        ssh_key_attributes, context);
  }

  Result<Object> update(const Resource&, const Object& object, const Context&) override { return object; }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    if (!object.attributes.value("is_ours", false)) return {};
    return destroy_owned(cloud_, ssh_keys(), resource, object.remote_id, context);
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return settle(cloud_, ssh_keys(), resource, std::move(object), ssh_key_attributes, context);
  }

 private:
  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_ssh_key_driver(Cloud& cloud) { return std::make_unique<SshKeyDriver>(cloud); }

}  // namespace skep::hetzner
