#!/bin/sh
# Takes this host out of its swarm. Without force the engine refuses where it is a manager.
set -eu
: "${force:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
if command -v docker >/dev/null; then
  set --
  if [ "$force" = yes ]; then set -- --force; fi
  if ! message=$(timeout 120 docker swarm leave "$@" 2>&1); then
    case $message in
      *"not part of a swarm"*) ;;
      *"is participating as a manager"* | *"last manager"*) fail 77 "leaving: $(echo "$message" | head -n 1)" ;;
      *) fail 75 "leaving: $(echo "$message" | tail -n 1)" ;;
    esac
  fi
  state=$(timeout 20 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null || echo unknown)
  [ "$state" = inactive ] || fail 75 "after leaving the swarm the engine says \"$state\", not \"inactive\""
fi
rm -f /var/lib/skep/swarm.json
