# Shared by the end-to-end tests: a folder and a cluster of its own, checks that say what they saw, and a clean end.
# shellcheck shell=bash
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
skep=${SKEP:-$top/build/skep}
export NO_COLOR=1

skip() { echo "SKIPPED: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
step() { echo "--- $* ($(($(date +%s) - begun)) s)"; }

begun=$(date +%s)
[ -x "$skep" ] || fail "$skep is not built"
[ "$(id -u)" = 0 ] || skip "real machines need root"
command -v systemd-nspawn >/dev/null || skip "real machines need systemd-nspawn (package systemd-container)"

folder=$(mktemp -d /tmp/skep-e2e.XXXXXX)
cluster=e$(tr -dc 'a-z0-9' </dev/urandom | head -c 7 || true)
spec=$folder/cluster.yaml
cd "$folder"

# Whatever happened, the computer is left as it was.
clean_up() {
  local code=$?
  trap - EXIT
  if declare -F tear_down >/dev/null; then tear_down || true; fi  # a test's own
  if [ "$code" != 0 ] && [ "$code" != 77 ]; then
    echo "--- failed with $code; the state was:" >&2
    "$skep" state list -f "$spec" >&2 || true
    [ ! -f "$folder/apply.log" ] || { echo "--- the last apply in the background said:"; tail -n 60 "$folder/apply.log"; } >&2
    tail -n 40 /var/lib/skep/local/"$cluster"/*/*log >&2 2>/dev/null || true
  fi
  for child in $(jobs -p); do kill -9 "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ -f "$spec" ]; then
    timeout 120 "$skep" destroy -f "$spec" --auto-approve >"$folder/destroy.log" 2>&1 || {
      tail -n 20 "$folder/destroy.log" >&2
      [ "$code" = 77 ] || code=1
    }
  fi
  cd /
  rm -rf "$folder"
  exit "$code"
}
trap clean_up EXIT

# write_spec MANAGERS WORKERS [MORE YAML]: worker count 0 leaves the pool out.
write_spec() {
  {
    echo "skep: 1"
    echo "name: $cluster"
    echo "provider: local"
    echo "engine: {source: distro}"
    echo "rollout: {drain_timeout: 60s}"
    echo "pools:"
    echo "  manager: {role: manager, count: $1}"
    [ "$2" = 0 ] || echo "  worker: {role: worker, count: $2, labels: {tier: web}}"
    [ -z "${3:-}" ] || printf '%s\n' "$3"
  } >"$spec"
}

apply() { "$skep" apply -f "$spec" --auto-approve; }

# expect_exit CODE COMMAND...: its output goes to $folder/out.
expect_exit() {
  local wanted=$1 code=0
  shift
  "$@" >"$folder/out" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || { cat "$folder/out" >&2; fail "$* ended with $code, not $wanted"; }
}

expect_in_output() { grep -qF -- "$1" "$folder/out" || { cat "$folder/out" >&2; fail "the output lacks: $1"; }; }

expect_empty_plan() {
  expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode
  expect_in_output "No changes."
}

on() { local node=$1; shift; "$skep" ssh -f "$spec" "$node" -- "$@" </dev/null; }

# A small apt repository in the layout of Docker's, with two versions of the engine, served on the cluster's own network:
# sets range, gateway, port and fingerprint. Everything in $folder/repository is served.
serve_docker_repository() {
  local third=$((RANDOM % 200 + 20))
  range=10.219.$third.0/24
  gateway=10.219.$third.1
  "$top/tests/e2e/docker_repository.sh" "$folder/repository" >"$folder/fingerprint" 2>"$folder/repository.log" || {
    cat "$folder/repository.log"
    skip "the repository cannot be made: Debian's packages are out of reach"
  }
  fingerprint=$(cat "$folder/fingerprint")
  "$top/tests/e2e/serve_folder.pl" "$folder/repository" "$gateway" "$folder/port" &
  for _ in $(seq 50); do [ -e "$folder/port" ] && break; sleep 0.1; done
  port=$(cat "$folder/port")
}

swarm_nodes() { on manager-1 docker node ls --format '{{.Hostname}}' | tr -d '\r' | sort -V | xargs; }

expect_nodes() {
  local seen
  seen=$(swarm_nodes)
  [ "$seen" = "$*" ] || fail "the swarm has the nodes '$seen', not '$*'"
}

# One swarm: what each node says it is, is what the manager's list holds.
expect_one_swarm() {
  local listed own
  listed=$(on manager-1 docker node ls -q | tr -d '\r' | sort | xargs)
  own=$("$skep" run -f "$spec" all -- docker info --format '{{.Swarm.NodeID}}' | sed 's/.*| *//' | sort | xargs)
  [ "$listed" = "$own" ] || fail "the manager lists '$listed', the nodes say they are '$own'"
}

# Whether a machine answers at an address, at its SSH port.
answers() { timeout 5 bash -c "exec 3<>/dev/tcp/$1/22"; }

machine_processes() { pgrep -fc "local-machine .*/$cluster/" || true; }

# Nothing of this cluster is on the computer any more.
expect_nothing_left() {
  local left=""
  [ "$(machine_processes)" = 0 ] || left="$left processes: $(pgrep -fa "/$cluster/")"
  if grep -q "/$cluster/" /proc/mounts; then left="$left mounts: $(grep "/$cluster/" /proc/mounts)"; fi
  if ip netns list 2>/dev/null | grep -q "$cluster"; then left="$left namespaces: $(ip netns list)"; fi
  if losetup -a | grep -q "/$cluster/"; then left="$left loops: $(losetup -a)"; fi
  if [ -e "/var/lib/skep/local/$cluster" ]; then left="$left files: $(find "/var/lib/skep/local/$cluster" | head -5)"; fi
  if [ "$(links_and_rules)" != "$before_links_and_rules" ]; then
    left="$left links or rules: $(diff <(echo "$before_links_and_rules") <(links_and_rules) || true)"
  fi
  [ -z "$left" ] || fail "left behind:$left"
}

links_and_rules() {
  ip -o link | sed 's/^[0-9]*: //; s/[@:].*//' | sort
  iptables-save 2>/dev/null | grep -E '^-A' | sort || true
  nft list ruleset 2>/dev/null | grep -E 'skep|table' | sed 's/counter packets [0-9]* bytes [0-9]*//' | sort || true
  find /sys/fs/cgroup -type d -path "*skep*$cluster*" 2>/dev/null | sort || true
}
before_links_and_rules=$(links_and_rules)
