#!/bin/bash
# From nothing to three managers with a floating IP; everything a first user does; and nothing is left afterwards.
. "$(dirname "$0")/lib.sh"

write_spec 3 0 "floating_ips: {ingress: {pool: manager}}"

step "validate and plan from nothing"
expect_exit 0 "$skep" validate -f "$spec"
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output "to add, 0 to change, 0 to destroy."

step "apply from nothing"
apply

step "the plan afterwards is empty, and so is a second apply"
expect_empty_plan
expect_exit 0 "$skep" apply -f "$spec" --auto-approve
expect_in_output "0 added, 0 changed, 0 destroyed"

step "three machines with systemd, one swarm of three managers"
expect_nodes manager-1 manager-2 manager-3
expect_one_swarm
for node in manager-1 manager-2 manager-3; do
  [ "$(on $node cat /proc/1/comm | tr -d '\r')" = systemd ] || fail "PID 1 of $node is not systemd"
done
[ "$(on manager-1 docker node ls --format '{{.ManagerStatus}}' | grep -cE 'Leader|Reachable')" = 3 ] || fail "not three managers"

step "status, output, graph"
expect_exit 0 "$skep" status -f "$spec"
expect_in_output manager-3
expect_exit 0 "$skep" status -f "$spec" --json
expect_exit 0 "$skep" output -f "$spec"
floating=$("$skep" output -f "$spec" --json | sed -n 's/.*"address": *"\([0-9.]*\)".*/\1/p' | sort -u)
[ -n "$floating" ] || fail "no addresses in the output"
expect_exit 0 "$skep" graph -f "$spec"

step "a command on all nodes, its exit code counts"
expect_exit 0 "$skep" run -f "$spec" all -- docker info
expect_exit 1 "$skep" run -f "$spec" manager-2 -- false

step "destroy, and nothing is left"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
