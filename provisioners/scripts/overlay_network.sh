#!/bin/sh
# On a manager: makes (make) or destroys (destroy) the overlay network of a probe.
set -eu
: "${network:?}" "${change:?}" "${encrypted:?}"

if [ "$change" = make ]; then
  set -- --driver overlay --attachable --label skep=verify
  if [ "$encrypted" = yes ]; then set -- "$@" --opt encrypted; fi
  message=$(timeout 30 docker network create "$@" "$network" 2>&1 >/dev/null) || {
    echo "docker network create: $(echo "$message" | tail -n 1)" >&2
    exit 75
  }
  exit 0
fi
# The network is in use until the last node has told that its container is gone.
tries=20
until message=$(timeout 30 docker network rm "$network" 2>&1); do
  case $message in
    *"not found"* | *"No such network"*) exit 0 ;;
  esac
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "docker network rm: $(echo "$message" | tail -n 1)" >&2; exit 75; }
  sleep 0.5
done
