#!/bin/sh
# On a manager: whether managers lock when their engine restarts. Its answer shows a key: nobody needs to see it.
set -eu
: "${autolock:?}"

case $autolock in
  true | false) ;;
  *) echo "autolock is neither true nor false: $autolock" >&2 && exit 65 ;;
esac
message=$(timeout 30 docker swarm update --autolock="$autolock" 2>&1 >/dev/null) || {
  echo "docker swarm update: $(echo "$message" | tail -n 1)" >&2
  exit 75
}
