#!/bin/sh
# Whether the engine that runs here would accept a daemon.json (on stdin), as far as it can tell. Changes nothing.
set -eu
command -v dockerd >/dev/null && dockerd --help 2>/dev/null | grep -q -- --validate || exit 0
file=$(mktemp)
trap 'rm -f "$file"' EXIT
cat >"$file"
message=$(dockerd --validate --config-file "$file" 2>&1) || {
  echo "the engine would not accept its configuration: $(echo "$message" | tail -n 1)" >&2
  exit 65
}
