#!/bin/bash
# The engine from Docker's repository (a small one of our own making): another key is refused, the exact version is
# installed and held, a prefix is resolved once, a newer version is an upgrade in place, an older one is refused.
. "$(dirname "$0")/lib.sh"

# write_engine VERSION FINGERPRINT [DAEMON]: one manager with this engine.
write_engine() {
  cat >"$spec" <<YAML
skep: 1
name: $cluster
provider: local
network: {range: $range}
swarm: {address_pool: 172.30.0.0/16}
engine:
  source: docker
  version: "$1"
  repository: {url: "http://$gateway:$port"${2:+, key_fingerprint: $2}}
  daemon: {${3:-}}
pools: {manager: {role: manager, count: 1}}
YAML
}

# shellcheck disable=SC2016  # the fields are dpkg's own
package() { on manager-1 dpkg-query -W -f '${db:Status-Want} ${Version}' "$1"; }
expect_package() {
  local seen
  seen=$(package "$1")
  [ "$seen" = "$2" ] || fail "$1 is '$seen', not '$2'"
}

step "a repository of our own"
serve_docker_repository

step "a key with another fingerprint is refused, and nothing is installed"
write_engine 20.10.23 ""
expect_exit 1 "$skep" apply -f "$spec" --auto-approve
expect_in_output "has the fingerprint $fingerprint, not 9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
on manager-1 sh -c 'test ! -e /etc/apt/sources.list.d/docker.sources' || fail "the repository was added all the same"

step "the exact version is installed and held"
write_engine 20.10.23 "$fingerprint"
apply
expect_package docker-ce "hold 5:20.10.23-1~debian.12~bookworm"
expect_package docker-ce-cli "hold 5:20.10.23-1~debian.12~bookworm"
expect_package containerd.io "hold 1.6.20-1"
expect_empty_plan

step "a prefix that the version fits changes nothing on the host"
write_engine 20.10 "$fingerprint"
apply
expect_package docker-ce "hold 5:20.10.23-1~debian.12~bookworm"
expect_empty_plan

step "a newer version is installed in place, and the swarm goes on"
node_id=$(on manager-1 docker info --format '{{.Swarm.NodeID}}')
write_engine 20.10.24 "$fingerprint"
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output "0 to add, 1 to change, 0 to destroy."
apply
expect_package docker-ce "hold 5:20.10.24-1~debian.12~bookworm"
on manager-1 docker version --format '{{.Server.Version}}' | grep -q '20\.10\.24' || fail "the old engine still runs"
[ "$(on manager-1 docker info --format '{{.Swarm.NodeID}}')" = "$node_id" ] || fail "the node is another one"
expect_empty_plan

step "an older version is refused, a version that is not there too"
write_engine 20.10.23 "$fingerprint"
expect_exit 1 "$skep" apply -f "$spec" --auto-approve
expect_in_output "is not taken back by itself"
write_engine 29 "$fingerprint"
expect_exit 1 "$skep" apply -f "$spec" --auto-approve
expect_in_output "it offers 20.10.24, 20.10.23"

step "a configuration that the engine does not bear is taken back"
write_engine 20.10.24 "$fingerprint" "log-opts: {max-sizee: 5m}"
expect_exit 1 "$skep" apply -f "$spec" --auto-approve
expect_in_output "max-sizee"
on manager-1 docker info >/dev/null || fail "the engine does not run any more"
write_engine 20.10.24 "$fingerprint" "log-opts: {max-size: 5m}"
apply
expect_empty_plan

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
