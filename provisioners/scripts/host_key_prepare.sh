#!/bin/sh
# Makes a host key for later, once, beside the present one, and prints its public half. Nothing uses it yet.
set -eu

[ "$(id -u)" = 0 ] || { echo "this is not root: sudo without a password does not work for this user" >&2; exit 65; }
umask 077
next=/etc/ssh/skep_next_host_key
if [ ! -s "$next.pub" ]; then
  rm -f "$next" "$next.new" "$next.new.pub"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$next.new"
  mv "$next.new" "$next"
  mv "$next.new.pub" "$next.pub"  # last: what has a public half is whole
fi
cut -d ' ' -f 1,2 "$next.pub"
