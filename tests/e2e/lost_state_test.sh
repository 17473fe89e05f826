#!/bin/bash
# The state file is lost: the next apply finds what exists by its owner labels, adopts what the spec wants, destroys what
# it no longer wants, and touches no other cluster on this computer.
. "$(dirname "$0")/lib.sh"

step "a cluster, and another one beside it"
write_spec 1 2
apply
neighbour=$folder/neighbour/cluster.yaml
mkdir "$folder/neighbour"
printf 'skep: 1\nname: %sb\nprovider: local\nengine: {source: distro}\npools: {node: {role: manager, count: 1}}\n' "$cluster" >"$neighbour"
tear_down() { timeout 60 "$skep" destroy -f "$neighbour" --auto-approve >/dev/null 2>&1; }
"$skep" apply -f "$neighbour" --auto-approve >/dev/null
before=$(on manager-1 docker node ls --format '{{.ID}} {{.Hostname}}' | tr -d '\r' | grep -v worker-2 | sort)

step "the state is lost, and worker-2 wanted no longer: the rest is adopted, worker-2 goes"
rm "$folder"/.skep/"$cluster".db*
write_spec 1 1
apply
# The swarm's own list keeps worker-2 as down: only a record of its membership would say that it was ours to take out.
after=$(on manager-1 docker node ls --format '{{.ID}} {{.Hostname}}' | tr -d '\r' | grep -v worker-2 | sort)
[ "$before" = "$after" ] || fail "other nodes than before: $before / $after"
[ "$(machine_processes)" = 2 ] || fail "$(machine_processes) machines, not 2"
expect_empty_plan

step "the state is lost again, and made again from the machines and the swarm: the next plan is empty"
serial=$("$skep" state pull -f "$spec" | grep -o '"serial": [0-9]*')
rm "$folder"/.skep/"$cluster".db*
expect_exit 0 "$skep" state rebuild -f "$spec"
[ "$("$skep" state pull -f "$spec" | grep -o '"serial": [0-9]*')" = "$serial" ] || fail "not as many records as before"
expect_empty_plan

step "the state is lost once more, and the cluster destroyed: nothing of it is left, the neighbour lives"
rm "$folder"/.skep/"$cluster".db*
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
[ "$(machine_processes)" = 0 ] || fail "machines are left: $(pgrep -fa "local-machine .*/$cluster/")"
[ ! -e "/var/lib/skep/local/$cluster" ] || fail "files are left"
expect_exit 0 "$skep" run -f "$neighbour" all -- true
expect_exit 0 "$skep" destroy -f "$neighbour" --auto-approve
expect_nothing_left
