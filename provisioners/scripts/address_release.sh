#!/bin/sh
# Takes a floating address from the host, and no boot brings it back.
set -eu
: "${address:?}"

exec 9>/run/skep.lock
flock -w 600 9 || { echo "another skep has worked on this host for more than 10 min" >&2; exit 75; }
memory=/var/lib/skep/addresses/$address
[ -e "$memory" ] || exit 0
name=60-skep-$address
if [ -e "/etc/systemd/system/$name.service" ]; then systemctl disable -q "$name.service"; fi
rm -f "/etc/netplan/$name.yaml" "/etc/network/interfaces.d/$(echo "$name" | tr . -)" "/etc/systemd/system/$name.service"
systemctl daemon-reload
ip address delete "$address/32" dev "$(cat "$memory")" 2>/dev/null || true
rm -f "$memory"
