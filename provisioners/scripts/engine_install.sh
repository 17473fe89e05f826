#!/bin/sh
# Installs the engine's packages, exactly as named, resumes an installation that was cut off, and starts the engine.
set -eu
: "${packages:?}" "${hold=}" "${conflicts=}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
apt() {
  apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef "$@" 9>&-
}

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# What went wrong, of all that apt and dpkg said: a disk's own trouble first, and their last words only if there is no more.
reason() {
  {
    grep -m 1 -E 'No space left|Read-only file system|Input/output error|Disk quota' "$log" ||
      grep -E '^(E:|dpkg: error)' "$log" | grep -v -m 1 'Sub-process' || tail -n 1 "$log"
  } | sed 's/^ *//'
}

tries=300
until dpkg --force-confold --configure -a >"$log" 2>&1 9>&-; do
  grep -q lock "$log" || fail 65 "dpkg cannot finish an earlier installation: $(reason)"
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the package manager has been busy for 10 min: $(tail -n 1 "$log")"
  sleep 2
done

present=
for package in $conflicts; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$status" = installed ]; then present="$present $package"; fi
done
if [ -n "$present" ]; then
  running=$(timeout 20 docker ps -q 2>/dev/null | wc -l)
  [ "$running" = 0 ] || fail 77 "another engine (${present# }) runs $running containers here; stop them first"
  # shellcheck disable=SC2086  # a list of words
  apt remove --allow-change-held-packages $present >"$log" 2>&1 ||
    fail 65 "apt cannot take out$present: $(reason)"
fi

engine_process() { systemctl show -p MainPID --value docker.service 2>/dev/null || true; }
engine_package() { dpkg-query -W -f '${Package} ${Version}\n' docker.io docker-ce containerd.io 2>/dev/null || true; }
process_before=$(engine_process)
package_before=$(engine_package)

install() {
  # shellcheck disable=SC2086  # a list of words
  apt install --no-install-recommends --allow-change-held-packages $packages >"$log" 2>&1
}
if ! install; then
  # What is not known or not there (any more) may be after an update; a failure of dpkg itself is not tried again.
  grep -qE 'Unable to (locate|fetch|correct)|Failed to fetch|no installation candidate|was not found|404' "$log" ||
    fail 65 "apt cannot install $packages: $(reason)"
  apt update >"$log" 2>&1 || true
  install || fail 75 "apt cannot install $packages: $(reason)"
fi
# shellcheck disable=SC2086  # a list of words
if [ -n "$hold" ]; then apt-mark hold $hold >/dev/null; fi

systemctl enable docker.service >/dev/null 2>&1 || true
action=start
if [ "$(engine_package)" != "$package_before" ] && [ "$(engine_process)" = "$process_before" ]; then
  action=restart  # Debian's package leaves the old engine running
fi
if ! systemctl $action docker.service 9>&-; then
  reason=$(journalctl -u docker.service -t dockerd -n 20 -o cat --no-pager | grep -iE 'fail|error|unable' | tail -n 1)
  fail 65 "the engine does not start: $reason"
fi
tries=60
until timeout 10 docker version >/dev/null 2>"$log"; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail 75 "the engine runs but does not answer: $(tail -n 1 "$log")"
  sleep 1
done
