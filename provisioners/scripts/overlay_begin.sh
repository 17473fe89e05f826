#!/bin/sh
# Starts a container on an overlay network for skep verify network, from an image made here of this host's own perl:
# nothing is pulled. Prints the container's address.
set -eu
: "${network:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
command -v perl >/dev/null || fail 65 "the host has no perl"

# perl, its base modules, and the libraries that both need; sleeping is perl's as well.
base=$(perl -e 'print grep { m{/perl-base$} } @INC')
[ -d "$base" ] || fail 65 "the host's perl has no perl-base folder"
# shellcheck disable=SC2046  # a list of paths
libraries=$(ldd /usr/bin/perl $(find "$base" -name Socket.so) | grep -o '/[^ :]*\.so[^ :]*' | grep -vF "$base/" | sort -u)
# shellcheck disable=SC2086  # a list of paths
tar -C / -ch --hard-dereference --absolute-names /usr/bin/perl "$base" $libraries 2>/dev/null |
  timeout 60 docker import --message "skep verify network" - skep-verify:1 >/dev/null 2>&1 9>&- ||
  fail 75 "the image for the probe cannot be made"
docker rm -f "$network" >/dev/null 2>&1 || true
message=$(timeout 90 docker run -d --name "$network" --network "$network" skep-verify:1 \
  /usr/bin/perl -e 'sleep 600' 2>&1 9>&-) || fail 75 "docker run: $(echo "$message" | tail -n 1)"
address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$network")
[ -n "$address" ] || fail 75 "the container has no address"
printf '%s\n' "$address"
