#include "providers/digitalocean/kinds.h"

#include "providers/digitalocean/digitalocean.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

Query everything(std::string_view) { return {}; }
Query tagged(std::string_view cluster) { return {{"tag_name", cluster_tag(cluster)}}; }

std::optional<ResourceId> owner_by_tag(const Json& object, std::string_view kind, std::string_view cluster) {
  for (const auto& tag : tags_of(object)) {
    if (auto id = owner_in(tag, kind, cluster)) return id;
  }
  return std::nullopt;
}

/// The droplet's tags say who logs in as well: its driver writes them.
void name_it(Json& body, std::string_view cluster, const ResourceId& id) {
  body["name"] = cloud::remote_name(cluster, id);
}

void tag_it(Json& body, std::string_view cluster, const ResourceId& id) {
  name_it(body, cluster, id);
  body["tags"] = {cluster_tag(cluster), owner_text(cluster, id)};
}

/// "tag/digitalocean" is what everything carries, "tag/pool.worker" what the droplets of a pool do.
std::optional<ResourceId> owner_of_tag(const Json& tag, std::string_view kind, std::string_view cluster) {
  const std::string name = json_string_or(tag, "name");
  if (name == cluster_tag(cluster)) return ResourceId{std::string(kind), digitalocean_provider_name};
  const std::string pools = pool_tag(cluster, "");
  if (!name.starts_with(pools)) return std::nullopt;
  return ResourceId{std::string(kind), "pool." + name.substr(pools.size())};
}

/// Nothing about them is unique enough to rely on: what is to be made is looked for right before.
Kind kind_of(const std::string& many, const std::string& one, const std::string& name) {
  return {.path = "/" + many,
          .many = many,
          .one = one,
          .name = name,
          .of_cluster = everything,
          .owner = owner_by_tag,
          .mark = name_it,
          .has_unique_names = false,
          .is_listed_by_name = false};
}

}  // namespace

const Kind& ssh_keys() {
  static const Kind kind = [] {
    Kind made = kind_of("ssh_keys", "ssh_key", "ssh_key");
    made.path = "/account/keys";
    made.owner = [](const Json& key, std::string_view name, std::string_view cluster) {
      return owner_in(json_string_or(key, "name"), name, cluster);
    };
    made.mark = [](Json& body, std::string_view cluster, const ResourceId& id) {
      body["name"] = owner_text(cluster, id);
    };
    return made;
  }();
  return kind;
}

const Kind& networks() {
  static const Kind kind = [] {
    Kind made = kind_of("vpcs", "vpc", "network");
    made.owner = [](const Json& vpc, std::string_view name, std::string_view cluster) {
      return owner_in(json_string_or(vpc, "description"), name, cluster);
    };
    made.mark = [](Json& body, std::string_view cluster, const ResourceId& id) {
      name_it(body, cluster, id);
      body["description"] = owner_text(cluster, id);
    };
    return made;
  }();
  return kind;
}

const Kind& firewalls() {
  static const Kind kind = [] {
    Kind made = kind_of("firewalls", "firewall", "firewall");
    made.owner = [](const Json& firewall, std::string_view name, std::string_view cluster) {
      if (!has_tag(firewall, cluster_tag(cluster))) return std::optional<ResourceId>();
      return owner_by_name(json_string_or(firewall, "name"), name, cluster);
    };
    return made;
  }();
  return kind;
}

const Kind& servers() {
  static const Kind kind = [] {
    Kind made = kind_of("droplets", "droplet", machine_kind);
    made.of_cluster = tagged;
    return made;
  }();
  return kind;
}

const Kind& volumes() {
  static const Kind kind = [] {
    Kind made = kind_of("volumes", "volume", "volume");
    made.mark = tag_it;
    made.is_listed_by_name = true;
    return made;
  }();
  return kind;
}

const Kind& load_balancers() {
  static const Kind kind = [] {
    Kind made = kind_of("load_balancers", "load_balancer", "load_balancer");
    made.owner = [](const Json& balancer, std::string_view name, std::string_view cluster) {
      if (!json_string_or(balancer, "tag").starts_with(pool_tag(cluster, ""))) return std::optional<ResourceId>();
      return owner_by_name(json_string_or(balancer, "name"), name, cluster);
    };
    return made;
  }();
  return kind;
}

const Kind& tags() {
  static const Kind kind = [] {
    Kind made = kind_of("tags", "tag", "tag");
    made.owner = owner_of_tag;
    made.id_member = "name";
    return made;
  }();
  return kind;
}

const cloud::UserDataLimit& user_data_limit() {
  static const cloud::UserDataLimit limit{"DigitalOcean", 64U << 10};
  return limit;
}

Field protected_field() {
  return {.name = "protected", .required = true, .doc = "Whether skep refuses to destroy it; the provider does not."};
}

Result<void> make_tag(Cloud& cloud, const std::string& tag, const Context& context) {
  cloud.inventory.mark_changed(tags());
  TRY(cloud.account.post(tags().path, {{"name", tag}}, context).doing("make the tag " + tag));
  return {};
}

Result<void> destroy_tag(Cloud& cloud, const std::string& tag, const Context& context) {
  cloud.inventory.mark_changed(tags());
  TRY(cloud.account.destroy(tags().path + "/" + tag, context).doing("destroy the tag " + tag));
  return {};
}

Result<void> tag_droplet(Cloud& cloud, const RemoteId& droplet, const std::string& tag, bool is_on,
                         const Context& context) {
  cloud.inventory.mark_changed(servers());
  const Json body = {{"resources", {{{"resource_id", droplet}, {"resource_type", "droplet"}}}}};
  const cloud::Reply reply =
      TRY(cloud.account.ask(is_on ? "POST" : "DELETE", tags().path + "/" + tag + "/resources", body, context));
  if (reply.ok()) return {};
  return cloud.account.error_of(reply).doing((is_on ? "put the tag " : "take off the tag ") + tag);
}

Result<void> act(Cloud& cloud, const Kind& kind, const RemoteId& id, const Json& body, const Context& context) {
  cloud.inventory.mark_changed(kind);
  const std::string type = json_string_or(body, "type");
  const Json answer = TRY(cloud.account.post(kind.path + "/" + id + "/actions", body, context).doing(type));
  return cloud.actions.await(cloud.account.dialect().actions.in(answer), context).doing(type);
}

}  // namespace skep::digitalocean
