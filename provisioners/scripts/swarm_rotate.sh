#!/bin/sh
# On a manager: a new join token, unlock key or CA. What it is, is shown to nobody.
set -eu
: "${what:?}"

case $what in
  worker-token) set -- join-token --rotate -q worker ;;
  manager-token) set -- join-token --rotate -q manager ;;
  unlock-key) set -- unlock-key --rotate -q ;;
  ca) set -- ca --rotate --detach --quiet ;;
  *) echo "no such thing to rotate: $what" >&2 && exit 65 ;;
esac
message=$(timeout 60 docker swarm "$@" 2>&1 >/dev/null) || {
  case $message in
    *"no unlock key is set"* | *"autolock"*) echo "its managers do not lock: there is no unlock key" >&2 && exit 77 ;;
  esac
  echo "docker swarm $1: $(echo "$message" | tail -n 1)" >&2
  exit 75
}
