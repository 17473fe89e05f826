// digitalocean.floating_ip: a reserved IP, a public address that moves between droplets. They need not know it. How one
// is known as ours: see address_book.h.
#include "providers/digitalocean/address_book.h"
#include "providers/digitalocean/drivers.h"

namespace skep::digitalocean {

namespace {

constexpr const char* address_path = "/reserved_ips";

Object to_address(const Json& json) {
  const std::string address = json_string_or(json, "ip");
  return {.remote_id = address, .attributes = {{"address", address}, {"server", droplet_of(json)}}};
}

Schema floating_ip_schema() {
  return {.driver = "digitalocean.floating_ip",
          .doc = "A reserved IPv4 address at DigitalOcean that moves between droplets of one region.",
          .inputs = {cluster_field(),
                     {.name = "server", .required = true, .doc = "The droplet that has it."},
                     {.name = "tag",
                      .on_change = OnChange::ignore,
                      .required = true,
                      .doc = "The digitalocean.tag of the cluster."}},
          .outputs = {{.name = "address", .doc = "The IPv4 address."}},
          .listed = true,
          .timeout_create = std::chrono::minutes(3),
          .timeout_update = std::chrono::minutes(3),
          .timeout_destroy = std::chrono::minutes(3)};
}

class FloatingIpDriver final : public Driver {
 public:
  explicit FloatingIpDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = floating_ip_schema();
    return schema;
  }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    std::vector<Owned> owned;
    for (const auto& held : TRY(AddressBook(cloud_, std::string(cluster)).all(context))) {
      owned.push_back({held.id, to_address(held.address)});
    }
    return owned;
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    const auto json =
        remote_id.empty() ? TRY(book(resource).find(resource.id, context)) : TRY(read(std::string(remote_id), context));
    if (!json) return std::optional<Object>();
    return std::optional(to_address(*json));
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const std::string droplet = json_string_or(resource.inputs, "server");
    AddressBook ours = book(resource);
    TRY(ours.forget(resource.id, context));  // promises that came to nothing
    TRY(ours.promise(resource.id, droplet, context));
    const Json answer = TRY(cloud_.account.post(address_path, {{"droplet_id", id_number(droplet)}}, context));
    const Json made = cloud::part_of(answer, "reserved_ip");
    if (made.is_null()) return Error{ErrorCode::unknown_outcome, "the provider's answer holds no reserved_ip"};
    Object object = to_address(made);
    TRY(ours.keep(resource.id, droplet, object.remote_id, context));
    object.attributes[cloud::pending_actions] = cloud_.account.dialect().actions.in(answer);
    return object;
  }

  /// It moves in one step, or says that it must be taken off first.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const std::string server = json_string_or(resource.inputs, "server");
    const Json body = {{"type", "assign"}, {"droplet_id", id_number(server)}};
    auto moved = act_on(object.remote_id, body, context);
    if (!moved.ok() && moved.error().code == ErrorCode::conflict) {
      TRY(act_on(object.remote_id, {{"type", "unassign"}}, context));
      moved = act_on(object.remote_id, body, context);
    }
    if (!moved.ok()) return moved.error();
    Object changed = object;
    changed.attributes["server"] = server;
    return changed;
  }

  /// The book forgets it last: until then whoever looks finds it.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    const auto json = TRY(read(object.remote_id, context));
    if (json) {
      if (!droplet_of(*json).empty()) TRY(act_on(object.remote_id, {{"type", "unassign"}}, context));
      TRY(cloud_.account.destroy(path_of(object.remote_id), context));
    }
    return book(resource).forget(resource.id, context);
  }

  /// One that was found by a promise is written down here.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    const auto pending = object.attributes.find(cloud::pending_actions);
    if (pending == object.attributes.end()) {
      TRY(book(resource).settle(resource.id, object.remote_id, context));
      return object;
    }
    const std::vector<Json> actions(pending->begin(), pending->end());
    object.attributes.erase(pending);
    TRY(cloud_.actions.await(actions, context));
    const auto json = TRY(read(object.remote_id, context));
    if (!json) return Error{ErrorCode::not_found, "it is gone again: somebody destroyed it"};
    return to_address(*json);
  }

 private:
  AddressBook book(const Resource& resource) { return {cloud_, cluster_of(resource)}; }
  static std::string path_of(const std::string& address) { return std::string(address_path) + "/" + address; }

  Result<std::optional<Json>> read(const std::string& address, const Context& context) {
    auto answer = cloud_.account.get(path_of(address), {}, context);
    if (!answer.ok() && answer.error().code == ErrorCode::not_found) return std::optional<Json>();
    if (!answer.ok()) return answer.error();
    return std::optional<Json>(cloud::part_of(answer.value(), "reserved_ip"));
  }

  Result<void> act_on(const std::string& address, const Json& body, const Context& context) {
    const std::string type = json_string_or(body, "type");
    const Json answer = TRY(cloud_.account.post(path_of(address) + "/actions", body, context).doing(type));
    return cloud_.actions.await(cloud_.account.dialect().actions.in(answer), context).doing(type);
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_floating_ip_driver(Cloud& cloud) { return std::make_unique<FloatingIpDriver>(cloud); }

}  // namespace skep::digitalocean
