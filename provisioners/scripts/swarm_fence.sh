#!/bin/sh
# Stops the engine of this host, and keeps it stopped over a boot, so that its swarm can do nothing behind our back.
set -eu

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
systemctl disable -q docker.socket docker.service 2>/dev/null || true
systemctl stop docker.socket docker.service || fail 75 "the engine does not stop"
! systemctl is-active -q docker.service || fail 75 "the engine still runs"
