#!/bin/bash
# 1 -> 3 -> 1 managers without losing the swarm; the floating IP answers, moves when its holder leaves, and goes on answering.
. "$(dirname "$0")/lib.sh"

write_spec 1 1 "floating_ips: {ingress: {pool: worker}}"
step "one manager, one worker that holds the address"
apply
address=$("$skep" output -f "$spec" --format dotenv | sed -n 's/^SKEP_FLOATING_IP_INGRESS=//p')
[ -n "$address" ] || fail "no address in: $("$skep" output -f "$spec" --format dotenv)"
answers "$address" || fail "$address does not answer"
cluster_id=$(on manager-1 docker info --format '{{.Swarm.Cluster.ID}}' | tr -d '\r')

step "three managers and two workers"
write_spec 3 2 "floating_ips: {ingress: {pool: worker}}"
apply
expect_nodes manager-1 manager-2 manager-3 worker-1 worker-2
expect_empty_plan

step "the holder's power is cut: the address moves to the other worker, the machine is started again"
pid=$(pgrep -f "local-machine .*/$cluster/.*worker-1$" | head -1)
[ -n "$pid" ] || fail "no supervisor of worker-1"
kill -9 "$pid"
for _ in $(seq 50); do pgrep -f "/$cluster/.*worker-1" >/dev/null || break; sleep 0.1; done
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output worker-1
apply
answers "$address" || fail "$address does not answer after the power cut"
expect_empty_plan

step "back to one manager"
write_spec 1 2 "floating_ips: {ingress: {pool: worker}}"
apply
expect_nodes manager-1 worker-1 worker-2
[ "$(on manager-1 docker info --format '{{.Swarm.Cluster.ID}}' | tr -d '\r')" = "$cluster_id" ] || fail "another swarm"
expect_empty_plan
answers "$address" || fail "$address does not answer at the end"

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
