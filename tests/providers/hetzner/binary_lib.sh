# Shared by the tests of the real binary against the simulated Hetzner Cloud: a folder, a simulator, checks that say what
# they saw, and a clean end. $SKEP and $SIMULATOR are the programs.
# shellcheck shell=bash
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
skep=${SKEP:-$top/build/skep}
simulator=${SIMULATOR:-$top/build/tests/skep_hetzner_simulator}
export NO_COLOR=1
unset HCLOUD_TOKEN HCLOUD_ENDPOINT SKEP_TRACE SSH_AUTH_SOCK

skip() { echo "SKIPPED: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }

folder=$(mktemp -d /tmp/skep-hetzner.XXXXXX)
export HOME=$folder
children=()
clean_up() {
  local code=$?
  trap - EXIT
  if declare -F tear_down >/dev/null; then tear_down || true; fi
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  cd /
  rm -rf "$folder"
  exit "$code"
}
trap clean_up EXIT
cd "$folder"
ssh-keygen -q -t ed25519 -N '' -f key

# start_simulator [OPTIONS]: sets HCLOUD_ENDPOINT, HCLOUD_TOKEN and HCLOUD_TOKEN_READ_ONLY.
start_simulator() {
  rm -f stdin said
  mkfifo stdin
  "$simulator" 0 "$@" <stdin >said &
  children+=($!)
  exec 8>stdin # it serves until this closes
  for _ in $(seq 100); do grep -q HCLOUD_TOKEN= said && break; sleep 0.05; done
  [ -s said ] || fail "the simulator does not start"
  # shellcheck disable=SC1091  # made just now
  . ./said
  export HCLOUD_ENDPOINT HCLOUD_TOKEN
}

# ask METHOD PATH [BODY]: straight to the simulator.
ask() {
  curl -s -X "$1" -H "Authorization: Bearer $HCLOUD_TOKEN" ${3:+-H 'Content-Type: application/json' -d "$3"} "$api$2"
}

count_of() { ask GET "/$1" | python3 -c "import json,sys; print(len(json.load(sys.stdin)['$1']))"; }

# expect_exit CODE COMMAND...: its output goes to ./out.
expect_exit() {
  local wanted=$1 code=0
  shift
  "$@" >out 2>&1 || code=$?
  cat out >>everything_said
  [ "$code" = "$wanted" ] || { cat out >&2; fail "$* ended with $code, not $wanted"; }
}
expect_in_output() { grep -qF -- "$1" out || { cat out >&2; fail "the output lacks: $1"; }; }

kinds="ssh_keys networks firewalls placement_groups servers volumes floating_ips load_balancers"
expect_nothing_left() {
  for kind in $kinds; do
    [ "$(count_of "$kind")" = 0 ] || fail "left at the provider: $(ask GET "/$kind")"
  done
}
