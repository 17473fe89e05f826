#!/bin/sh
# Fetches the engine's packages, exactly as named, so that nothing need be fetched while the engine is out of service.
set -eu
: "${packages:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # a list of words
download() { apt install --download-only --no-install-recommends --allow-change-held-packages $packages >"$log" 2>&1; }
if ! download; then
  apt update >"$log" 2>&1 || true
  download || fail 75 "apt cannot fetch $packages: $(grep -E '^E:' "$log" | tail -n 1)"
fi
