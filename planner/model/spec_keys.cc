#include "planner/model/spec_keys.h"

#include <algorithm>
#include <cassert>

namespace skep::model {

namespace {

constexpr Key table[] = {
    {"", Shape::map, "One cluster: its machines, their engine, and the swarm they form."},
    {"skep", Shape::integer, "Version of this file format.", {.minimum = 1, .maximum = 1, .required = true}},
    {"name",
     Shape::text,
     "Name of the cluster; every machine and object that skep makes carries it.",
     {.format = Format::cluster_name, .required = true}},
    {"provider",
     Shape::text,
     "Where machines come from, for pools that do not say: local makes them on this computer, existing takes those "
     "that are there, the others rent them.",
     {.values = "local|existing|hetzner|digitalocean", .values_later = "aws|ovh|openstack"}},
    {"location", Shape::text_or_list,
     "Region or data centre, for pools that do not say; of several the first that has room."},

    {"endpoints", Shape::map, "Other addresses of the providers' APIs, for proxies and simulators."},
    {"endpoints.digitalocean", Shape::text, "Instead of https://api.digitalocean.com.", {.format = Format::url}},
    {"endpoints.hetzner", Shape::text, "Instead of https://api.hetzner.cloud/v1.", {.format = Format::url}},

    {"ssh", Shape::map, "How skep logs in to the machines."},
    {"ssh.user", Shape::text, "User to log in as.", {.format = Format::user_name, .initial = "root"}},
    {"ssh.port",
     Shape::integer,
     "Port of sshd on machines that exist already.",
     {.initial = "22", .minimum = 1, .maximum = 65535}},
    {"ssh.key", Shape::text,
     "Private key: a file, or the key itself from a variable; without it ~/.ssh/id_ed25519, then the agent."},
    {"ssh.bastion", Shape::map, "Host through which all others are reached.", {.later = true}},
    {"ssh.bastion.host", Shape::text, "Its address.", {.required = true}},
    {"ssh.bastion.port", Shape::integer, "Port of its sshd.", {.initial = "22", .minimum = 1, .maximum = 65535}},
    {"ssh.bastion.user", Shape::text, "User to log in as.", {.format = Format::user_name}},
    {"ssh.bastion.key", Shape::text, "Private key for it, if another one than for the machines."},
    {"ssh.bastion.host_key", Shape::text, "Its public host key, pinned."},

    {"network", Shape::map, "The private network of the machines; swarm traffic goes over it."},
    {"network.range",
     Shape::text,
     "Its addresses, a private range; without it the provider chooses.",
     {.format = Format::range}},

    {"firewall", Shape::map, "Who may reach what; swarm's own ports are derived from roles."},
    {"firewall.ssh", Shape::list, "Ranges that may reach port 22; without it everybody."},
    {"firewall.ssh.[]", Shape::text, "A range.", {.format = Format::any_range}},
    {"firewall.inbound", Shape::list, "What else may come in."},
    {"firewall.inbound.[]", Shape::map, "A rule."},
    {"firewall.inbound.[].port",
     Shape::number_or_text,
     "Port, or first and last port such as 8000-8010.",
     {.format = Format::ports, .minimum = 1, .maximum = 65535, .required = true}},
    {"firewall.inbound.[].protocol", Shape::text, "Protocol.", {.values = "tcp|udp", .initial = "tcp"}},
    {"firewall.inbound.[].from", Shape::list, "Ranges that may use it; without it everybody."},
    {"firewall.inbound.[].from.[]", Shape::text, "A range.", {.format = Format::any_range}},

    {"engine", Shape::map, "Docker Engine on every machine."},
    {"engine.version",
     Shape::text,
     "Exact version, or a prefix that is resolved once; without it the newest at the first installation.",
     {.format = Format::version}},
    {"engine.source",
     Shape::text,
     "Packages: docker is the official repository, distro the docker.io of the distribution.",
     {.values = "docker|distro", .initial = "docker"}},
    {"engine.daemon", Shape::free_map, "Settings merged key by key into daemon.json; foreign keys there are kept."},
    {"engine.repository", Shape::map, "A mirror of the official package repository."},
    {"engine.repository.url", Shape::text, "Its address.", {.format = Format::url, .required = true}},
    {"engine.repository.key_fingerprint",
     Shape::text,
     "Fingerprint of the key that signs it; without it Docker's own.",
     {.format = Format::fingerprint}},

    {"swarm", Shape::map, "The swarm itself; its address pools and data path port cannot change later."},
    {"swarm.address_pool",
     Shape::text_or_list,
     "Ranges from which overlay networks get theirs; without it Docker's 10.0.0.0/8.",
     {.format = Format::range}},
    {"swarm.address_pool_mask",
     Shape::integer,
     "Size of each overlay network, as a prefix length.",
     {.initial = "24", .minimum = 16, .maximum = 29}},
    {"swarm.data_path_port",
     Shape::integer,
     "UDP port of overlay traffic between the machines.",
     {.initial = "4789", .minimum = 1024, .maximum = 49151}},
    {"swarm.autolock",
     Shape::boolean,
     "Managers need a key after their engine has restarted; get it with skep swarm unlock-key.",
     {.initial = "false"}},
    {"swarm.unlock_key", Shape::map, "Where skep swarm unlock reads that key, if no other manager can tell it."},
    {"swarm.unlock_key.env", Shape::text, "A variable that holds it."},
    {"swarm.unlock_key.file", Shape::text, "A file that holds it; a relative path counts from the spec's folder."},
    {"swarm.unlock_key.command", Shape::list, "A program and its arguments; it prints the key."},
    {"swarm.unlock_key.command.[]", Shape::text, "A word."},

    {"rollout", Shape::map, "How a change goes through a pool."},
    {"rollout.max_unavailable",
     Shape::number_or_text,
     "How many nodes of a pool may be out of service at once.",
     {.format = Format::share, .initial = "1", .maximum = 9999}},
    {"rollout.max_surge",
     Shape::number_or_text,
     "How many nodes more than wanted a pool may have meanwhile.",
     {.format = Format::share, .initial = "1", .maximum = 9999}},
    {"rollout.drain_timeout",
     Shape::text,
     "How long tasks get to leave a node before skep stops and says so.",
     {.format = Format::duration, .initial = "10m"}},
    {"rollout.settle",
     Shape::text,
     "How long the swarm must stay healthy before the next node.",
     {.format = Format::duration, .initial = "30s"}},
    {"rollout.reboot",
     Shape::text,
     "Whether nodes are rebooted, one after the other, when an update of their system asks for it.",
     {.values = "when-required|never", .initial = "when-required"}},
    {"rollout.allow_unschedulable", Shape::list,
     "Services that may find no place, or leave data behind, while nodes change."},
    {"rollout.allow_unschedulable.[]", Shape::text, "Name of a service, with * for any run of letters."},

    {"pools", Shape::names, "Groups of equal machines.", {.format = Format::host_name, .required = true}},
    {"pools.*", Shape::map, "A group of equal machines."},
    {"pools.*.role", Shape::text, "Role in the swarm.", {.values = "manager|worker", .initial = "worker"}},
    {"pools.*.count",
     Shape::integer,
     "How many machines; they are named POOL-1, POOL-2 and so on.",
     {.minimum = 0, .maximum = 1000}},
    {"pools.*.nodes",
     Shape::names_or_list,
     "The machines by name, instead of a count; taking one out destroys exactly that one.",
     {.format = Format::host_name}},
    {"pools.*.nodes.*", Shape::map, "A machine."},
    {"pools.*.nodes.*.address",
     Shape::text,
     "Its address for SSH; provider existing only.",
     {.format = Format::address}},
    {"pools.*.nodes.*.private_address",
     Shape::text,
     "Its address for swarm traffic; without it the one for SSH; provider existing only.",
     {.format = Format::address}},
    {"pools.*.nodes.*.host_key", Shape::text,
     "Its public SSH host key, pinned, such as ssh-ed25519 AAAA...; provider existing only."},
    {"pools.*.nodes.*.user",
     Shape::text,
     "User to log in as, if not ssh.user; provider existing only.",
     {.format = Format::user_name}},
    {"pools.*.nodes.*.port",
     Shape::integer,
     "Port of its sshd, if not ssh.port; provider existing only.",
     {.minimum = 1, .maximum = 65535}},
    {"pools.*.nodes.*.labels",
     Shape::names,
     "Its own node labels, over those of the pool.",
     {.format = Format::label_key}},
    {"pools.*.nodes.*.labels.*", Shape::label, "Value of the label.", {.format = Format::label_value}},
    {"pools.*.type", Shape::text_or_list,
     "Size of the machines, in the provider's words; of several the first to be had."},
    {"pools.*.image", Shape::text, "Operating system, in the provider's words, such as debian-12."},
    {"pools.*.location", Shape::text_or_list,
     "Region or data centre, if not that of the spec; of several the first that has room."},
    {"pools.*.provider",
     Shape::text,
     "Where the machines come from, if not from the provider of the spec.",
     {.values = "local|existing|hetzner|digitalocean", .values_later = "aws|ovh|openstack"}},
    {"pools.*.labels",
     Shape::names,
     "Node labels in the swarm; region, zone, provider and pool are added by skep.",
     {.format = Format::label_key}},
    {"pools.*.labels.*", Shape::label, "Value of the label.", {.format = Format::label_value}},
    {"pools.*.volumes", Shape::names, "Disks of each machine, which outlive it.", {.format = Format::host_name}},
    {"pools.*.volumes.*", Shape::map, "A disk; formatted only when it is blank."},
    {"pools.*.volumes.*.size", Shape::text, "Its size.", {.format = Format::size, .required = true}},
    {"pools.*.volumes.*.mount", Shape::text, "Where it is mounted.", {.format = Format::path, .required = true}},
    {"pools.*.volumes.*.filesystem",
     Shape::text,
     "File system made on a blank disk.",
     {.values = "ext4", .values_later = "xfs|btrfs", .initial = "ext4"}},
    {"pools.*.volumes.*.protect", Shape::boolean, "A plan that would destroy it is refused.", {.initial = "true"}},
    {"pools.*.spread", Shape::boolean, "Machines on different hosts or zones.", {.initial = "false"}},
    {"pools.*.protect", Shape::boolean, "A plan that would destroy one of them is refused.", {.initial = "false"}},
    {"pools.*.backups",
     Shape::boolean,
     "The provider makes backups of the machines' own disks, and charges for them.",
     {.initial = "false"}},
    {"pools.*.setup", Shape::free_map, "Host setup of this pool, over the one of the spec.", {.later = true}},

    {"floating_ips", Shape::names, "Addresses that move between nodes.", {.format = Format::host_name}},
    {"floating_ips.*", Shape::map, "An address on one healthy node of a pool; moved away before that node is drained."},
    {"floating_ips.*.pool", Shape::text, "The pool.", {.required = true}},

    {"load_balancers", Shape::names, "Load balancers.", {.format = Format::host_name}},
    {"load_balancers.*", Shape::map, "A load balancer in front of a pool."},
    {"load_balancers.*.pool", Shape::text, "The pool.", {.required = true}},
    {"load_balancers.*.listen", Shape::list, "Its ports.", {.required = true}},
    {"load_balancers.*.listen.[]", Shape::map, "A port."},
    {"load_balancers.*.listen.[].port", Shape::integer, "Port.", {.minimum = 1, .maximum = 65535, .required = true}},
    {"load_balancers.*.listen.[].to",
     Shape::integer,
     "Port on the nodes; without it the same.",
     {.minimum = 1, .maximum = 65535}},
    {"load_balancers.*.listen.[].protocol",
     Shape::text,
     "Protocol; https ends at the load balancer, the nodes are reached over http.",
     {.values = "tcp|http|https", .initial = "tcp"}},
    {"load_balancers.*.listen.[].certificate",
     Shape::label,
     "For https: the id of a certificate that the provider has.",
     {.format = Format::label_value}},
    {"load_balancers.*.health_check", Shape::map, "When a node gets no connections any more."},
    {"load_balancers.*.health_check.path",
     Shape::text,
     "What the nodes must answer to over HTTP with 2xx or 3xx; without it a connection is enough.",
     {.format = Format::path}},
    {"load_balancers.*.health_check.interval",
     Shape::text,
     "How often it is asked, 3s to 60s.",
     {.format = Format::duration, .initial = "15s"}},
    {"load_balancers.*.health_check.timeout",
     Shape::text,
     "How long an answer may take, 3s to 60s.",
     {.format = Format::duration, .initial = "10s"}},
    {"load_balancers.*.health_check.retries",
     Shape::integer,
     "So many answers in a row must be missed.",
     {.initial = "3", .minimum = 2, .maximum = 5}},

    {"dns_records", Shape::names, "Names that lead to the cluster.", {.format = Format::host_name}},
    {"dns_records.*", Shape::map, "A record of type A at the provider that has the address; the zone must be there."},
    {"dns_records.*.name", Shape::text, "The whole name.", {.format = Format::domain, .required = true}},
    {"dns_records.*.zone",
     Shape::text,
     "The zone that it is in; without it what follows the first dot.",
     {.format = Format::domain}},
    {"dns_records.*.floating_ip", Shape::text, "The floating IP that it leads to."},
    {"dns_records.*.load_balancer", Shape::text, "Or the load balancer."},
    {"dns_records.*.ttl",
     Shape::text,
     "How long others may remember it, 1m to 24h.",
     {.format = Format::duration, .initial = "5m"}},

    {"setup", Shape::map, "What is done on every host before the engine.", {.later = true}},
    {"setup.packages", Shape::list, "Packages to install."},
    {"setup.packages.[]", Shape::text, "A package."},
    {"setup.sysctl", Shape::names, "Kernel settings."},
    {"setup.sysctl.*", Shape::label, "Value of the setting."},
    {"setup.files", Shape::names, "Files by absolute path.", {.format = Format::path}},
    {"setup.files.*", Shape::map, "A file."},
    {"setup.files.*.content", Shape::text, "Its content."},
    {"setup.files.*.mode", Shape::text, "Its mode, such as 0644."},
    {"setup.run", Shape::list, "Scripts, each run once."},
    {"setup.run.[]", Shape::map, "A script."},
    {"setup.run.[].name", Shape::text, "Its name.", {.required = true}},
    {"setup.run.[].creates", Shape::text, "A path whose presence says that it has run."},
    {"setup.run.[].script", Shape::text, "The file of the script.", {.required = true}},
    {"setup.run.[].env", Shape::names, "Its environment."},
    {"setup.run.[].env.*", Shape::label, "Value of the variable."},

    {"networks", Shape::names, "Overlay networks.", {.later = true}},
    {"networks.*", Shape::map, "An overlay network."},
    {"networks.*.attachable", Shape::boolean, "Containers outside of services may join.", {.initial = "false"}},
    {"networks.*.encrypted", Shape::boolean, "Its traffic is encrypted.", {.initial = "false"}},
    {"secrets", Shape::names, "Swarm secrets.", {.later = true}},
    {"secrets.*", Shape::map, "A secret."},
    {"secrets.*.env", Shape::text, "The variable that holds it."},
    {"secrets.*.file", Shape::text, "The file that holds it."},
    {"configs", Shape::names, "Swarm configs.", {.later = true}},
    {"configs.*", Shape::map, "A config."},
    {"configs.*.file", Shape::text, "The file that holds it."},
    {"stacks", Shape::names, "Stacks to deploy.", {.later = true}},
    {"stacks.*", Shape::map, "A stack."},
    {"stacks.*.compose", Shape::text, "Its Compose file.", {.required = true}},
    {"stacks.*.verify", Shape::text, "A script that checks it; when it fails the stack is rolled back."},
    {"state", Shape::map, "Where a team keeps the state it shares; without it .skep beside the spec."},
    {"state.backend",
     Shape::text,
     "http is Terraform's protocol (in a GitLab job without any setting); docs/team.md says the variables of each.",
     {.values = "local|http|postgres|s3", .initial = "local"}},
    {"state.address", Shape::text,
     "Instead of TF_HTTP_ADDRESS, PG_CONN_STR or SKEP_STATE_S3 (s3://BUCKET/KEY); without a password."},
    {"notify",
     Shape::names,
     "Who is told of plans that destroy, and of applies; docs/team.md shows the messages.",
     {.format = Format::host_name}},
    {"notify.*", Shape::map, "One receiver: a webhook, or mail."},
    {"notify.*.on", Shape::list, "Of what: destroys (a plan with them), start, end, failure; without it all four."},
    {"notify.*.on.[]", Shape::text, "An event.", {.values = "destroys|start|end|failure"}},
    {"notify.*.webhook",
     Shape::text,
     "Address that gets each message as JSON; \"${CHAT_HOOK:-}\" turns it off where the variable is not set.",
     {.format = Format::webhook}},
    {"notify.*.secret", Shape::map, "What messages to the webhook are signed with (HMAC-SHA-256)."},
    {"notify.*.secret.env", Shape::text, "A variable that holds it."},
    {"notify.*.secret.file", Shape::text, "A file that holds it; a relative path counts from the spec's folder."},
    {"notify.*.secret.command", Shape::list, "A program and its arguments; it prints it."},
    {"notify.*.secret.command.[]", Shape::text, "A word."},
    {"notify.*.mail", Shape::map, "Mail by SMTP."},
    {"notify.*.mail.server",
     Shape::text,
     "smtp://HOST:PORT, with STARTTLS, or smtps://HOST:PORT.",
     {.format = Format::mail_server, .required = true}},
    {"notify.*.mail.from", Shape::text, "The sender.", {.format = Format::mail_address, .required = true}},
    {"notify.*.mail.to", Shape::list, "The receivers.", {.required = true}},
    {"notify.*.mail.to.[]", Shape::text, "An address.", {.format = Format::mail_address}},
    {"notify.*.mail.user", Shape::text, "Whom to log in as; without it nobody."},
    {"notify.*.mail.password", Shape::map, "That user's password."},
    {"notify.*.mail.password.env", Shape::text, "A variable that holds it."},
    {"notify.*.mail.password.file", Shape::text,
     "A file that holds it; a relative path counts from the spec's folder."},
    {"notify.*.mail.password.command", Shape::list, "A program and its arguments; it prints it."},
    {"notify.*.mail.password.command.[]", Shape::text, "A word."},
    {"notify.*.mail.tls",
     Shape::text,
     "none: also in the clear, for a relay on this computer; a password then stays unsent.",
     {.values = "required|none", .initial = "required"}},
};

KeyNode& made_child(KeyNode& node, std::string_view name) {
  if (name == "*" || name == "[]") {
    if (!node.each) node.each = std::make_unique<KeyNode>();
    return *node.each;
  }
  for (auto& [child_name, child] : node.children) {
    if (child_name == name) return child;
  }
  node.children.emplace_back(name, KeyNode{});
  return node.children.back().second;
}

KeyNode make_tree() {
  KeyNode root;
  for (const auto& key : table) {
    KeyNode* node = &root;
    std::string_view path = key.path;
    while (!path.empty()) {
      const auto dot = std::min(path.find('.'), path.size());
      node = &made_child(*node, path.substr(0, dot));
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    assert(!node->key);  // no key stands twice
    node->key = &key;
  }
  return root;
}

}  // namespace

std::span<const Key> spec_keys() { return table; }

const KeyNode* KeyNode::child(std::string_view name) const {
  for (const auto& [child_name, node] : children) {
    if (child_name == name) return &node;
  }
  return nullptr;
}

const KeyNode& spec_key_tree() {
  static const KeyNode root = make_tree();
  return root;
}

std::vector<std::string_view> alternatives(std::string_view values) {
  std::vector<std::string_view> found;
  while (!values.empty()) {
    const auto end = std::min(values.find('|'), values.size());
    found.push_back(values.substr(0, end));
    values.remove_prefix(std::min(end + 1, values.size()));
  }
  return found;
}

}  // namespace skep::model
