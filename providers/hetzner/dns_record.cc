// hetzner.dns_record: a set of records of type A that holds one address. Its labels say whose it is, and a zone takes
// each name and type once, so that it cannot be made twice.
#include "providers/cloud/dns_record.h"

#include <algorithm>

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
    if (!set || !is_ours(resource, *set)) return std::optional<Object>();
    return std::optional(to_record(id, *set));
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    const Json body = {{"name", cloud::name_in_zone(resource.inputs)},
                       {"type", record_type},
                       {"ttl", resource.inputs["ttl"]},
                       {"records", records_of(resource)},
                       {"labels", owner_labels(cluster_of(resource), resource.id)}};
    const cloud::Reply reply = TRY(cloud_.account.ask("POST", sets_path(resource), body, context));
    if (cloud_.account.dialect().is_name_taken(reply)) {
      auto present = TRY(find(resource, "", context));
      if (!present) return cloud::not_our_record(resource.inputs);
      return std::move(*present);
    }
    if (!reply.ok()) return cloud::with_zone_hint(cloud_.account.error_of(reply), resource.inputs);
    Object object = to_record(set_id(resource), cloud::part_of(reply.body, "rrset"));
    object.attributes[cloud::pending_actions] = cloud_.account.dialect().actions.in(reply.body);
    return object;
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
    return cloud_.actions.await(cloud_.account.dialect().actions.in(answer), context);
  }

  /// One that was found after a lost answer may say something else.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    const auto pending = object.attributes.find(cloud::pending_actions);
    if (pending == object.attributes.end()) return update(resource, object, context);
    const std::vector<Json> actions(pending->begin(), pending->end());
    object.attributes.erase(pending);
    TRY(cloud_.actions.await(actions, context));
    return object;
  }

 private:
  static bool is_ours(const Resource& resource, const Json& set) {
    return owner_of(set, cloud::dns_record_kind, cluster_of(resource)) == resource.id;
  }

  Result<std::optional<Json>> read(const std::string& id, const Context& context) {
    auto answer = cloud_.account.get(set_path(id), {}, context);
    if (!answer.ok() && answer.error().code == ErrorCode::not_found) return std::optional<Json>();
    if (!answer.ok()) return answer.error();
    return std::optional<Json>(cloud::part_of(answer.value(), "rrset"));
  }

  Result<void> act_on(const std::string& path, const Json& body, const Context& context) {
    const Json answer = TRY(cloud_.account.post(path, body, context));
    return cloud_.actions.await(cloud_.account.dialect().actions.in(answer), context);
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_dns_record_driver(Cloud& cloud) { return std::make_unique<DnsRecordDriver>(cloud); }

}  // namespace skep::hetzner
