#!/bin/sh
# Mounts a volume where it is wanted, now and at each boot, before the engine. Only a blank device is formatted.
set -eu
: "${device:?}" "${path:?}" "${filesystem:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
tries=60
until [ -b "$device" ]; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the volume's device $device has not appeared within 60 s"
  sleep 1
done

# Exit 2: blkid found nothing at all. Anything else that is no file system of the wanted type is not ours to touch.
code=0
present=$(blkid -p -o value -s TYPE "$device") || code=$?
if [ "$code" = 2 ] && [ -z "$present" ]; then
  command -v "mkfs.$filesystem" >/dev/null || fail 65 "the host cannot make $filesystem: mkfs.$filesystem is not there"
  case $filesystem in
    ext4) mkfs.ext4 -q "$device" ;;
    *) "mkfs.$filesystem" "$device" >/dev/null ;;
  esac
  present=$filesystem
elif [ "$code" != 0 ] || [ -z "$present" ]; then
  fail 77 "$device is not blank and holds no file system (blkid says $code): it is not formatted"
fi
[ "$present" = "$filesystem" ] || fail 77 "$device holds $present, not $filesystem: it is not formatted"

mkdir -p "$path"
unit=$(systemd-escape --path --suffix=mount "$path")
what=$device
uuid=$(blkid -p -o value -s UUID "$device" || true)
if [ -n "$uuid" ] && [ -e "/dev/disk/by-uuid/$uuid" ]; then what=/dev/disk/by-uuid/$uuid; fi
other=$(findmnt -n -o SOURCE "$path" 2>/dev/null || true)
if [ -n "$other" ] && [ ! -e "/etc/systemd/system/$unit" ]; then
  fail 77 "$other is mounted on $path already, and not by skep"
fi
{
  echo "# skep mounts this volume: changes here are lost"
  printf '[Unit]\nBefore=docker.service containerd.service\nDefaultDependencies=no\nConflicts=umount.target\n'
  printf 'Before=umount.target local-fs.target\n'
  printf '[Mount]\nWhat=%s\nWhere=%s\nType=%s\nOptions=defaults,nofail\n' "$what" "$path" "$filesystem"
  printf '[Install]\nWantedBy=local-fs.target docker.service\n'
} >"/etc/systemd/system/$unit"
systemctl daemon-reload
systemctl enable -q "$unit"
if ! mountpoint -q "$path"; then
  systemctl restart "$unit" 9>&- ||
    fail 75 "mounting $device on $path failed: $(systemctl status "$unit" -n 5 2>&1 | tail -n 1)"
fi
mountpoint -q "$path" || fail 75 "$path is no mount point, though $unit was started"
