#include "providers/hetzner/kinds.h"

#include "providers/hetzner/labels.h"

namespace skep::hetzner {

namespace {

Query of_cluster(std::string_view cluster) { return {{"label_selector", cluster_selector(cluster)}}; }

void mark(Json& body, std::string_view cluster, const ResourceId& id) {
  body["name"] = cloud::remote_name(cluster, id);
  Json labels = owner_labels(cluster, id);
  if (body.contains("labels")) labels.update(body["labels"]);
  body["labels"] = labels;
}

/// Our kinds have the API's names.
Kind kind_of(const std::string& many, const std::string& one) {
  return {.path = "/" + many,
          .many = many,
          .one = one,
          .name = one,
          .of_cluster = of_cluster,
          .owner = owner_of,
          .mark = mark};
}

/// What its first actions bring does not show in it, or is known without reading it once more.
Kind known_kind_of(const std::string& many, const std::string& one) {
  Kind kind = kind_of(many, one);
  kind.changes_while_made = false;
  return kind;
}

}  // namespace

const cloud::UserDataLimit& user_data_limit() {
  static const cloud::UserDataLimit limit{"Hetzner Cloud", 32U << 10};
  return limit;
}

const Kind& ssh_keys() {
  static const Kind kind = kind_of("ssh_keys", "ssh_key");
  return kind;
}
const Kind& networks() {
  static const Kind kind = kind_of("networks", "network");
  return kind;
}
const Kind& firewalls() {
  static const Kind kind = known_kind_of("firewalls", "firewall");
  return kind;
}
const Kind& placement_groups() {
  static const Kind kind = kind_of("placement_groups", "placement_group");
  return kind;
}
const Kind& servers() {
  static const Kind kind = kind_of("servers", "server");
  return kind;
}
const Kind& volumes() {
  static const Kind kind = kind_of("volumes", "volume");
  return kind;
}
const Kind& floating_ips() {
  static const Kind kind = known_kind_of("floating_ips", "floating_ip");
  return kind;
}
const Kind& load_balancers() {
  static const Kind kind = kind_of("load_balancers", "load_balancer");
  return kind;
}

}  // namespace skep::hetzner
