#include "providers/cloud/pin.h"

#include "providers/cloud/owned_driver.h"

namespace skep::cloud {

namespace {

class PinDriver final : public Driver {
 public:
  explicit PinDriver(PinParts parts) : parts_(std::move(parts)) {}

  const Schema& schema() const override { return parts_.schema; }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    std::vector<Owned> owned;
    const Kind& kind = parts_.servers;
    for (const auto& server : TRY(parts_.cloud.inventory.list_shared(kind, std::string(cluster), context))) {
      const auto id = kind.owner(server, kind.name, cluster);
      if (!id || parts_.key_of(server).empty() || is_going(server)) continue;
      owned.push_back({{pin_kind, id->name, id->generation}, pin_of(server)});
    }
    return owned;
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    const auto server = TRY(read(resource, std::string(remote_id), context));
    if (!server || parts_.key_of(*server).empty()) return std::optional<Object>();
    return std::optional(pin_of(*server));
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    return set(resource, server_of(resource), json_string_or(resource.inputs, "key"), context);
  }

  Result<Object> update(const Resource& resource, const Object&, const Context& context) override {
    return create(resource, context);
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const auto cleared = set(resource, object.remote_id, "", context);
    if (!cleared.ok() && cleared.error().code != ErrorCode::not_found) return cleared.error();
    return {};
  }

 private:
  static std::string server_of(const Resource& resource) { return json_string_or(resource.inputs, "server"); }

  Object pin_of(const Json& server) const {
    const RemoteId id = parts_.servers.id_of(server);
    return {.remote_id = id, .attributes = {{"server", id}, {"key", parts_.key_of(server)}}};
  }

  Result<std::optional<Json>> read(const Resource& resource, std::string id, const Context& context) {
    if (id.empty()) id = server_of(resource);
    return parts_.cloud.inventory.read(parts_.servers, cluster_of(resource), id, context);
  }

  /// Nobody else writes to a server of ours.
  Result<Object> set(const Resource& resource, const std::string& id, const std::string& key, const Context& context) {
    auto server = TRY(read(resource, id, context));
    if (!server) return Error{ErrorCode::not_found, "the server is gone: somebody destroyed it"};
    parts_.cloud.inventory.mark_changed(parts_.servers);
    return pin_of(TRY(parts_.set(parts_.cloud, cluster_of(resource), std::move(*server), key, context)));
  }

  const PinParts parts_;
};

}  // namespace

Schema pin_schema(const std::string& provider_name, const std::string& doc) {
  return {.driver = provider_name + "." + pin_kind,
          .doc = doc,
          .inputs = {cluster_field(),
                     {.name = "server", .required = true, .doc = "The server."},
                     {.name = "key", .required = true, .doc = "The public half of the key."}},
          .listed = true,
          .timeout_create = std::chrono::minutes(2),
          .timeout_update = std::chrono::minutes(2),
          .timeout_destroy = std::chrono::minutes(2)};
}

std::unique_ptr<Driver> make_pin_driver(PinParts parts) { return std::make_unique<PinDriver>(std::move(parts)); }

}  // namespace skep::cloud
