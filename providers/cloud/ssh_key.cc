#include "providers/cloud/ssh_key.h"

#include "planner/base/text.h"

namespace skep::cloud {

namespace {

class SshKeyDriver final : public OwnedDriver {
 public:
  using OwnedDriver::OwnedDriver;

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    if (!remote_id.empty()) return OwnedDriver::find(resource, remote_id, context);
    const std::string wanted = key_part(json_string_or(resource.inputs, "public_key"));
    for (const auto& json : TRY(cloud().account.list(kind().path, kind().many, {}, context))) {
      Object object = to_object(kind(), json, to_attributes());
      if (json_string_or(object.attributes, "public_key") == wanted) return std::optional(std::move(object));
    }
    return std::optional<Object>();
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    if (!object.attributes.value("is_ours", false)) return {};
    return OwnedDriver::destroy(resource, object, context);
  }
};

}  // namespace

std::string key_part(const std::string& line) {
  const auto words = split(trim(line), ' ');
  return words.size() < 2 ? line : words[0] + " " + words[1];
}

Schema ssh_key_schema(const std::string& provider_name, const std::string& doc) {
  return {
      .driver = provider_name + ".ssh_key",
      .doc = doc,
      .inputs = {cluster_field(),
                 {.name = "public_key", .on_change = OnChange::replace, .required = true, .doc = "The public key."}},
      .outputs = {{.name = "is_ours", .doc = "Whether skep brought it."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(2),
      .timeout_destroy = std::chrono::minutes(2)};
}

std::unique_ptr<Driver> make_ssh_key_driver(OwnedParts parts) {
  return std::make_unique<SshKeyDriver>(std::move(parts));
}

}  // namespace skep::cloud
