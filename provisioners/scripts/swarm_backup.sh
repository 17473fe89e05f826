#!/bin/sh
# Stops the engine of this manager, archives its swarm state whole, and starts it again whatever happened in between.
# Prints the size and the SHA-256 of the archive, which stays for swarm_backup_part to fetch.
set -eu
: "${node:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
archive=/var/lib/docker/skep-backup.tar.gz

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
[ "$(timeout 20 docker info --format '{{.Swarm.NodeID}}' 2>/dev/null)" = "$node" ] ||
  fail 75 "the engine does not answer, or is no longer the node $node"
used=$(du -sk /var/lib/docker/swarm | cut -f 1)
free=$(df -Pk /var/lib/docker | awk 'NR == 2 { print $4 }')
[ "$free" -gt "$used" ] || fail 75 "there is no room for the archive: $used KiB are needed, $free KiB are free"

start() {
  systemctl start docker.socket 9>&- 2>/dev/null || true
  systemctl reset-failed docker.service 2>/dev/null || true
  systemctl start docker.service 9>&- || fail 75 "the engine does not start again"
}
umask 077
rm -f "$archive"
trap 'start; rm -f "$archive"' EXIT
trap 'exit 75' HUP INT TERM PIPE
systemctl stop docker.socket docker.service || fail 75 "the engine does not stop"
set -- -C /var/lib/docker swarm
if [ -e /var/lib/skep/swarm.json ]; then set -- "$@" -C /var/lib/skep swarm.json; fi
tar --numeric-owner --sparse -czf "$archive" "$@" || fail 75 "the swarm state cannot be archived"
start
trap - EXIT

tries=60
until timeout 10 docker version >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the engine was started again and does not answer"
  sleep 1
done
printf '%s %s\n' "$(stat -c %s "$archive")" "$(sha256sum "$archive" | cut -d ' ' -f 1)"
