// digitalocean.dns_record: a record of type A. Records have neither labels nor tags, and a domain takes several of one
// name: a TXT record below the name, written first, says whose it is. Where it stands, the A record of that name is
// ours; where none stands, a record of that name is somebody else's, and none is made.
#include "providers/cloud/dns_record.h"

#include <algorithm>

#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/drivers.h"
#include "providers/digitalocean/kinds.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

constexpr const char* marker = "_skep";

std::string records_path(const std::string& zone) { return "/domains/" + zone + "/records"; }

/// "example.com/123": the zone, and the number of the record.
std::string record_path(const std::string& id) {
  const std::size_t slash = std::min(id.find('/'), id.size());
  return records_path(id.substr(0, slash)) + id.substr(slash);
}

/// A TXT record that says which generation of the resource has the name.
struct Marker {
  RemoteId id;
  int generation = 0;
};

/// 0: there is none.
int newest(const std::vector<Marker>& markers) {
  const auto found = std::ranges::max_element(markers, {}, &Marker::generation);
  return found == markers.end() ? 0 : found->generation;
}

Object to_record(const std::string& zone, const Json& json) {
  return {.remote_id = zone + "/" + id_text(json.value("id", Json())),
          .attributes = cloud::dns_record_attributes(zone, json_string_or(json, "name"), json.value("data", Json()),
                                                     json.value("ttl", Json()))};
}

class DnsRecordDriver final : public Driver {
 public:
  explicit DnsRecordDriver(Cloud& cloud) : cloud_(cloud) {}

  const Schema& schema() const override {
    static const Schema schema = cloud::dns_record_schema(
        digitalocean_provider_name, "A name in a domain at DigitalOcean that leads to the cluster.");
    return schema;
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    if (!remote_id.empty()) return read(std::string(remote_id), context);
    const bool is_ours = newest(TRY(markers(resource, context))) >= resource.id.generation;
    const auto present = is_ours ? TRY(addresses(resource, context)) : std::vector<Json>();
    if (present.empty()) return std::optional<Object>();
    return std::optional(to_record(zone_of(resource), present.front()));
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    for (;;) {
      const auto owners = TRY(markers(resource, context));
      if (newest(owners) >= resource.id.generation) break;
      if (TRY(addresses(resource, context)).empty()) {
        TRY(post(resource, marker_body_of(resource), context));
        break;
      }
      if (owners.empty()) return cloud::not_our_record(resource.inputs);
      TRY(cloud::wait_for_name(cloud_, resource, context));
    }
    return to_record(zone_of(resource), TRY(post(resource, body_of(resource), context)));
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    const Json answer = TRY(cloud_.account.put(record_path(object.remote_id), body_of(resource), context));
    return to_record(zone_of(resource), cloud::part_of(answer, "domain_record"));
  }

  /// The marker goes last: until then whoever looks finds it.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    TRY(cloud_.account.destroy(record_path(object.remote_id), context));
    const auto owners = TRY(markers(resource, context));
    const bool has_own = std::ranges::find(owners, resource.id.generation, &Marker::generation) != owners.end();
    for (const auto& one : owners) {
      if (has_own && one.generation != resource.id.generation) continue;  // a newer record of the same name
      TRY(cloud_.account.destroy(records_path(zone_of(resource)) + "/" + one.id, context));
    }
    return {};
  }

  /// One that was found after a lost answer may say something else.
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    for (const char* field : {"address", "ttl"}) {
      if (object.attributes.value(field, Json()) != resource.inputs[field]) return update(resource, object, context);
    }
    return object;
  }

 private:
  static std::string zone_of(const Resource& resource) { return json_string_or(resource.inputs, "zone"); }
  static std::string marker_in_zone(const Resource& resource) {
    const std::string name = cloud::name_in_zone(resource.inputs);
    return name == "@" ? marker : std::string(marker) + "." + name;
  }
  static Json marker_body_of(const Resource& resource) {
    return {
        {"type", "TXT"}, {"name", marker_in_zone(resource)}, {"data", owner_text(cluster_of(resource), resource.id)}};
  }
  static Json body_of(const Resource& resource) {
    return {{"type", "A"},
            {"name", cloud::name_in_zone(resource.inputs)},
            {"data", resource.inputs["address"]},
            {"ttl", resource.inputs["ttl"]}};
  }

  /// The records of a type that a whole name has; none where the zone is not there.
  Result<std::vector<Json>> named(const Resource& resource, const std::string& name, const std::string& type,
                                  const Context& context) {
    auto found = cloud_.account.list(records_path(zone_of(resource)), "domain_records",
                                     {{"name", name}, {"type", type}}, context);
    if (!found.ok() && found.error().code == ErrorCode::not_found) return std::vector<Json>();
    return found;
  }

  Result<std::vector<Json>> addresses(const Resource& resource, const Context& context) {
    return named(resource, json_string_or(resource.inputs, "name"), "A", context);
  }

  /// In whatever generation: records are not listed, and a lost state has forgotten which one it was.
  Result<std::vector<Marker>> markers(const Resource& resource, const Context& context) {
    const std::string name = std::string(marker) + "." + json_string_or(resource.inputs, "name");
    std::vector<Marker> found;
    for (const auto& one : TRY(named(resource, name, "TXT", context))) {
      const auto owner = owner_in(json_string_or(one, "data"), resource.id.kind, cluster_of(resource));
      if (owner && owner->name == resource.id.name) {
        found.push_back({id_text(one.value("id", Json())), owner->generation});
      }
    }
    return found;
  }

  Result<std::optional<Object>> read(const std::string& id, const Context& context) {
    auto answer = cloud_.account.get(record_path(id), {}, context);
    if (!answer.ok() && answer.error().code == ErrorCode::not_found) return std::optional<Object>();
    if (!answer.ok()) return answer.error();
    const std::string zone = id.substr(0, id.find('/'));
    return std::optional(to_record(zone, cloud::part_of(answer.value(), "domain_record")));
  }

  Result<Json> post(const Resource& resource, const Json& body, const Context& context) {
    const auto answer = cloud_.account.post(records_path(zone_of(resource)), body, context);
    if (!answer.ok()) return cloud::with_zone_hint(answer.error(), resource.inputs);
    return cloud::part_of(answer.value(), "domain_record");
  }

  Cloud& cloud_;
};

}  // namespace

std::unique_ptr<Driver> make_dns_record_driver(Cloud& cloud) { return std::make_unique<DnsRecordDriver>(cloud); }

}  // namespace skep::digitalocean
