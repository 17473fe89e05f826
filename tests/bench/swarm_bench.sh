#!/bin/bash
# Real swarms of 3 and of 10 nodes from a warm base image: how long until the status is green, which steps decided it,
# how long an empty plan and the destruction take. Everything is made and destroyed here.
set -euo pipefail
skep=$(realpath "${1:?usage: swarm_bench.sh SKEP}")
[ "$(id -u)" = 0 ] || { echo "skipped: real machines need root"; exit 0; }
folder=$(mktemp -d /tmp/skep-bench.XXXXXX)
clean_up() {
  local spec
  for spec in "$folder"/*.yaml; do "$skep" destroy -f "$spec" --auto-approve >/dev/null 2>&1 || true; done
  rm -rf "$folder"
}
trap clean_up EXIT
export NO_COLOR=1

# quietly COMMAND...: what it says on stderr is shown only when it fails
quietly() { "$@" 2>"$folder/errors" || { cat "$folder/errors" >&2; return 1; }; }
now() { date +%s%N; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b - a) / 1e9}'; }
row() { printf '%-52s %8s s   goal %s\n' "$1" "$2" "$3"; }

spec_of() {  # NAME MANAGERS WORKERS
  printf 'skep: 1\nname: %s\nprovider: local\nengine: {source: distro}\npools:\n  manager: {role: manager, count: %s}\n' "$1" "$2"
  [ "$3" = 0 ] || printf '  worker: {role: worker, count: %s}\n' "$3"
  printf 'floating_ips: {ingress: {pool: manager}}\n'
}

# The first machine ever made here also makes the base image: not part of the figures.
spec_of benchwarm 1 0 >"$folder/warm.yaml"
quietly "$skep" apply -f "$folder/warm.yaml" --auto-approve >/dev/null
quietly "$skep" destroy -f "$folder/warm.yaml" --auto-approve >/dev/null

measure() {  # MANAGERS WORKERS GOAL_APPLY GOAL_DESTROY
  local total=$(($1 + $2)) spec=$folder/bench$1-$2.yaml begun ended
  spec_of "bench$1-$2" "$1" "$2" >"$spec"
  begun=$(now)
  quietly "$skep" apply -f "$spec" --auto-approve >"$folder/log"
  "$skep" status -f "$spec" >"$folder/status"
  ended=$(now)
  row "$total nodes ($1 managers): from nothing to green status" "$(seconds "$begun" "$ended")" "$3"
  grep -iA12 'slowest path' "$folder/log" | sed 's/^/    /' || true
  for _ in 1 2 3 4 5; do
    begun=$(now)
    quietly "$skep" plan -f "$spec" >"$folder/plan"
    ended=$(now)
    seconds "$begun" "$ended"
    echo
  done | sort -n | sed -n 3p >"$folder/median"
  grep -q 'No changes' "$folder/plan" || { cat "$folder/plan"; echo "the plan after apply is not empty"; exit 1; }
  row "$total nodes: plan with nothing to do (median of 5)" "$(cat "$folder/median")" "1"
  begun=$(now)
  quietly "$skep" destroy -f "$spec" --auto-approve >/dev/null
  ended=$(now)
  row "$total nodes: destroy" "$(seconds "$begun" "$ended")" "$4"
}

measure 3 0 25 3
measure 3 7 60 3
