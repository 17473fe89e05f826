// Rules across fields: machines that exist already, ranges, volumes, labels, daemon.json, keys.
#include <gtest/gtest.h>

#include <span>

#include "spec_kit.h"

namespace skep {
namespace {

std::string existing(const std::string& nodes) {
  return "skep: 1\nname: test\nprovider: existing\npools:\n  m:\n    role: manager\n    nodes:\n" + nodes;
}

std::string node(const std::string& name, const std::string& address, const std::string& more = "") {
  return "      " + name + ": {address: " + address + ", host_key: \"" + test_host_key + "\"" + more + "}\n";
}

TEST(SpecRules, ExistingMachines) {
  const SpecCase cases[] = {
      {existing(node("a", "198.51.100.1")), ""},
      {existing("      a: {}\n"),
       "8 [a] pools.m.nodes.a.address: is missing: skep reaches this machine by its address\n"
       "8 [a] pools.m.nodes.a.host_key: is missing: skep logs in to no machine whose key it does not know\n"},
      {"skep: 1\nname: test\nprovider: existing\npools: {m: {role: manager, count: 1}}\n",
       "4 [1] pools.m.count: machines of provider existing are named, not counted\n"},
      {existing("      a: {address: 198.51.100.1, host_key: null}\n"),
       "8 [host_key] pools.m.nodes.a.host_key: is missing: skep logs in to no machine whose key it does not know\n"},
      {existing(node("a", "198.51.100.1") + node("b", "198.51.100.1") + node("c", "198.51.100.2")),
       "9 [198.51.100.1] pools.m.nodes.b.address: 198.51.100.1 is the address of node 'a' already\n"},
      {existing(node("a", "198.51.100.1", ", private_address: 192.168.0.1") +
                node("b", "198.51.100.2", ", private_address: 192.168.0.1") + node("c", "198.51.100.3")),
       "9 [192.168.0.1] pools.m.nodes.b.private_address: 192.168.0.1 is the address of node 'a' already\n"},
      {existing(node("a", "example.org")),
       "8 [example.org] pools.m.nodes.a.address: expected an IPv4 address such as 198.51.100.7, found 'example.org'\n"},
      {existing(node("a", "0.0.0.0")), "8 [0.0.0.0] pools.m.nodes.a.address: 0.0.0.0 is the address of no machine\n"},
      {existing(node("a", "198.51.100.1", ", labels: {region: sea, zone: b}")), ""},
      {existing(node("a", "198.51.100.1", ", labels: {pool: x}")),
       "8 [pool] pools.m.nodes.a.labels.pool: this label is set by skep itself\n"},
      {spec_with("{m: {role: manager, nodes: {a: {address: 198.51.100.1}}}}"),
       "4 [198.51.100.1] pools.m.nodes.a.address: provider local makes the machine itself\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, TheHintForAMissingHostKeyIsTheCommandThatPrintsIt) {
  const Checked checked = load(existing("      a: {address: 198.51.100.1, port: 2222}\n"));
  ASSERT_EQ(checked.problems.size(), 1U);
  EXPECT_EQ(checked.problems[0].hint,
            "`ssh-keyscan -t ed25519 -p 2222 198.51.100.1` prints it; compare it with "
            "/etc/ssh/ssh_host_ed25519_key.pub on the machine's console");
}

TEST(SpecRules, KeysThatCannotLogInAreShoutedAbout) {
  const Checked rsa =
      load(existing("      a: {address: 198.51.100.1, host_key: \"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==\"}\n"));
  ASSERT_EQ(rsa.problems.size(), 1U);
  EXPECT_NE(rsa.problems[0].message.find("RSA"), std::string::npos) << rsa.problems[0].message;
  EXPECT_NE(rsa.problems[0].hint.find("ed25519"), std::string::npos) << rsa.problems[0].hint;
  EXPECT_EQ(underlined(rsa.problems[0].place), "\"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==\"");

  const std::vector<Document> files = {{"cluster.yaml", three_managers("ssh: {key: \"${KEY}\"}\n")}};
  const auto with_key = [&files](const std::string& key) { return load_spec(files, {{"KEY", key}}); };
  const Checked old = with_key("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n");
  ASSERT_EQ(old.problems.size(), 1U);
  EXPECT_NE(old.problems[0].message.find("RSA"), std::string::npos) << old.problems[0].message;
  EXPECT_EQ(old.problems[0].message.find("MIIE"), std::string::npos);
  const Checked pub = with_key(test_host_key);
  EXPECT_EQ(problem_lines(pub), "5 [\"${KEY}\"] ssh.key: this is a public key; logging in needs the private one\n");
  EXPECT_EQ(problem_lines(with_key("~/.ssh/id_rsa")), "");  // a file is looked at when it is used
}

TEST(SpecRules, APrivateKeyInTheSpecIsNeverRepeated) {
  const Checked checked = load(
      three_managers("ssh: {user: Root, key: \"-----BEGIN OPENSSH PRIVATE KEY-----\\nc2VjcmV0\\n-----END...\"}\n"));
  ASSERT_FALSE(checked.problems.empty());
  for (const auto& problem : checked.problems) {
    EXPECT_EQ(problem.message.find("c2VjcmV0"), std::string::npos) << problem.message;
    EXPECT_EQ(problem.place.line_text.find("c2VjcmV0"), std::string::npos) << problem.place.line_text;
  }
}

TEST(SpecRules, TheUnlockKeyHasOnePlace) {
  const SpecCase cases[] = {
      {three_managers("swarm: {autolock: true}\n"), ""},
      {three_managers("swarm: {autolock: true, unlock_key: {env: KEY}}\n"), ""},
      {three_managers("swarm: {unlock_key: {command: [pass, show, swarm]}}\n"), ""},
      {three_managers("swarm: {unlock_key: {env: KEY, file: key}}\n"),
       "5 [unlock_key] swarm.unlock_key: says more than one place\n"},
      {three_managers("swarm: {unlock_key: {}}\n"), "5 [unlock_key] swarm.unlock_key: says no place\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, Ranges) {
  const SpecCase cases[] = {
      {three_managers("network: {range: 192.168.0.0/24}\n"), ""},
      {three_managers("network: {range: 10.0.0.0/16}\nswarm: {address_pool: 172.30.0.0/15}\n"), ""},
      {three_managers("network: {range: 10.0.0.0/16}\n"),
       "5 [10.0.0.0/16] network.range: 10.0.0.0/16 overlaps 10.0.0.0/8, from which Docker takes overlay networks when "
       "swarm.address_pool is not set\n"},
      {three_managers("network: {range: 192.168.0.1/24}\n"),
       "5 [192.168.0.1/24] network.range: 192.168.0.1/24 has bits set behind its prefix, did you mean "
       "'192.168.0.0/24'?\n"},
      {three_managers("network: {range: 8.8.0.0/16}\n"),
       "5 [8.8.0.0/16] network.range: 8.8.0.0/16 is no private range\n"},
      {three_managers("network: {range: 172.0.0.0/8}\n"),
       "5 [172.0.0.0/8] network.range: 172.0.0.0/8 is no private range\n"},
      {three_managers("network: {range: 192.168.0.0}\n"),
       "5 [192.168.0.0] network.range: expected an IPv4 range such as 10.0.0.0/16, found '192.168.0.0'\n"},
      {spec_with("{m: {role: manager, count: 3}, w: {count: 3}}", "network: {range: 192.168.0.0/29}\n"),
       "5 [192.168.0.0/29] network.range: 192.168.0.0/29 has room for 5 machines, the pools have 6 nodes\n"},
      {spec_with("{m: {role: manager, count: 3}, w: {count: 2}}", "network: {range: 192.168.0.0/29}\n"), ""},
      {three_managers("network: {range: 172.31.0.0/16}\nswarm: {address_pool: 172.30.0.0/15}\n"),
       "5 [172.31.0.0/16] network.range: 172.31.0.0/16 overlaps swarm.address_pool (172.30.0.0/15)\n"},
      {three_managers("swarm: {address_pool: [172.30.0.0/16, 10.0.0.0/8, 10.9.0.0/16]}\n"),
       "5 [10.9.0.0/16] swarm.address_pool.2: 10.9.0.0/16 overlaps swarm.address_pool.1 (10.0.0.0/8)\n"},
      {three_managers("swarm: {address_pool: 172.30.0.0/26}\n"),
       "5 [172.30.0.0/26] swarm.address_pool: 172.30.0.0/26 is smaller than one overlay network of /24\n"},
      {three_managers("network: {range: 192.168.0.0/24}\nengine: {daemon: {default-address-pools: [{base: "
                      "192.168.0.0/16, size: 24}]}}\n"),
       "6 [192.168.0.0/16] engine.daemon.default-address-pools.0.base: 192.168.0.0/16 overlaps network.range "
       "(192.168.0.0/24)\n"},
      {existing(node("a", "10.1.2.3")),
       "warning 8 [10.1.2.3] pools.m.nodes.a.address: 10.1.2.3 lies in 10.0.0.0/8, from which Docker takes overlay "
       "networks "
       "when swarm.address_pool is not set\n"},
      {existing(node("a", "172.30.0.7")) + "swarm: {address_pool: 172.30.0.0/15}\n",
       "8 [172.30.0.7] pools.m.nodes.a.address: 172.30.0.7 lies in swarm.address_pool (172.30.0.0/15)\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, Volumes) {
  const auto volumes = [](const std::string& text) {
    return spec_with("{m: {role: manager, count: 1, volumes: {" + text + "}}}");
  };
  const SpecCase cases[] = {
      {volumes("a: {size: 1GB, mount: /srv/a}, b: {size: 16TiB, mount: /srv/b}"), ""},
      {volumes("a: {size: 500MB, mount: /srv/a}"), "4 [500MB] pools.m.volumes.a.size: 500.0 MB is out of range\n"},
      {volumes("a: {size: 20TB, mount: /srv/a}"), "4 [20TB] pools.m.volumes.a.size: 20.0 TB is out of range\n"},
      {volumes("a: {size: 10, mount: /srv/a}"),
       "4 [10] pools.m.volumes.a.size: expected a size such as 50GB or 512MiB, found '10'\n"},
      {volumes("a: {mount: /srv/a}"), "4 [a] pools.m.volumes.a.size: is missing\n"},
      {volumes("a: {size: 1GB, mount: srv}"),
       "4 [srv] pools.m.volumes.a.mount: expected an absolute path such as /srv/data, found 'srv'\n"},
      {volumes("a: {size: 1GB, mount: /}"), "4 [/] pools.m.volumes.a.mount: '/' would hide a folder of the system\n"},
      {volumes("a: {size: 1GB, mount: /etc/x/}"),
       "4 [/etc/x/] pools.m.volumes.a.mount: '/etc/x' would hide a folder of the system\n"},
      {volumes("a: {size: 1GB, mount: /var/lib/docker/volumes}"),
       "4 [/var/lib/docker/volumes] pools.m.volumes.a.mount: '/var/lib/docker/volumes' is the engine's own folder, "
       "whose content belongs to "
       "the "
       "machine\n"},
      {volumes("a: {size: 1GB, mount: /srv/../etc}"),
       "4 [/srv/../etc] pools.m.volumes.a.mount: '/srv/../etc' is not written out: it holds '//', '/./' or '/../'\n"},
      {volumes("a: {size: 1GB, mount: /srv/x}, b: {size: 1GB, mount: /srv/x/}"),
       "4 [/srv/x/] pools.m.volumes.b.mount: volume 'a' is mounted there already\n"},
      {spec_with("{m: {role: manager, nodes: [a], volumes: {b-c: {size: 1GB, mount: /srv/x}}}, w: {nodes: [a-b], "
                 "volumes: {c: {size: 1GB, mount: /srv/x}}}}"),
       "4 [c] pools.w.volumes.c: volume 'c' of node 'a-b' would be called 'a-b-c', as is volume 'b-c' of node 'a'\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, Labels) {
  const auto labels = [](const std::string& text) {
    return spec_with("{m: {role: manager, count: 1, labels: {" + text + "}}}");
  };
  const std::string own = ": this label is set by skep itself\n";
  const SpecCase cases[] = {
      {labels("tier: web, com.example/x: 1"), ""},
      {labels("region: x"), "4 [region] pools.m.labels.region" + own},
      {labels("zone: x, provider: y, pool: z, skep.uid: u"),
       "4 [zone] pools.m.labels.zone" + own + "4 [provider] pools.m.labels.provider" + own +
           "4 [pool] pools.m.labels.pool" + own + "4 [skep.uid] pools.m.labels.skep.uid" + own},
  };
  expect_problems(cases);
}

TEST(SpecRules, DaemonAndRepository) {
  const auto daemon = [](const std::string& text) { return three_managers("engine: {daemon: {" + text + "}}\n"); };
  const SpecCase cases[] = {
      {daemon("live-restore: false, firewall-backend: iptables, labels: [a=b], features: {a: [1, {x: null}]}"), ""},
      {daemon("log-drivers: local, zzzzzzzz: 1"),
       "warning 5 [local] engine.daemon.log-drivers: skep knows no such key of daemon.json, and an engine that does "
       "not either will not start\n"
       "warning 5 [1] engine.daemon.zzzzzzzz: skep knows no such key of daemon.json, and an engine that does not "
       "either will not start\n"},
      {daemon("live-restore: true"), "5 [true] engine.daemon.live-restore: Docker refuses live-restore in a swarm\n"},
      {daemon("firewall-backend: nftables"),
       "5 [nftables] engine.daemon.firewall-backend: Docker refuses the nftables backend in a swarm\n"},
      {daemon("hosts: [tcp://0.0.0.0:2375]"),
       "5 [hosts] engine.daemon.hosts: sockets belong to Docker's systemd unit, and a second list of them stops the "
       "engine\n"},
      {daemon("storage-driver: zfs"),
       "5 [zfs] engine.daemon.storage-driver: a change of the storage driver hides every image and container\n"},
      {daemon("labels: [skep.uid=x]"),
       "5 [skep.uid=x] engine.daemon.labels.0: labels that begin with skep. are set by skep itself\n"},
      {daemon("labels: {a: b}"), "5 [labels] engine.daemon.labels: expected a list of texts KEY=VALUE\n"},
      {daemon("log-opts: {max-file: 3}"), "5 [3] engine.daemon.log-opts.max-file: Docker takes only texts here\n"},
      {daemon("mtu: .inf"), "5 [.inf] engine.daemon.mtu: JSON knows no number '.inf'\n"},
      {three_managers("engine: {daemon: [a]}\n"), "5 [daemon] engine.daemon: expected keys and values, found a list\n"},
      {three_managers("engine: {source: distro, repository: {url: https://a}}\n"),
       "5 [repository] engine.repository: is for source: docker; packages of the distribution come from its own "
       "places\n"},
      {three_managers("engine: {repository: {key_fingerprint: abc}}\n"),
       "5 [repository] engine.repository.url: is missing\n"
       "5 [abc] engine.repository.key_fingerprint: expected the 40 hexadecimal digits of a key's fingerprint, found "
       "'abc'\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, Rollout) {
  const auto rollout = [](const std::string& text) { return three_managers("rollout: {" + text + "}\n"); };
  const SpecCase cases[] = {
      {rollout("max_unavailable: 100%, max_surge: 0, drain_timeout: 3h, settle: 1h"), ""},
      {rollout("max_unavailable: 0%"), "5 [0%] rollout.max_unavailable: 0% is out of range\n"},
      {rollout("max_unavailable: 101%"), "5 [101%] rollout.max_unavailable: 101% is out of range\n"},
      {rollout("max_unavailable: 0"), "5 [0] rollout.max_unavailable: 0 is out of range\n"},
      {rollout("drain_timeout: 0s"), "5 [0s] rollout.drain_timeout: 0 s is out of range\n"},
      {rollout("drain_timeout: 4h"), "5 [4h] rollout.drain_timeout: 4 h is out of range\n"},
      {rollout("settle: 2h"), "5 [2h] rollout.settle: 2 h is out of range\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, Firewall) {
  const auto inbound = [](const std::string& rules, const std::string& more = "") {
    return three_managers("firewall: {" + more + "inbound: [" + rules + "]}\n");
  };
  const SpecCase cases[] = {
      {inbound("{port: 80}, {port: 8000-8010, protocol: udp, from: [203.0.113.0/24]}"), ""},
      {inbound("{port: 443, protocl: udp}"),
       "5 [protocl] firewall.inbound.0: unknown key 'protocl', did you mean 'protocol'?\n"},
      {inbound("{port: 90-80}"),
       "5 [90-80] firewall.inbound.0.port: expected a port such as 443, or ports such as 8000-8010, found '90-80'\n"},
      {inbound("{port: 443, from: [203.0.113.7/24]}"),
       "5 [203.0.113.7/24] firewall.inbound.0.from.0: expected a range such as 203.0.113.0/24 or 2001:db8::/32, found "
       "'203.0.113.7/24'\n"},
      {inbound("{port: 2377}"), "5 [2377] firewall.inbound.0.port: 2377/tcp is a port of the swarm itself\n"},
      {inbound("{port: 4000-5000, protocol: udp}"),
       "5 [4000-5000] firewall.inbound.0.port: 4789/udp is a port of the swarm itself\n"},
      {inbound("{port: 4789}"), ""},
      {inbound("{port: 22}", "ssh: [203.0.113.0/24], "),
       "warning 5 [22] firewall.inbound.0.port: opens port 22 to everybody, whatever firewall.ssh says\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, LoadBalancers) {
  const auto web = [](const std::string& settings) {
    return three_managers("load_balancers: {web: " + settings + "}\n");
  };
  const SpecCase cases[] = {
      {web("{pool: m, listen: [{port: 443, to: 8443, protocol: tcp}, {port: 80}]}"), ""},
      {web("{pool: n, listen: [{port: 443}]}"), "5 [n] load_balancers.web.pool: there is no pool 'n'\n"},
      {web("{pool: m}"), "5 [web] load_balancers.web.listen: is missing\n"},
      {web("{pool: m, listen: []}"), "5 [listen] load_balancers.web.listen: names no port\n"},
      {web("{pool: m, listen: [{port: 443}, {port: 443, to: 80}]}"),
       "5 [443] load_balancers.web.listen.1.port: port 443 is listened on twice\n"},
      {web("{pool: m, listen: [{port: 443, protocol: quic}]}"),
       "5 [quic] load_balancers.web.listen.0.protocol: expected one of tcp, http, https, found 'quic'\n"},
      {web("{pool: m, listen: [{port: 443, protocol: https, certificate: 897}]}"), ""},
      {web("{pool: m, listen: [{port: 443, protocol: https}]}"),
       "5 [{] load_balancers.web.listen.0: https needs a certificate\n"},
      {web("{pool: m, listen: [{port: 443, certificate: \"897\"}]}"),
       "5 [\"897\"] load_balancers.web.listen.0.certificate: is for protocol: https only\n"},
      {web("{pool: m, listen: [{port: 443}], health_check: {path: /up, interval: 5s, timeout: 3s, retries: 2}}"), ""},
      {web("{pool: m, listen: [{port: 443}], health_check: {interval: 2m}}"),
       "5 [2m] load_balancers.web.health_check.interval: is not a whole number of seconds from 3 to 60\n"},
      {web("{pool: m, listen: [{port: 443}], health_check: {timeout: 3500ms}}"),
       "5 [3500ms] load_balancers.web.health_check.timeout: is not a whole number of seconds from 3 to 60\n"},
      {web("{pool: m, listen: [{port: 443}], health_check: {retries: 9}}"),
       "5 [9] load_balancers.web.health_check.retries: expected a whole number from 2 to 5, found '9'\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, DnsRecords) {
  const auto shop = [](const std::string& settings) {
    return three_managers("floating_ips: {ingress: {pool: m}}\ndns_records: {shop: " + settings + "}\n");
  };
  const SpecCase cases[] = {
      {shop("{name: shop.example.com, floating_ip: ingress}"), ""},
      {shop("{name: example.com, zone: example.com, floating_ip: ingress, ttl: 1h}"), ""},
      {shop("{name: shop, floating_ip: ingress}"),
       "6 [shop] dns_records.shop.name: expected a domain in lower case, such as shop.example.com, found 'shop'\n"},
      {shop("{name: shop.example.com}"), "6 [shop] dns_records.shop: leads to nothing\n"},
      {shop("{name: shop.example.com, floating_ip: ingres}"),
       "6 [ingres] dns_records.shop.floating_ip: there is no floating IP 'ingres', did you mean 'ingress'?\n"},
      {shop("{name: shop.example.com, load_balancer: web}"),
       "6 [web] dns_records.shop.load_balancer: there is no load balancer 'web'\n"},
      {shop("{name: shop.example.com, floating_ip: ingress, load_balancer: web}"),
       "6 [shop] dns_records.shop: leads to two things\n"
       "6 [web] dns_records.shop.load_balancer: there is no load balancer 'web'\n"},
      {shop("{name: shop.example.com, zone: example.org, floating_ip: ingress}"),
       "6 [example.org] dns_records.shop.zone: 'shop.example.com' is not in the zone 'example.org'\n"},
      {shop("{name: example.com, floating_ip: ingress}"),
       "6 [shop] dns_records.shop.zone: 'example.com' is not in the zone 'com'\n"},
      {shop("{name: shop.example.com, floating_ip: ingress, ttl: 5s}"),
       "6 [5s] dns_records.shop.ttl: is not a whole number of seconds from 60 to 86400\n"},
      {shop("{name: a.example.com, floating_ip: ingress}, also: {name: a.example.com, floating_ip: ingress}"),
       "6 [a.example.com] dns_records.shop.name: dns_records.also has this name too\n"},
  };
  expect_problems(cases);
}

TEST(SpecRules, TypesAndLocationsThatAreTriedInTurn) {
  const SpecCase cases[] = {
      {spec_with("{m: {role: manager, count: 1, type: [a, b], location: [c, d]}}"), ""},
      {spec_with("{m: {role: manager, count: 1, type: [a, b, a]}}"), "4 [type] pools.m.type: names 'a' twice\n"},
      {spec_with("{m: {role: manager, count: 1, location: [c, c]}}"),
       "4 [location] pools.m.location: names 'c' twice\n"},
  };
  expect_problems(cases);
}

}  // namespace
}  // namespace skep
