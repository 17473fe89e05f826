#!/bin/sh
# On a manager: takes a node off the list. Without force the engine refuses while the node is up or a manager.
set -eu
: "${node:?}" "${force:?}"

set --
if [ "$force" = yes ]; then set -- --force; fi
message=$(timeout 30 docker node rm "$@" "$node" 2>&1) || {
  case $message in
    *"not found"*) exit 0 ;;
  esac
  echo "docker node rm: $(echo "$message" | tail -n 1)" >&2
  exit 75
}
