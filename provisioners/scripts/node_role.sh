#!/bin/sh
# On a manager: makes a node a manager (promote) or a worker (demote). It takes effect some seconds later.
set -eu
: "${node:?}" "${change:?}"

case $change in
  promote | demote) ;;
  *) echo "no such change: $change" >&2 && exit 65 ;;
esac
message=$(timeout 30 docker node "$change" "$node" 2>&1) || {
  echo "docker node $change: $(echo "$message" | tail -n 1)" >&2
  exit 75
}
