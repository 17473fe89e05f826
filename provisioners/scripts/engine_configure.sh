#!/bin/sh
# Puts daemon.json (on stdin) in place, checked and with a dated copy of the old one, and has a running engine take it.
set -eu
: "${present_digest:?}" "${memory:?}" "${apply:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
file=/etc/docker/daemon.json

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
mkdir -p /etc/docker
install -d -m 0700 /var/lib/skep

digest=none
if [ -e "$file" ]; then digest=$(sha256sum "$file" | cut -d ' ' -f 1); fi
[ "$digest" = "$present_digest" ] || fail 75 "$file was changed by somebody else just now"

trap 'rm -f "$file.skep-new"' EXIT
cat >"$file.skep-new"
chmod 0644 "$file.skep-new"

# apply=later: an engine of another version starts with it, and this one may not know its keys.
if [ "$apply" != later ] && command -v dockerd >/dev/null && dockerd --help 2>/dev/null | grep -q -- --validate; then
  message=$(dockerd --validate --config-file "$file.skep-new" 2>&1) ||
    fail 65 "the engine does not accept its configuration: $(echo "$message" | tail -n 1)"
fi

is_new=no
copy=
if ! cmp -s "$file" "$file.skep-new"; then
  is_new=yes
  if [ -e "$file" ]; then
    copy=$file.$(date -u +%Y%m%dT%H%M%SZ)
    cp -p "$file" "$copy"
  fi
  mv "$file.skep-new" "$file"
  sync "$file" /etc/docker
  # shellcheck disable=SC2012  # names of our own making
  ls -t "$file".2* 2>/dev/null | tail -n +11 | xargs -r rm -f
fi

put_old_one_back() {
  [ "$is_new" = yes ] || return 0
  if [ -n "$copy" ]; then cp -p "$copy" "$file"; else rm -f "$file"; fi
}

if systemctl is-active -q docker.service; then
  if [ "$apply" = restart ]; then
    systemctl reset-failed docker.service 2>/dev/null || true
    if ! systemctl restart docker.service 9>&-; then
      reason=$(journalctl -u docker.service -t dockerd -n 20 -o cat --no-pager | grep -iE 'fail|error|unable' | tail -n 1)
      put_old_one_back
      systemctl reset-failed docker.service 2>/dev/null || true
      systemctl restart docker.service 9>&- ||
        fail 65 "the engine does not start, not even with its old configuration: $reason"
      fail 65 "the engine does not start with the new configuration, the old one is back: $reason"
    fi
  elif [ "$apply" = reload ] && [ "$is_new" = yes ]; then
    systemctl reload docker.service
  fi
fi

printf '%s\n' "$memory" >/var/lib/skep/engine.json.new
sync /var/lib/skep/engine.json.new
mv /var/lib/skep/engine.json.new /var/lib/skep/engine.json
