#!/bin/sh
# On a manager: sets and takes away labels of a node (lines of KEY=VALUE, lines of KEY), and its availability.
set -eu
: "${node:?}" "${availability=}" "${labels=}" "${labels_gone=}"

set --
if [ -n "$availability" ]; then set -- "$@" --availability "$availability"; fi
newline='
'
IFS=$newline
set -f
for label in $labels; do set -- "$@" --label-add "$label"; done
for label in $labels_gone; do set -- "$@" --label-rm "$label"; done
[ $# -gt 0 ] || exit 0
message=$(timeout 30 docker node update "$@" "$node" 2>&1) || {
  echo "docker node update: $(echo "$message" | tail -n 1)" >&2
  exit 75
}
