// What is said about a bad spec: tables of text and the problems it must give, no more and no fewer.
#include <gtest/gtest.h>

#include <span>

#include "spec_kit.h"

namespace skep {
namespace {

TEST(SpecProblems, AllMistakesComeInOneGoInTheOrderOfTheFile) {
  const Checked checked = load(R"(skep: 1
name: Shop/Test
provider: locl
engine:
  versoin: "28.5"
pools:
  worker:
    typ: s-4vcpu-8gb
    count: many
  manager: {role: manger, count: 3}
)");
  EXPECT_EQ(problem_lines(checked),
            "2 [Shop/Test] name: expected a name of lower-case letters, digits and '-', a letter first, at most 40 "
            "characters, "
            "found 'Shop/Test'\n"
            "3 [locl] provider: unknown value 'locl', did you mean 'local'?\n"
            "5 [versoin] engine: unknown key 'versoin', did you mean 'version'?\n"
            "8 [typ] pools.worker: unknown key 'typ', did you mean 'type'?\n"
            "9 [many] pools.worker.count: expected a whole number from 0 to 1000, found 'many'\n"
            "10 [manger] pools.manager.role: unknown value 'manger', did you mean 'manager'?\n");
  EXPECT_EQ(checked.problems[3].place.line_text, "    typ: s-4vcpu-8gb");
  EXPECT_EQ(checked.problems[3].place.length, 3);
}

TEST(SpecProblems, Names) {
  const std::string name =
      ": expected a name of lower-case letters, digits and '-', a letter first, at most 40 characters, "
      "found ";
  const std::string host =
      ": expected a host name: lower-case letters, digits and '-' between them, at most 63 characters, found ";
  const auto named = [](const std::string& text) {
    return "skep: 1\nname: " + text + "\nprovider: local\npools: {m: {role: manager, count: 1}}\n";
  };
  const SpecCase cases[] = {
      {named("a/b"), "2 [a/b] name" + name + "'a/b'\n"},
      {named("Abc"), "2 [Abc] name" + name + "'Abc'\n"},
      {named("1a"), "2 [1a] name" + name + "'1a'\n"},
      {named("a b"), "2 [a b] name" + name + "'a b'\n"},
      {named("../x"), "2 [../x] name" + name + "'../x'\n"},
      {named("12"), "2 [12] name" + name + "'12'\n"},
      {named(std::string(41, 'a')),
       "2 [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa] name" + name + "'" + std::string(41, 'a') + "'\n"},
      {named(std::string(40, 'a')), ""},
      {spec_with("{M: {role: manager, count: 1}}"), "4 [M] pools" + host + "'M'\n"},
      {spec_with("{m: {role: manager, nodes: [A, b_c, d]}}"),
       "4 [A] pools.m.nodes" + host + "'A'\n4 [b_c] pools.m.nodes" + host + "'b_c'\n"},
      {three_managers("floating_ips: {Ingress: {pool: m}}\n"), "5 [Ingress] floating_ips" + host + "'Ingress'\n"},
      {spec_with("{" + std::string(60, 'a') + ": {role: manager, count: 1}}"), ""},
      {spec_with("{" + std::string(62, 'a') + ": {role: manager, count: 1}}"),
       "4 [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa] pools." + std::string(62, 'a') +
           ": its node names such as '" + std::string(62, 'a') + "-1' are longer than 63 characters\n"},
  };
  expect_problems(cases);
}

TEST(SpecProblems, Managers) {
  const std::string two =
      "two managers are more fragile than one: both are needed for a majority, so the failure of either stops the "
      "swarm's control\n";
  const auto managers = [](const std::string& count) {
    return spec_with("{m: {role: manager, count: " + count + "}}");
  };
  const SpecCase cases[] = {
      {managers("1"), ""},
      {managers("3"), ""},
      {managers("5"), ""},
      {managers("7"), ""},
      {managers("0"), "4 [0] pools.m.count: 0 managers: a swarm needs at least one manager\n"},
      {spec_with("{w: {count: 3}}"), "4 [pools] pools: 0 managers: a swarm needs at least one manager\n"},
      {managers("2"), "4 [2] pools.m.count: 2 managers: " + two},
      {managers("4"), "4 [4] pools.m.count: 4 managers: 4 managers survive the failure of 1, no more than 3 do\n"},
      {managers("6"), "4 [6] pools.m.count: 6 managers: 6 managers survive the failure of 2, no more than 5 do\n"},
      {managers("9"),
       "4 [9] pools.m.count: 9 managers: more than 7 managers make the swarm slower, because a majority confirms every "
       "change\n"},
      {spec_with("{m: {role: manager, nodes: [a, b]}}"), "4 [nodes] pools.m.nodes: 2 managers: " + two},
      {spec_with("{m: {role: manager, count: 1}, n: {role: manager, count: 1}}"),
       "4 [1] pools.n.count: 2 managers (1 in m, 1 in n): " + two},
      {spec_with("{m: {role: manager, count: 2}, n: {role: manager, count: 1}, w: {count: 0}}"), ""},
      {spec_with("{m: {role: manager, count: 3}, n: {role: manager, count: 0}}"),
       "4 [0] pools.n.count: a pool with role: manager needs at least 1 node\n"},
      // who cannot count does not complain about the count
      {spec_with("{m: {role: manager, count: x}}"),
       "4 [x] pools.m.count: expected a whole number from 0 to 1000, found 'x'\n"},
  };
  expect_problems(cases);
}

TEST(SpecProblems, CountsAndNodes) {
  const SpecCase cases[] = {
      {spec_with("{m: {role: manager}}"), "4 [m] pools.m: says neither 'count' nor 'nodes'\n"},
      {spec_with("{m: {role: manager, count: 1, nodes: [a]}}"),
       "4 [nodes] pools.m.nodes: stands beside 'count': a pool has one or the other\n"},
      {spec_with("{m: {role: manager, count: 1}, w: {count: 1001}}"),
       "4 [1001] pools.w.count: expected a whole number from 0 to 1000, found '1001'\n"},
      {spec_with("{m: {role: manager, count: 1}, w: {count: -1}}"),
       "4 [-1] pools.w.count: expected a whole number from 0 to 1000, found '-1'\n"},
      {spec_with("{m: {role: manager, count: 1}, w: {count: \"2\"}}"),
       "4 [\"2\"] pools.w.count: expected a whole number from 0 to 1000, found '2'\n"},
      {spec_with("{m: {role: manager, count: 1}, w: {nodes: [m-1]}}"),
       "4 [m-1] pools.w.nodes.m-1: node 'm-1' stands for the second time, pool m has one of that name "
       "(cluster.yaml:4)\n"},
      {spec_with("{m: {role: manager, nodes: [a, b, a]}}"),
       "4 [a] pools.m.nodes.a: node 'a' stands for the second time\n"},
      {spec_with("{}"), "4 [pools] pools: is empty: a cluster needs machines\n"},
      {spec_with("[a, b]"), "4 [pools] pools: expected keys and values, found a list\n"},
      {spec_with("{m: {role: manager, count: 1}, w: null}"), "4 [w] pools.w: is empty\n"},
      {spec_with("{m: {role: manager, count: 1}, w: {nodes: {a: null}}}"), "4 [a] pools.w.nodes.a: is empty\n"},
      {spec_with("{m: {role: manager, count: 1}, w: {nodes: {a: {}}}}"), ""},
      {"skep: 1\nname: a\npools: {m: {role: manager, count: 1}, n: {count: 1}}\n",
       "3 [m] pools.m: has no provider, and neither has the whole spec (1 other pool likewise)\n"},
      {"skep: 1\nname: a\npools: {m: {role: manager, count: 1, provider: local}}\n", ""},
      {spec_with("{m: {role: manager, count: 1, spread: true}}"),
       "warning 4 [true] pools.m.spread: there is nothing to spread in a pool of 1 node\n"},
  };
  expect_problems(cases);
}

TEST(SpecProblems, FloatingIps) {
  const SpecCase cases[] = {
      {three_managers("floating_ips: {a: {pool: n}}\n"), "5 [n] floating_ips.a.pool: there is no pool 'n'\n"},
      {three_managers("floating_ips: {a: {}}\n"), "5 [a] floating_ips.a.pool: is missing\n"},
      {spec_with("{manager: {role: manager, count: 1}, w: {count: 0}}",
                 "floating_ips: {a: {pool: manger}, b: {pool: w}}\n"),
       "5 [manger] floating_ips.a.pool: there is no pool 'manger', did you mean 'manager'?\n"
       "5 [w] floating_ips.b.pool: pool 'w' has no node to carry the address\n"},
  };
  expect_problems(cases);
}

TEST(SpecProblems, KeysAndTypes) {
  const SpecCase cases[] = {
      {"name: a\nprovider: local\npools: {m: {role: manager, count: 1}}\n", "skep: is missing\n"},
      {"skep: 1\n", "name: is missing\npools: is missing\n"},
      {"skep: 2\nname: a\nprovider: local\npools: {m: {role: manager, count: 1}}\n",
       "1 [2] skep: expected 1, found '2'\n"},
      {three_managers("nonsense: 1\n"), "5 [nonsense] unknown key 'nonsense'\n"},
      {three_managers("x-own: {a: [1]}\n"), ""},
      {three_managers("engine: {x-own: 1}\n"), "5 [x-own] engine: unknown key 'x-own'\n"},
      {three_managers("ssh: {port: 0}\n"), "5 [0] ssh.port: expected a whole number from 1 to 65535, found '0'\n"},
      {three_managers("ssh: {user: [a]}\n"),
       "5 [user] ssh.user: expected the name of a user, such as root, found a list\n"},
      {three_managers("ssh: hello\n"), "5 [hello] ssh: expected keys and values, found 'hello'\n"},
      {three_managers("engine: {version: 28.5}\n"),
       "5 [28.5] engine.version: expected a version such as 28.5 or 28.5.2, found '28.5'\n"},
      {three_managers("engine: {version: latest}\n"),
       "5 [latest] engine.version: expected a version such as 28.5 or 28.5.2, found 'latest'\n"},
      {three_managers("engine: {source: apt}\n"),
       "5 [apt] engine.source: expected one of docker, distro, found 'apt'\n"},
      {three_managers("location: true\n"),
       "5 [true] location: expected a text that is not empty, or a list of them, found 'true'\n"},
      {three_managers("rollout: {settle: 30}\n"),
       "5 [30] rollout.settle: expected a duration such as 30s, 10m or 2h, found '30'\n"},
      {three_managers("rollout: {max_surge: lots}\n"),
       "5 [lots] rollout.max_surge: expected a number such as 2, or a share such as 25%, found 'lots'\n"},
      {three_managers("network: {range: \"${SECRET}\"}\n"),
       "5 [\"${SECRET}\"] network.range: expected an IPv4 range such as 10.0.0.0/16, found what the variable holds\n"},
      {spec_with("{m: {role: manager, count: 1, spread: yes}}"),
       "4 [yes] pools.m.spread: expected true or false, found 'yes'\n"},
      {spec_with("{m: {role: manager, count: 1, labels: {a: [1]}}}"),
       "4 [a] pools.m.labels.a: expected one line of at most 255 characters, found a list\n"},
      {spec_with("{m: {role: manager, count: 1, labels: {a: }}}"), "4 [a] pools.m.labels.a: is empty\n"},
      {spec_with("{m: {role: manager, count: 1, labels: {-a: x}}}"),
       "4 [-a] pools.m.labels: expected a label: letters, digits, '.', '_', '/' and '-', a letter or digit at both "
       "ends, "
       "at "
       "most 128 characters, found '-a'\n"},
  };
  expect_problems(cases);
}

TEST(SpecProblems, WhatComesLaterIsRefusedAndNeverIgnored) {
  const std::string later = ": is not supported yet\n";
  const SpecCase cases[] = {
      {three_managers("ssh: {bastion: {host: a}}\n"), "5 [bastion] ssh.bastion" + later},
      {three_managers("setup: {packages: [nfs-common]}\n"), "5 [setup] setup" + later},
      {three_managers("networks: {public: {}}\n"), "5 [networks] networks" + later},
      {three_managers("secrets: {a: {env: B}}\n"), "5 [secrets] secrets" + later},
      {three_managers("configs: {a: {file: b}}\n"), "5 [configs] configs" + later},
      {three_managers("stacks: {a: {compose: b}}\n"), "5 [stacks] stacks" + later},
      {three_managers("state: {backend: s3, address: http://x}\n"),
       "5 [http://x] state.address: 'http://x' is no address of the s3 backend\n"},
      {three_managers("state: {backend: http, address: s3://x}\n"),
       "5 [s3://x] state.address: 's3://x' is no address of the http backend\n"},
      {three_managers("state: {address: http://x}\n"),
       "5 [http://x] state.address: the local backend has no address\n"},
      {spec_with("{m: {role: manager, count: 1, setup: {packages: [a]}}}"), "4 [setup] pools.m.setup" + later},
      {spec_with("{m: {role: manager, count: 1, provider: aws}}"),
       "4 [aws] pools.m.provider: 'aws' is not supported yet\n"},
      {spec_with("{m: {role: manager, count: 1, volumes: {v: {size: 1GB, mount: /srv, filesystem: xfs}}}}"),
       "4 [xfs] pools.m.volumes.v.filesystem: 'xfs' is not supported yet\n"},
      // asking for what is anyway so is fine
      {three_managers("swarm: {autolock: false}\nstacks: {}\nfirewall:\nsetup: {}\n"), ""},
  };
  expect_problems(cases);
}

}  // namespace
}  // namespace skep
