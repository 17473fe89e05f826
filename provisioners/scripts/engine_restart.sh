#!/bin/sh
# Restarts the engine and waits until it answers.
set -eu

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
systemctl reset-failed docker.service 2>/dev/null || true
systemctl restart docker.service 9>&- || fail 75 "the engine does not start again"
tries=60
until timeout 10 docker version >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the engine was restarted and does not answer"
  sleep 1
done
