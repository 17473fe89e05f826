#!/bin/sh
# The host shows the key that it made itself from now on; the one that came with its user-data is gone.
set -eu
: "${key:?}" "${port:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }

next=/etc/ssh/skep_next_host_key
present=/etc/ssh/ssh_host_ed25519_key
is_wanted() { [ "$(cut -d ' ' -f 1,2 "$1" 2>/dev/null || true)" = "$key" ]; }

if ! is_wanted "$present.pub"; then
  is_wanted "$next.pub" || fail 65 "the host does not have the key that it made: $next.pub was changed"
  if [ -e "$next" ]; then mv -f "$next" "$present"; fi
  chmod 600 "$present"
  chmod 644 "$next.pub"
  mv -f "$next.pub" "$present.pub"
fi
if [ -d /etc/cloud/cloud.cfg.d ]; then
  echo 'ssh_deletekeys: false' >/etc/cloud/cloud.cfg.d/99-skep-host-key.cfg
fi

shows_it() { ssh-keyscan -T 5 -t ed25519 -p "$port" 127.0.0.1 2>/dev/null | cut -d ' ' -f 2,3 | grep -qxF "$key"; }
systemctl reload ssh.service 2>/dev/null || systemctl reload sshd.service || fail 75 "sshd cannot be reloaded"
tries=20
until shows_it; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "sshd does not show its new key"
  sleep 0.5
done
