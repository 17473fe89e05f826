#include "planner/model/spec_read.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "planner/base/text.h"
#include "planner/model/spec_formats.h"
#include "planner/model/spec_shape.h"

namespace skep::model {

namespace {

void read_text(const Tree& map, std::string_view key, std::string& into) {
  if (const Tree* value = map.good(key)) into = value->text;
}

void read_bool(const Tree& map, std::string_view key, bool& into) {
  if (const Tree* value = map.good(key)) into = value->text.starts_with('t') || value->text.starts_with('T');
}

void read_int(const Tree& map, std::string_view key, int& into) {
  const Tree* value = map.good(key);
  if (const auto number = value ? integer_of(*value) : std::nullopt) into = static_cast<int>(*number);
}

void read_duration(const Tree& map, std::string_view key, std::chrono::milliseconds& into) {
  const Tree* value = map.good(key);
  if (const auto duration = value ? parse_duration(value->text) : std::nullopt) into = *duration;
}

void read_share(const Tree& map, std::string_view key, CountOrPercent& into) {
  const Tree* value = map.good(key);
  if (!value) return;
  std::string_view digits = value->text;
  into.percent = digits.ends_with('%');
  if (into.percent) digits.remove_suffix(1);
  std::from_chars(digits.data(), digits.data() + digits.size(), into.value);
}

std::map<std::string, std::string> labels_of(const Tree& map) {
  std::map<std::string, std::string> labels;
  if (const Tree* written = map.good("labels")) {
    for (const auto& [key, spot, value] : written->members) {
      if (!value.wrong) labels.emplace(key, value.text);
    }
  }
  return labels;
}

std::vector<std::string> texts_of(const Tree& map, std::string_view key) {
  std::vector<std::string> texts;
  const Tree* written = map.good(key);
  if (!written) return texts;
  if (written->kind == Tree::Kind::text) texts.push_back(written->text);
  for (const auto& [name, spot, value] : written->members) {
    if (!value.wrong && value.kind == Tree::Kind::text) texts.push_back(value.text);
  }
  return texts;
}

// One text, or several in the order in which they are to be tried.
void read_choice(const Tree& map, std::string_view key, std::string& first, std::vector<std::string>& others) {
  auto texts = texts_of(map, key);
  if (texts.empty()) return;
  first = texts.front();
  others.assign(texts.begin() + 1, texts.end());
}

NodeSpec read_node(const std::string& name, const Tree& tree) {
  NodeSpec node{.name = name};
  node.labels = labels_of(tree);
  read_text(tree, "address", node.address);
  read_text(tree, "private_address", node.private_address);
  read_text(tree, "host_key", node.host_key);
  read_text(tree, "user", node.user);
  read_int(tree, "port", node.port);
  return node;
}

void read_nodes(const Tree& tree, PoolSpec& pool) {
  if (const Tree* nodes = tree.good("nodes")) {
    pool.named = true;
    pool.nodes.reserve(nodes->members.size());
    for (const auto& [name, spot, value] : nodes->members) {
      if (value.wrong) continue;
      if (nodes->kind == Tree::Kind::list) {
        pool.nodes.push_back({.name = value.text});
      } else {
        pool.nodes.push_back(read_node(name, value));
      }
    }
    return;
  }
  int count = 0;
  read_int(tree, "count", count);
  for (int i = 1; i <= count; ++i) pool.nodes.push_back({.name = pool.name + "-" + std::to_string(i)});
}

std::map<std::string, VolumeSpec> volumes_of(const Tree& pool) {
  std::map<std::string, VolumeSpec> volumes;
  const Tree* written = pool.good("volumes");
  if (!written) return volumes;
  for (const auto& [name, spot, value] : written->members) {
    if (value.wrong) continue;
    VolumeSpec volume;
    if (const Tree* size = value.good("size")) volume.size_bytes = parse_size(size->text).value_or(0);
    read_text(value, "mount", volume.mount);
    if (volume.mount.size() > 1 && volume.mount.ends_with('/')) volume.mount.pop_back();
    read_text(value, "filesystem", volume.filesystem);
    read_bool(value, "protect", volume.protect);
    volumes.emplace(name, std::move(volume));
  }
  return volumes;
}

PoolSpec read_pool(const std::string& name, const Tree& tree, const Spec& spec) {
  PoolSpec pool{
      .name = name, .provider = spec.provider, .location = spec.location, .other_locations = spec.other_locations};
  if (const Tree* role = tree.good("role")) pool.role = role->text == "manager" ? Role::manager : Role::worker;
  const Tree* provider = tree.find("provider");
  if (provider && provider->wrong) pool.provider.clear();
  read_text(tree, "provider", pool.provider);
  if (pool.provider != spec.provider) {  // another provider has other places
    pool.location.clear();
    pool.other_locations.clear();
  }
  read_choice(tree, "location", pool.location, pool.other_locations);
  read_choice(tree, "type", pool.type, pool.other_types);
  read_text(tree, "image", pool.image);
  read_nodes(tree, pool);
  pool.labels = labels_of(tree);
  pool.volumes = volumes_of(tree);
  read_bool(tree, "spread", pool.spread);
  read_bool(tree, "protect", pool.protect);
  read_bool(tree, "backups", pool.backups);
  return pool;
}

FirewallSpec read_firewall(const Tree& tree) {
  FirewallSpec firewall;
  firewall.ssh = texts_of(tree, "ssh");
  const Tree* inbound = tree.good("inbound");
  if (!inbound) return firewall;
  for (const auto& [key, spot, value] : inbound->members) {
    if (value.wrong) continue;
    InboundSpec rule;
    read_text(value, "port", rule.port);
    read_text(value, "protocol", rule.protocol);
    rule.from = texts_of(value, "from");
    firewall.inbound.push_back(std::move(rule));
  }
  return firewall;
}

LoadBalancerSpec read_load_balancer(const Tree& tree) {
  LoadBalancerSpec balancer;
  read_text(tree, "pool", balancer.pool);
  if (const Tree* check = tree.good("health_check")) {
    read_text(*check, "path", balancer.health_check.path);
    read_duration(*check, "interval", balancer.health_check.interval);
    read_duration(*check, "timeout", balancer.health_check.timeout);
    read_int(*check, "retries", balancer.health_check.retries);
  }
  const Tree* listen = tree.good("listen");
  if (!listen) return balancer;
  for (const auto& [key, spot, value] : listen->members) {
    if (value.wrong) continue;
    ListenSpec port;
    read_int(value, "port", port.port);
    read_int(value, "to", port.to);
    read_text(value, "protocol", port.protocol);
    read_text(value, "certificate", port.certificate);
    balancer.listen.push_back(std::move(port));
  }
  return balancer;
}

DnsRecordSpec read_dns_record(const Tree& tree) {
  DnsRecordSpec record;
  read_text(tree, "name", record.name);
  record.zone = record.name.substr(std::min(record.name.find('.'), record.name.size() - 1) + 1);
  read_text(tree, "zone", record.zone);
  read_text(tree, "floating_ip", record.floating_ip);
  read_text(tree, "load_balancer", record.load_balancer);
  read_duration(tree, "ttl", record.ttl);
  return record;
}

void read_engine(const Tree& tree, EngineSpec& engine, Findings& findings) {
  read_text(tree, "version", engine.version);
  if (const Tree* source = tree.good("source"))
    engine.source = source->text == "distro" ? EngineSpec::Source::distro : EngineSpec::Source::docker;
  if (const Tree* daemon = tree.good("daemon")) engine.daemon = json_of(*daemon, "engine.daemon", findings);
  const Tree* repository = tree.good("repository");
  if (!repository) return;
  read_text(*repository, "url", engine.repository_url);
  read_text(*repository, "key_fingerprint", engine.repository_key);
  std::erase(engine.repository_key, ' ');
  for (char& c : engine.repository_key) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
}

SecretPlace secret_place_at(const Tree& tree, std::string_view key) {
  SecretPlace place;
  const Tree* found = tree.good(key);
  if (!found) return place;
  read_text(*found, "env", place.env);
  read_text(*found, "file", place.file);
  place.command = texts_of(*found, "command");
  return place;
}

MailSpec read_mail(const Tree& tree) {
  MailSpec mail;
  read_text(tree, "server", mail.server);
  read_text(tree, "from", mail.from);
  mail.to = texts_of(tree, "to");
  read_text(tree, "user", mail.user);
  mail.password = secret_place_at(tree, "password");
  std::string tls = "required";
  read_text(tree, "tls", tls);
  mail.needs_tls = tls == "required";
  return mail;
}

NotifySpec read_receiver(const Tree& tree) {
  NotifySpec receiver;
  read_text(tree, "webhook", receiver.webhook);
  receiver.secret = secret_place_at(tree, "secret");
  if (const Tree* mail = tree.good("mail")) receiver.mail = read_mail(*mail);
  receiver.on = texts_of(tree, "on");
  if (!tree.find("on")) receiver.on = {"destroys", "start", "end", "failure"};
  return receiver;
}

void read_swarm(const Tree& tree, SwarmSpec& swarm) {
  swarm.address_pools = texts_of(tree, "address_pool");
  read_int(tree, "address_pool_mask", swarm.address_pool_mask);
  read_int(tree, "data_path_port", swarm.data_path_port);
  read_bool(tree, "autolock", swarm.autolock);
  swarm.unlock_key = secret_place_at(tree, "unlock_key");
}

void read_traffic(const Tree& tree, Spec& spec) {
  if (const Tree* floating_ips = tree.good("floating_ips")) {
    for (const auto& [name, spot, value] : floating_ips->members) {
      const Tree* pool = value.wrong ? nullptr : value.good("pool");
      if (pool) spec.floating_ips.emplace(name, FloatingIpSpec{pool->text});
    }
  }
  if (const Tree* balancers = tree.good("load_balancers")) {
    for (const auto& [name, spot, value] : balancers->members) {
      if (!value.wrong) spec.load_balancers.emplace(name, read_load_balancer(value));
    }
  }
  if (const Tree* records = tree.good("dns_records")) {
    for (const auto& [name, spot, value] : records->members) {
      if (!value.wrong) spec.dns_records.emplace(name, read_dns_record(value));
    }
  }
}

}  // namespace

Spec read_spec(const Tree& tree, Findings& findings) {
  Spec spec;
  read_text(tree, "name", spec.name);
  read_text(tree, "provider", spec.provider);
  read_choice(tree, "location", spec.location, spec.other_locations);
  if (const Tree* endpoints = tree.good("endpoints")) {
    for (const auto& [provider, spot, value] : endpoints->members) {
      if (!value.wrong && value.kind == Tree::Kind::text) spec.endpoints.emplace(provider, value.text);
    }
  }
  if (const Tree* ssh = tree.good("ssh")) {
    read_text(*ssh, "user", spec.ssh.user);
    read_int(*ssh, "port", spec.ssh.port);
    read_text(*ssh, "key", spec.ssh.key);
  }
  if (const Tree* network = tree.good("network")) read_text(*network, "range", spec.network.range);
  if (const Tree* firewall = tree.good("firewall")) spec.firewall = read_firewall(*firewall);
  if (const Tree* engine = tree.good("engine")) read_engine(*engine, spec.engine, findings);
  if (const Tree* swarm = tree.good("swarm")) read_swarm(*swarm, spec.swarm);
  if (const Tree* state = tree.good("state")) {
    read_text(*state, "backend", spec.state.backend);
    read_text(*state, "address", spec.state.address);
  }
  if (const Tree* notify = tree.good("notify")) {
    for (const auto& [name, spot, value] : notify->members) {
      if (!value.wrong) spec.notify.emplace(name, read_receiver(value));
    }
  }
  if (const Tree* rollout = tree.good("rollout")) {
    read_share(*rollout, "max_unavailable", spec.rollout.max_unavailable);
    read_share(*rollout, "max_surge", spec.rollout.max_surge);
    read_duration(*rollout, "drain_timeout", spec.rollout.drain_timeout);
    read_duration(*rollout, "settle", spec.rollout.settle);
    std::string reboot = "when-required";
    read_text(*rollout, "reboot", reboot);
    spec.rollout.reboots = reboot != "never";
    spec.rollout.allow_unschedulable = texts_of(*rollout, "allow_unschedulable");
  }
  if (const Tree* pools = tree.good("pools")) {
    for (const auto& [name, spot, pool] : pools->members) {
      if (!pool.wrong) spec.pools.emplace(name, read_pool(name, pool, spec));
    }
  }
  read_traffic(tree, spec);
  return spec;
}

bool are_pools_whole(const Tree& tree) {
  const Tree* pools = tree.good("pools");
  if (!pools) return false;
  return std::ranges::none_of(pools->members, [](const Member& pool) {
    const bool has_size = (pool.value.good("count") != nullptr) != (pool.value.good("nodes") != nullptr);
    if (pool.value.wrong || !has_size) return true;
    for (const char* key : {"role", "count", "nodes"}) {
      const Tree* value = pool.value.find(key);
      if (!value) continue;
      if (value->wrong || std::ranges::any_of(value->members, [](const Member& node) { return node.value.wrong; }))
        return true;
    }
    return false;
  });
}

Json json_of(const Tree& tree, const std::string& path, Findings& findings) {
  if (tree.kind == Tree::Kind::list) {
    Json list = Json::array();
    for (std::size_t i = 0; i < tree.members.size(); ++i)
      list.push_back(json_of(tree.members[i].value, joined(path, std::to_string(i)), findings));
    return list;
  }
  if (tree.kind == Tree::Kind::map) {
    Json map = Json::object();
    for (const auto& [key, spot, value] : tree.members) map[key] = json_of(value, joined(path, key), findings);
    return map;
  }
  const std::string& text = tree.text;
  switch (scalar_type(tree)) {
    case ScalarType::null:
      return nullptr;
    case ScalarType::boolean:
      return text.starts_with('t') || text.starts_with('T');
    case ScalarType::text:
      return text;
    case ScalarType::integer:
      if (const auto number = integer_of(tree)) return *number;
      break;
    case ScalarType::number: {
      double number = 0;
      const std::string_view digits = std::string_view(text).substr(text.starts_with('+') ? 1 : 0);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (error == std::errc() && end == digits.data() + digits.size()) return number;
      break;
    }
  }
  findings.error_at(path, "JSON knows no number " + shown(tree), "put it in quotes if it is a text");
  return nullptr;
}

}  // namespace skep::model
