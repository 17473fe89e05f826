#!/bin/sh
# Waits until the machine has booted and nobody else installs packages, then gives it its name and checks its address.
set -eu
: "${host_name:?}" "${address:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }

[ "$(id -u)" = 0 ] || fail 65 "this is not root: sudo without a password does not work for this user"
# shellcheck disable=SC1091  # of the host
system=$(. /etc/os-release && echo "${ID:-unknown} ${ID_LIKE:-}")
case " $system " in
  *" debian "* | *" ubuntu "*) ;;
  *) fail 65 "the operating system \"${system%% *}\" is not supported: Debian, Ubuntu and their kin are" ;;
esac
command -v systemctl >/dev/null || fail 65 "the host has no systemd"

state=$(timeout 240 systemctl is-system-running --wait 2>/dev/null || true)
case $state in
  running) ;;
  degraded) echo "warning: failed units: $(systemctl --failed --no-legend --plain | cut -d ' ' -f 1 | xargs)" ;;
  *) fail 75 "the machine has not finished booting after 4 min (systemd says \"${state:-nothing}\")" ;;
esac

if command -v cloud-init >/dev/null && [ ! -e /etc/cloud/cloud-init.disabled ]; then
  code=0
  report=$(timeout 600 cloud-init status --wait --long 2>&1) || code=$?
  case $code in
    0) ;;
    2) echo "warning: cloud-init finished with recoverable errors: $(echo "$report" | tail -n 3 | xargs)" ;;
    124) fail 75 "cloud-init has not finished after 10 min" ;;
    *) fail 65 "cloud-init failed, see /var/log/cloud-init-output.log: $(echo "$report" | tail -n 1)" ;;
  esac
  if [ -d /etc/cloud/cloud.cfg.d ]; then echo 'preserve_hostname: true' >/etc/cloud/cloud.cfg.d/99-skep-hostname.cfg; fi
fi

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"

# Finishes what an interrupted installation left, which also shows whether the package manager is free.
tries=300
until message=$(DEBIAN_FRONTEND=noninteractive dpkg --force-confold --configure -a 2>&1 9>&-); do
  case $message in
    *lock*) ;;
    *) fail 65 "dpkg cannot finish an earlier installation: $(echo "$message" | tail -n 1)" ;;
  esac
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the package manager has been busy for 10 min: $(echo "$message" | tail -n 1)"
  sleep 2
done

case $(cat /etc/machine-id 2>/dev/null || true) in
  '' | uninitialized) systemd-machine-id-setup >/dev/null 2>&1 ;;
esac

if [ "$(cat /proc/sys/kernel/hostname) $(cat /etc/hostname 2>/dev/null)" != "$host_name $host_name" ]; then
  echo "$host_name" >/etc/hostname
  hostname "$host_name"
fi
if ! grep -qsE "^127\.0\.1\.1[[:space:]]+$host_name\$" /etc/hosts; then
  { grep -vsE '^127\.0\.1\.1[[:space:]]' /etc/hosts || true; echo "127.0.1.1 $host_name"; } >/etc/hosts.skep-new
  mv /etc/hosts.skep-new /etc/hosts
fi

found=$(ip -o -4 address show | awk '$2 != "lo" { sub("/.*", "", $4); print $4 }')
echo "$found" | grep -qxF "$address" ||
  fail 65 "the address $address is not on this host, which has $(echo "$found" | xargs)"
install -d -m 0700 /var/lib/skep
