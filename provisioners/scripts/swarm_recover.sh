#!/bin/sh
# Makes a swarm of one manager out of this one, which keeps its services, secrets and workers. For a lost quorum only.
set -eu
: "${address:?}" "${node:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
[ "$(timeout 20 docker info --format '{{.Swarm.NodeID}}' 2>/dev/null)" = "$node" ] ||
  fail 75 "the engine does not answer, or is no longer the node $node"

begin() { timeout 120 docker swarm init --force-new-cluster --advertise-addr "$address" 2>&1 >/dev/null 9>&-; }
message=$(begin) || {
  case $message in
    *"not a swarm manager"*)
      # A demotion that was cut off: the engine learns after a restart that it is a manager still (moby#34384).
      systemctl restart docker.service 9>&- || fail 75 "the engine does not start again"
      message=$(begin) || fail 75 "docker swarm init --force-new-cluster: $(echo "$message" | tail -n 1)"
      ;;
    *) fail 75 "docker swarm init --force-new-cluster: $(echo "$message" | tail -n 1)" ;;
  esac
}
