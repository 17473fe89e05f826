#!/bin/sh
# Makes this host the first manager of a new swarm, and notes before it does so whose swarm it is.
set -eu
: "${address:?}" "${cluster:?}" "${data_path_port:?}" "${pools=}" "${pool_mask:?}" "${autolock=no}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
marker=/var/lib/skep/swarm.json

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"

note="{\"cluster\": \"$cluster\", \"reason\": \"init\"}"
state=$(timeout 20 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) || fail 75 "the engine does not answer"
case $state in
  inactive) ;;
  active)
    grep -qsxF "$note" "$marker" || fail 77 "this host is in a swarm that skep did not make for $cluster"
    exit 0
    ;;
  *) fail 77 "this host is in a swarm already, in the state \"$state\"" ;;
esac

install -d -m 0700 /var/lib/skep
printf '%s\n' "$note" >"$marker.new"
sync "$marker.new"
mv "$marker.new" "$marker"
sync /var/lib/skep

set -- --advertise-addr "$address" --listen-addr "$address:2377" --data-path-addr "$address" \
  --data-path-port "$data_path_port"
for pool in $pools; do set -- "$@" --default-addr-pool "$pool"; done
if [ -n "$pools" ]; then set -- "$@" --default-addr-pool-mask-length "$pool_mask"; fi
if [ "$autolock" = yes ]; then set -- "$@" --autolock; fi
# Its answer shows a join token: nobody needs to see it.
message=$(docker swarm init "$@" 2>&1 >/dev/null) || fail 65 "docker swarm init: $(echo "$message" | tail -n 1)"
