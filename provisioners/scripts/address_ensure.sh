#!/bin/sh
# Puts a floating address on the host, now and at each boot, in the way of its distribution: netplan, ifupdown, or else a
# service of its own.
set -eu
: "${address:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
device=$(ip -o -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
[ -n "$device" ] || fail 75 "the host has no default route: on which device the address belongs cannot be told"

head="# skep keeps this floating address: changes here are lost"
name=60-skep-$address
if [ -d /etc/netplan ] && command -v netplan >/dev/null; then
  umask 077
  printf '%s\nnetwork:\n  version: 2\n  ethernets:\n    %s:\n      addresses: [%s/32]\n' "$head" "$device" "$address" \
    >"/etc/netplan/$name.yaml"
  if ! message=$(netplan generate 2>&1); then
    rm -f "/etc/netplan/$name.yaml"
    fail 65 "netplan refuses the address: $(echo "$message" | tail -n 1)"
  fi
elif [ -d /etc/network/interfaces.d ] && command -v ifup >/dev/null; then
  # one more stanza of a device adds to those before; ifupdown reads only names without dots
  printf '%s\nauto %s\niface %s inet static\n    address %s/32\n' "$head" "$device" "$device" "$address" \
    >"/etc/network/interfaces.d/$(echo "$name" | tr . -)"
else
  printf '%s\n[Unit]\nAfter=network.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\n' "$head" \
    >"/etc/systemd/system/$name.service"
  printf 'ExecStart=/bin/sh -c "ip address replace %s/32 dev %s"\n[Install]\nWantedBy=multi-user.target\n' \
    "$address" "$device" >>"/etc/systemd/system/$name.service"
  systemctl daemon-reload
  systemctl enable -q "$name.service"
fi
ip address replace "$address/32" dev "$device"
install -d -m 0700 /var/lib/skep /var/lib/skep/addresses
echo "$device" >"/var/lib/skep/addresses/$address"
