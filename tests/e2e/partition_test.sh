#!/bin/bash
# Machines that are cut off by a rule at the bridge, with all that runs on them: whoever goes is off before its node is taken
# off the list, so that nothing is written twice; a manager that is cut off is replaced.
. "$(dirname "$0")/lib.sh"

tear_down() { nft delete table bridge "cut_$cluster" 2>/dev/null || true; }

# link NODE: the link at the bridge that leads to it.
link() { ip -o link | sed -n "s/^[0-9]*: \([^@:]*\)@.* link-netns $cluster-$1-.*/\1/p"; }

# cut_off NODE: no frame comes from it or gets to it, neither from the other machines nor from this computer.
cut_off() {
  local link
  link=$(link "$1")
  [ -n "$link" ] || fail "no link of $1: $(ip -o link)"
  nft -f - <<RULES
table bridge cut_$cluster {
  chain between { type filter hook forward priority 0; }
  chain from { type filter hook input priority 0; }
  chain to { type filter hook output priority 0; }
}
add rule bridge cut_$cluster between iifname "$link" drop
add rule bridge cut_$cluster between oifname "$link" drop
add rule bridge cut_$cluster from iifname "$link" drop
add rule bridge cut_$cluster to oifname "$link" drop
RULES
  ! answers "$("$skep" output -f "$spec" --json | address_of "$1")" 2>/dev/null || fail "$1 still answers"
}
address_of() { python3 -c 'import json,sys
print(next(n["address"] for n in json.load(sys.stdin)["nodes"] if n["name"] == sys.argv[1]))' "$1"; }

# wait_for WORD NODE: until manager-1 lists the node with it.
wait_for() {
  for _ in $(seq 120); do
    on manager-1 docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}' | grep -q "^$2 .*$1" && return
    sleep 0.5
  done
  fail "$2 is not $1: $(on manager-1 docker node ls)"
}

# Processes of the service in this machine, as the computer sees them.
service_processes() {
  local pid
  for pid in $(pgrep -f '^/usr/bin/sleep 4217$'); do
    if grep -q "$cluster-$1-" "/proc/$pid/cgroup" 2>/dev/null; then echo "$pid"; fi
  done
}

write_spec 3 2
step "three managers, two workers, a service on each worker"
apply
"$skep" run -f "$spec" worker -- 'tar -C / -ch --absolute-names /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o "/[^ ]*") | docker import - sleeper >/dev/null'
on manager-1 docker service create --quiet --no-resolve-image --name writer --mode global --constraint node.labels.tier==web \
  sleeper /usr/bin/sleep 4217 >/dev/null
[ -n "$(service_processes worker-2)" ] || fail "the service does not run on worker-2"

step "worker-2 is cut off: the managers see it down, and its container goes on"
cut_off worker-2
wait_for Down worker-2
[ -n "$(service_processes worker-2)" ] || fail "the container on worker-2 has ended by itself"

step "worker-2 goes: its container has ended before its node is off the list"
write_spec 3 1
(
  while sleep 0.1; do
    listed=$(on manager-1 docker node ls --format '{{.Hostname}}' | grep -c worker-2 || true)
    echo "$listed $(service_processes worker-2 | wc -l)" >>"$folder/seen"
  done
) &
watcher=$!
expect_exit 0 "$skep" apply -f "$spec" --auto-approve
expect_in_output "worker-2 is silent and may still run containers: it is turned off first"
sleep 1
kill "$watcher"
echo "    listed and processes, as they went: $(uniq "$folder/seen" | paste -sd , | sed 's/,/, /g')"
grep -q '^1 1' "$folder/seen" || fail "nobody looked in time"
! grep -q '^0 [1-9]' "$folder/seen" || fail "the container still ran when the node was off the list"
expect_nodes manager-1 manager-2 manager-3 worker-1
tear_down
expect_empty_plan

step "manager-3 is cut off and replaced: it is off first, and three managers have one swarm in the end"
cut_off manager-3
wait_for Unreachable manager-3
expect_exit 0 "$skep" apply -f "$spec" --auto-approve -replace manager-3
expect_in_output "manager-3 is silent and may still run containers: it is turned off first"
tear_down
expect_nodes manager-1 manager-2 manager-3-g2 worker-1
expect_one_swarm
expect_empty_plan

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
