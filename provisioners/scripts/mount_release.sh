#!/bin/sh
# Unmounts a volume, and no boot mounts it again. Its data stays on it.
set -eu
: "${path:?}"

exec 9>/run/skep.lock
flock -w 600 9 || { echo "another skep has worked on this host for more than 10 min" >&2; exit 75; }
unit=$(systemd-escape --path --suffix=mount "$path")
[ -e "/etc/systemd/system/$unit" ] || exit 0
if mountpoint -q "$path"; then
  systemctl stop "$unit" 2>/dev/null || true
  if mountpoint -q "$path"; then
    echo "$path is in use and cannot be unmounted: see which process with fuser -vm $path" >&2
    exit 75
  fi
fi
systemctl disable -q "$unit"
rm -f "/etc/systemd/system/$unit"
systemctl daemon-reload
rmdir "$path" 2>/dev/null || true
