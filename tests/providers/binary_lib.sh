# Shared by the tests of the real binary against simulated clouds: a folder, a simulator, the provider's own document as
# judge, checks that say what they saw, and a clean end. $SKEP and $SIMULATOR are the programs; whoever sources this has
# set `cloud` (hetzner, digitalocean) and `kinds` (what may be left at the provider).
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
skep=${SKEP:-$top/build/skep}
simulator=${SIMULATOR:-$top/build/tests/skep_${cloud}_simulator}
export NO_COLOR=1
unset HCLOUD_TOKEN HCLOUD_ENDPOINT DIGITALOCEAN_TOKEN DIGITALOCEAN_ENDPOINT SKEP_TRACE SSH_AUTH_SOCK

skip() { echo "SKIPPED: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }

folder=$(mktemp -d "/tmp/skep-$cloud.XXXXXX")
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

# start_simulator [OPTIONS]: sets what it prints (its URL and two tokens), and `api` and `token` for ask().
start_simulator() {
  rm -f stdin said
  mkfifo stdin
  "$simulator" 0 "$@" <stdin >said &
  children+=($!)
  exec 8>stdin # it serves until this closes
  for _ in $(seq 100); do grep -q _TOKEN= said && break; sleep 0.05; done
  [ -s said ] || fail "the simulator does not start"
  # shellcheck disable=SC1091  # made just now
  . ./said
  case $cloud in
    hetzner) export HCLOUD_ENDPOINT HCLOUD_TOKEN; api=$HCLOUD_ENDPOINT token=$HCLOUD_TOKEN ;;
    digitalocean)
      export DIGITALOCEAN_TOKEN DIGITALOCEAN_ENDPOINT=$DIGITALOCEAN_API_URL
      api=$DIGITALOCEAN_API_URL/v2 token=$DIGITALOCEAN_TOKEN
      ;;
  esac
}

# With PRISM=1: prepare_judge before anything is started, start_judge URL after the simulator (it stands behind it); then
# $judged is the address to use. expect_no_violations METHOD URL BODY: of that wrong request it must complain.
specs=${SKEP_API_SPECS:-$top/../shared/api}
prepare_judge() {
  [ -f "$specs/$cloud.closed.openapi.json" ] || skip "no specifications in $specs: set SKEP_API_SPECS"
  prism=${PRISM_FOLDER:-$top/build/prism}/node_modules/.bin/prism
  [ ! -x "$prism" ] || return 0
  command -v npm >/dev/null || skip "npm is not installed (package npm)"
  mkdir -p "${prism%/node_modules*}"
  npm install --no-audit --no-fund --prefix "${prism%/node_modules*}" @stoplight/prism-cli@5.14.2 >npm.log 2>&1 ||
    skip "Prism cannot be installed: $(tail -n 1 npm.log)"
}
start_judge() {
  local port=$((20000 + $$ % 20000))
  # its own document names the provider's address; the simulator stands behind it
  "$prism" proxy -h 127.0.0.1 -p $port "$specs/$cloud.closed.openapi.json" "$1" --errors >prism.log 2>&1 &
  children+=($!)
  for _ in $(seq 600); do grep -q "is listening" prism.log && break; sleep 0.1; done
  grep -q "is listening" prism.log || fail "Prism does not start: $(tail -n 3 prism.log)"
  judged=http://127.0.0.1:$port
}
expect_no_violations() {
  local complaint="Violation|Request terminated with error" violations exchanges
  violations=$(grep -cE "$complaint" prism.log || true)
  exchanges=$(grep -c "Request received" prism.log || true)
  [ "$violations" = 0 ] || { grep -E "$complaint" prism.log | head -20 >&2; fail "$violations violations"; }
  [ "$exchanges" -gt 100 ] || fail "Prism saw only $exchanges exchanges"
  # a judge that never complains proves nothing
  curl -s -o /dev/null -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$3" "$2"
  for _ in $(seq 50); do grep -qE "$complaint" prism.log && break; sleep 0.1; done
  grep -qE "$complaint" prism.log || fail "Prism does not notice a wrong request"
  echo "Prism saw $exchanges exchanges and no violation of the provider's document"
}

# wrong WHAT SED_SCRIPT MESSAGE...: the plan of the changed $spec is refused.
wrong() {
  local what=$1 script=$2
  shift 2
  sed "$script" "$spec" >wrong.yaml
  ! cmp -s "$spec" wrong.yaml || fail "$what: the example has changed, $script finds nothing"
  expect_exit 1 "$skep" plan -f wrong.yaml
  for message in "$@"; do expect_in_output "$message"; done
}

# expect_no_secret SECRET...: neither in the trace nor in anything that was printed or written.
expect_no_secret() {
  [ "$(stat -c %a trace.jsonl)" = 600 ] || fail "others may read the trace"
  [ "$(wc -l <trace.jsonl)" -gt 100 ] || fail "the trace has only $(wc -l <trace.jsonl) lines"
  grep -q '"user_data":"\*\*\*"' trace.jsonl || fail "the trace lacks the orders of servers"
  for secret in "$@"; do
    ! grep -rqF -- "$secret" trace.jsonl everything_said .skep saved.json state.json ||
      fail "a secret shows: ${secret:0:8}..."
  done
}

# ask METHOD PATH [BODY]: straight to the simulator.
ask() {
  curl -s -X "$1" -H "Authorization: Bearer $token" ${3:+-H 'Content-Type: application/json' -d "$3"} "$api$2"
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

expect_nothing_left() {
  for kind in $kinds; do
    [ "$(count_of "$kind")" = 0 ] || fail "left at the provider: $(ask GET "/$kind")"
  done
}
