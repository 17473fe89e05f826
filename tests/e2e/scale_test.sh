#!/bin/bash
# Workers 1 -> 3 -> 2, with the right node leaving; a named node is taken out of the middle; labels follow the spec.
. "$(dirname "$0")/lib.sh"

named() { printf '  db: {role: worker, nodes: [%s]}' "$1"; }

step "one manager, one worker, three named nodes"
write_spec 1 1 "$(named 'db-a, db-b, db-c')"
apply
expect_nodes db-a db-b db-c manager-1 worker-1
expect_empty_plan

step "a service runs on every node"
on manager-1 docker node inspect worker-1 --format '{{.Spec.Labels.tier}}' | grep -q web || fail "the label tier is missing"
on manager-1 docker node inspect worker-1 --format '{{.Spec.Labels.pool}}' | grep -q worker || fail "the label pool is missing"

step "workers 1 -> 3, and the middle named node goes"
write_spec 1 3 "$(named 'db-a, db-c')"
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output "Plan: 2 to add, 0 to change, 1 to destroy."
before=$(on manager-1 docker node ls --format '{{.ID}} {{.Hostname}}' | tr -d '\r' | grep -v db-b | sort)
apply
expect_nodes db-a db-c manager-1 worker-1 worker-2 worker-3
after=$(on manager-1 docker node ls --format '{{.ID}} {{.Hostname}}' | tr -d '\r' | grep -vE 'worker-[23]' | sort)
[ "$before" = "$after" ] || fail "nodes that should have stayed did not: $before / $after"
[ ! -e "/var/lib/skep/local/$cluster/server/db-b" ] || fail "the machine db-b is still there"
expect_empty_plan

step "workers 3 -> 2: worker-3 is drained, leaves and goes; it is no longer in the node list, not even as down"
write_spec 1 2 "$(named 'db-a, db-c')"
apply
expect_nodes db-a db-c manager-1 worker-1 worker-2
expect_empty_plan

step "a label changes in place"
sed -i 's/tier: web/tier: api/' "$spec"
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output "0 to add, 2 to change, 0 to destroy."
apply
on manager-1 docker node inspect worker-1 --format '{{.Spec.Labels.tier}}' | grep -q api || fail "the label did not change"
expect_empty_plan

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
