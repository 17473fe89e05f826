#!/bin/bash
# A swarm in use, on real machines: the floating IP fails over to a healthy node while its holder hangs.
. "$(dirname "$0")/lib.sh"

write_spec 1 3 "floating_ips: {ingress: {pool: worker}}"
step "one manager, three workers"
apply
address=$("$skep" output -f "$spec" --format dotenv | sed -n 's/^SKEP_FLOATING_IP_INGRESS=//p')
answers "$address" || fail "$address does not answer"
node_behind() { timeout 5 ssh-keyscan -t ed25519 "$1" 2>/dev/null | cut -d ' ' -f 3; }
key_of() { "$skep" output -f "$spec" --json | python3 -c '
import json,sys
for node in json.load(sys.stdin)["nodes"]:
    if node["name"] == sys.argv[1]: print(node["host_key"].split()[1])' "$1"; }
[ "$(node_behind "$address")" = "$(key_of worker-1)" ] || fail "worker-1 is not behind $address"

step "failover to the best, then to one by name"
expect_exit 0 "$skep" failover -f "$spec" ingress
expect_in_output "worker-1 → worker-2"
[ "$(node_behind "$address")" = "$(key_of worker-2)" ] || fail "worker-2 is not behind $address"
expect_empty_plan
expect_exit 0 "$skep" failover -f "$spec" ingress worker-1
expect_empty_plan

step "the holder's power is cut, and its engine's neighbour is no choice: the address is elsewhere in under 5 s"
on worker-2 systemctl stop docker.socket docker.service
kill -9 "$(pgrep -f "local-machine .*/$cluster/.*worker-1$" | head -1)"
moved=$(date +%s%N)
expect_exit 0 "$skep" failover -f "$spec" ingress
took=$((($(date +%s%N) - moved) / 1000000))
expect_in_output "worker-1 → worker-3"
echo "    the failover took $took ms"
[ "$(node_behind "$address")" = "$(key_of worker-3)" ] || fail "worker-3 is not behind $address"
expect_exit 4 "$skep" failover -f "$spec" ingress worker-2
expect_in_output "it has no engine that answers"
on worker-2 systemctl start docker.service

step "apply starts the machine again, and the address stays"
apply
expect_empty_plan
[ "$(node_behind "$address")" = "$(key_of worker-3)" ] || fail "the address did not stay on worker-3"

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
