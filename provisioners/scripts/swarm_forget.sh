#!/bin/sh
# Takes this host out of a swarm that went on without it; its engine, which may be fenced, is started for that.
set -eu

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
systemctl enable -q docker.socket docker.service 2>/dev/null || true
systemctl reset-failed docker.service 2>/dev/null || true
systemctl start docker.service 9>&- || fail 75 "the engine does not start"
tries=60
until timeout 10 docker version >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the engine was started and does not answer"
  sleep 1
done
message=$(timeout 120 docker swarm leave --force 2>&1 9>&-) || {
  case $message in
    *"not part of a swarm"*) ;;
    *) fail 75 "leaving: $(echo "$message" | tail -n 1)" ;;
  esac
}
state=$(timeout 20 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null || echo unknown)
[ "$state" = inactive ] || fail 75 "after leaving the swarm the engine says \"$state\", not \"inactive\""
rm -f /var/lib/skep/swarm.json
