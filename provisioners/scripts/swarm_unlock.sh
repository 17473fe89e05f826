#!/bin/sh
# Unlocks this manager with the key on stdin; one that is not locked stays as it is.
set -eu

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
state=$(timeout 20 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) || fail 75 "the engine does not answer"
case $state in
  locked) ;;
  active | pending) exit 0 ;;
  *) fail 77 "there is nothing to unlock: this host is in no swarm ($state)" ;;
esac
message=$(timeout 60 docker swarm unlock 2>&1 9>&-) && exit 0
case $message in
  *"invalid key"*) fail 65 "this is not the key of this manager" ;;
esac
# The engine waits for a quorum, which may need other managers unlocked: this one has taken the key.
state=$(timeout 20 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) || fail 75 "the engine does not answer"
[ "$state" != locked ] || fail 75 "docker swarm unlock: $(echo "$message" | tail -n 1)"
