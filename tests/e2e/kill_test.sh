#!/bin/bash
# kill -9 of skep while machines are made, while packages are installed, while nodes join: the next apply goes on from
# there, with one machine a node, one swarm, and an empty plan. A power cut during apply. Destroy after a crash.
. "$(dirname "$0")/lib.sh"

write_spec 1 2

trials=0
# kill_when PATTERN: starts an apply and kills it a moment after its log shows the pattern.
kill_when() {
  "$skep" apply -f "$spec" --auto-approve >"$folder/apply.log" 2>&1 &
  local pid=$!
  for _ in $(seq 1200); do
    if grep -qE "$1" "$folder/apply.log"; then break; fi
    kill -0 $pid 2>/dev/null || break
    sleep 0.05
  done
  sleep "${2:-0.3}"
  kill -9 $pid 2>/dev/null || { cat "$folder/apply.log"; fail "apply had ended before '$1' was seen"; }
  wait $pid 2>/dev/null || true
  trials=$((trials + 1))
}

expect_all_well() {
  expect_nodes manager-1 worker-1 worker-2
  expect_one_swarm
  [ "$(machine_processes)" = 3 ] || fail "$(machine_processes) machines, not 3"
  expect_empty_plan
}

step "killed while machines are made"
kill_when 'server/worker-1.*(creat|start)' 0.2

step "killed while packages are installed"
kill_when 'engine/worker-1.*(creat|start)' 2

step "killed while nodes join"
kill_when 'swarm_node/worker-1.*(creat|start)' 0.3

step "a last apply ends well"
apply
expect_all_well
expect_exit 0 "$skep" state history -f "$spec"
expect_in_output killed

step "a machine loses its power during apply: the next run starts it again"
write_spec 1 3
"$skep" apply -f "$spec" --auto-approve >"$folder/apply.log" 2>&1 &
apply_pid=$!
for _ in $(seq 600); do grep -qE 'engine/worker-3.*(creat|start)' "$folder/apply.log" && break; sleep 0.05; done
sleep 1
pid=$(pgrep -f "local-machine .*/$cluster/.*worker-3$" | head -1)
kill -9 "$pid"
code=0
wait $apply_pid || code=$?
[ "$code" = 1 ] || { cat "$folder/apply.log"; fail "apply over a power cut ended with $code, not 1"; }
grep -q 'worker-3' "$folder/apply.log" || fail "the failure does not name worker-3"
apply
expect_nodes manager-1 worker-1 worker-2 worker-3
expect_empty_plan

step "Ctrl-C stops early with 5, and the next run goes on"
write_spec 1 1
apply
write_spec 1 3
"$skep" apply -f "$spec" --auto-approve >"$folder/apply.log" 2>&1 &
apply_pid=$!
for _ in $(seq 600); do grep -qE 'server/worker-2.*(creat|start)' "$folder/apply.log" && break; sleep 0.05; done
kill -TERM $apply_pid
code=0
wait $apply_pid || code=$?
[ "$code" = 5 ] || { cat "$folder/apply.log"; fail "an interrupted apply ended with $code, not 5"; }
apply
expect_nodes manager-1 worker-1 worker-2 worker-3
expect_empty_plan

step "destroy after a crash"
write_spec 1 5
kill_when 'server/worker-5.*(creat|start)' 0.1
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
echo "$trials trials with kill -9, one power cut, one Ctrl-C on real machines: no machine, node or file too many, plans empty"
