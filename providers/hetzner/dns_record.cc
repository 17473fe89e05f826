// hetzner.dns_record: a set of records of type A that holds one address. Its labels say whose it is, and a zone takes
// each name and type once, so that it cannot be made twice.
#include "providers/cloud/dns_record.h"

#include <algorithm>

#include "providers/hetzner/dialect.h"
#include "providers/hetzner/drivers.h"
#include "providers/hetzner/hetzner.h"
#include "providers/hetzner/kinds.h"
#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

constexpr const char* record_type = "A";

std::string sets_path(const Resource& resource) {
  return "/zones/" + json_string_or(resource.inputs, "zone") + "/rrsets";
}

/// "example.com/shop/A": below it in paths, its zone goes first.
std::string set_id(const Resource& resource) {
  return json_string_or(resource.inputs, "zone") + "/" + cloud::name_in_zone(resource.inputs) + "/" + record_type;
}

/// The path of a set, by its remote id.
std::string set_path(const std::string& id) {
  const std::size_t slash = id.find('/');
  return "/zones/" + id.substr(0, slash) + "/rrsets" + id.substr(std::min(slash, id.size()));
}

Json records_of(const Resource& resource) { return Json::array({{{"value", resource.inputs["address"]}}}); }

/// Several addresses are a list: no single one is equal to it.
Object to_record(const std::string& id, const Json& set) {
  Json addresses = Json::array();
  for (const auto& one : set.value("records", Json::array())) addresses.push_back(one.value("value", Json()));
  const Json address = addresses.size() == 1 ? addresses.front() : addresses;
  return {.remote_id = id,
          .attributes = cloud::dns_record_attributes(id.substr(0, id.find('/')), json_string_or(set, "name"), address,
                                                     set.value("ttl", Json()))};
}

class DnsRecordDriver final : public Driver {
 public:
  explicit DnsRecordDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema =
        cloud::dns_record_schema(hetzner_provider_name, "A name in a DNS zone at Hetzner that leads to the cluster.");
    return schema;
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    const std::string id = remote_id.empty() ? set_id(resource) : std::string(remote_id);
    const auto set = TRY(read(id, context));
    const int generation = set ? generation_of(resource, *set) : 0;
    // A newer one too where nobody knows: records are not listed, and a lost state has forgotten which one it was.
    const bool is_it = remote_id.empty() ? generation >= resource.id.generation : generation == resource.id.generation;
    if (!is_it) return std::optional<Object>();
    return std::optional(to_record(id, *set));
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const Json body = {{"name", cloud::name_in_zone(resource.inputs)},
                       {"type", record_type},
                       {"ttl", resource.inputs["ttl"]},
                       {"records", records_of(resource)},
                       {"labels", owner_labels(cluster_of(resource), resource.id)}};
    for (;;) {
      const cloud::Reply reply = TRY(cloud_.account.ask("POST", sets_path(resource), body, context));
      if (reply.ok()) return made_of(resource, reply.body);
      if (!dialect().is_name_taken(reply)) {
        return cloud::with_zone_hint(cloud_.account.error_of(reply), resource.inputs);
      }
      const auto present = TRY(read(set_id(resource), context));
      const int generation = present ? generation_of(resource, *present) : resource.id.generation;
      if (generation == 0) return cloud::not_our_record(resource.inputs);
      if (present && generation >= resource.id.generation) return to_record(set_id(resource), *present);
      TRY(cloud::wait_for_name(cloud_, resource, context));
    }
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const std::string path = set_path(object.remote_id) + "/actions/";
    if (object.attributes.value("address", Json()) != resource.inputs["address"]) {
      TRY(act_on(path + "set_records", {{"records", records_of(resource)}}, context));
    }
    if (object.attributes.value("ttl", Json()) != resource.inputs["ttl"]) {
      TRY(act_on(path + "change_ttl", {{"ttl", resource.inputs["ttl"]}}, context));
    }
    Object changed = object;
    changed.attributes["address"] = resource.inputs["address"];
    changed.attributes["ttl"] = resource.inputs["ttl"];
    return changed;
  }

  Result<void> destroy(const Resource&, const Object& object, const Context& context) override {
    const Json answer = TRY(cloud_.account.destroy(set_path(object.remote_id), context));
    return cloud_.actions.await(dialect().actions.in(answer), context);
  }

  /// One that was found may say something else, and be of another generation.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    const auto pending = object.attributes.find(cloud::pending_actions);
    if (pending == object.attributes.end()) {
      const Json labels = owner_labels(cluster_of(resource), resource.id);
      TRY(cloud_.account.put(set_path(object.remote_id), {{"labels", labels}}, context));
      return update(resource, object, context);
    }
    const std::vector<Json> actions(pending->begin(), pending->end());
    object.attributes.erase(pending);
    TRY(cloud_.actions.await(actions, context));
    return object;
  }

 private:
  static Object made_of(const Resource& resource, const Json& answer) {
    Object object = to_record(set_id(resource), cloud::part_of(answer, "rrset"));
    object.attributes[cloud::pending_actions] = dialect().actions.in(answer);
    return object;
  }

  /// Of the set, when it is the resource's; 0: it is somebody else's.
  static int generation_of(const Resource& resource, const Json& set) {
    const auto owner = owner_of(set, cloud::dns_record_kind, cluster_of(resource));
    return owner && owner->name == resource.id.name ? owner->generation : 0;
  }

  Result<std::optional<Json>> read(const std::string& id, const Context& context) {
    auto answer = cloud_.account.get(set_path(id), {}, context);
    if (!answer.ok() && answer.error().code == ErrorCode::not_found) return std::optional<Json>();
    if (!answer.ok()) return answer.error();
    return std::optional<Json>(cloud::part_of(answer.value(), "rrset"));
  }

  Result<void> act_on(const std::string& path, const Json& body, const Context& context) {
    const Json answer = TRY(cloud_.account.post(path, body, context));
    return cloud_.actions.await(dialect().actions.in(answer), context);
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_dns_record_driver(Cloud& cloud) { return std::make_unique<DnsRecordDriver>(cloud); }

}  // namespace skep::hetzner
