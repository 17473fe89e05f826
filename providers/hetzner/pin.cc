// hetzner.pin: the label of a server that remembers the host key which the host made itself. See labels.h.
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/kinds.h"
#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

Attributes pin_attributes(const Json& server) {
  return {{"server", id_text(server.value("id", Json()))},
          {"key", cloud::host_key_from_label(label_of(server, label_new_host_key))}};
}

class PinDriver final : public Driver {
 public:
  explicit PinDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = {
        .driver = "hetzner.pin",
        .doc = "A label of a server at Hetzner Cloud: the host key that its host made itself.",
        .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                   {.name = "server", .required = true, .doc = "The server."},
                   {.name = "key", .required = true, .doc = "The public half of the key."}},
        .listed = true,
        .timeout_create = std::chrono::minutes(2),
        .timeout_update = std::chrono::minutes(2),
        .timeout_destroy = std::chrono::minutes(2),
    };
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    std::vector<Owned> owned;
    for (const auto& server : TRY(cloud_.inventory.list_shared(servers(), std::string(cluster), context))) {
      const auto id = owner_of(server, servers().name, cluster);
      if (!id || label_of(server, label_new_host_key).empty() || cloud::is_going(server)) continue;
      owned.push_back({{pin_kind, id->name, id->generation}, cloud::to_object(servers(), server, pin_attributes)});
    }
    return owned;
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    const auto server = TRY(read(resource, std::string(remote_id), context));
    if (!server || label_of(*server, label_new_host_key).empty()) return std::optional<Object>();
    return std::optional(cloud::to_object(servers(), *server, pin_attributes));
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const std::string key = json_string_or(resource.inputs, "key");
    return set(resource, server_of(resource), cloud::host_key_to_label(key), context);
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

  Result<std::optional<Json>> read(const Resource& resource, std::string id, const Context& context) {
    if (id.empty()) id = server_of(resource);
    return cloud_.inventory.read(servers(), cluster_of(resource), id, context);
  }

  /// The API takes all labels at once, and nobody else writes to a server of ours.
  Result<Object> set(const Resource& resource, const std::string& id, const std::string& value,
                     const Context& context) {
    const auto server = TRY(read(resource, id, context));
    if (!server) return Error{ErrorCode::not_found, "the server is gone: somebody destroyed it"};
    Json labels = server->value("labels", Json::object());
    labels.erase(label_new_host_key);
    if (!value.empty()) labels[label_new_host_key] = value;
    cloud_.inventory.mark_changed(servers());
    const Json answer = TRY(cloud_.account.put(servers().path + "/" + id, {{"labels", labels}}, context));
    return cloud::to_object(servers(), answer.value(servers().one, *server), pin_attributes);
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_pin_driver(Cloud& cloud) { return std::make_unique<PinDriver>(cloud); }

}  // namespace skep::hetzner
