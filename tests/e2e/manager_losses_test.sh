#!/bin/bash
# 1 -> 3 -> 5 -> 3 -> 1 managers, and three times a manager loses its power while the apply is at it: one that joins, one
# that stays, one that goes. The swarm stays the same one, and the next applies end as the first would have.
. "$(dirname "$0")/lib.sh"

cluster_id() { on manager-1 docker info --format '{{.Swarm.Cluster.ID}}' | tr -d '\r'; }

# lose NODE PATTERN: starts an apply, and cuts the node's power when the log shows the pattern.
lose() {
  "$skep" apply -f "$spec" --auto-approve >"$folder/apply.log" 2>&1 &
  local apply_pid=$! code=0 pid
  for _ in $(seq 2400); do
    grep -qE "$2" "$folder/apply.log" && break
    kill -0 $apply_pid 2>/dev/null || { cat "$folder/apply.log"; fail "apply had ended before '$2' was seen"; }
    sleep 0.05
  done
  pid=$(pgrep -f "local-machine .*/$cluster/.*$1$" | head -1)
  [ -n "$pid" ] || fail "no supervisor of $1"
  kill -9 "$pid"
  wait $apply_pid || code=$?
  echo "apply ended with $code"
  [ "$code" = 0 ] || [ "$code" = 1 ] || { cat "$folder/apply.log"; fail "apply over the loss of $1 ended with $code"; }
}

# come_through MANAGERS: at most three applies, and all is as the spec says, in the same swarm.
come_through() {
  local names
  names=$(seq -f 'manager-%g' -s ' ' "$1")
  for attempt in 1 2 3; do
    if apply >"$folder/repair.log" 2>&1; then break; fi
    [ "$attempt" != 3 ] || { cat "$folder/repair.log"; fail "three applies did not mend it"; }
  done
  # shellcheck disable=SC2086  # a list of names
  expect_nodes $names
  local reachable
  reachable=$(on manager-1 docker node ls --format '{{.ManagerStatus}}' | grep -cE 'Leader|Reachable')
  [ "$reachable" = "$1" ] || fail "$reachable managers are reachable, not $1"
  [ "$(cluster_id)" = "$first_id" ] || fail "it is another swarm"
  expect_one_swarm
  expect_empty_plan
}

step "one manager"
write_spec 1 0
apply
first_id=$(cluster_id)

step "three managers; one is lost while it joins"
write_spec 3 0
lose manager-3 'swarm_node/manager-3.*(creat|start)'
come_through 3

step "five managers; one that stays is lost while others join"
write_spec 5 0
lose manager-2 'swarm_node/manager-[45].*(creat|start)'
come_through 5

step "three managers; one that goes is lost while another goes"
write_spec 3 0
lose manager-5 'swarm_manager/manager-4.*destroy'
come_through 3

step "back to one manager"
write_spec 1 0
come_through 1

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
