#!/bin/sh
# Prints which versions of packages apt could install, newest first: lines of PACKAGE VERSION.
set -eu
: "${packages:?}"

list() {
  # shellcheck disable=SC2086  # a list of words
  apt-cache madison $packages 2>/dev/null | awk -F '|' '{ gsub(/ /, ""); print $1 " " $2 }'
}
found=$(list)
if [ -z "$found" ]; then
  apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update >/dev/null 2>&1 || true
  found=$(list)
fi
printf '%s\n' "$found"
