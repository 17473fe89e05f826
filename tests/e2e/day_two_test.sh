#!/bin/bash
# A swarm in use, on real machines: the floating IP fails over to a healthy node while its holder is dead; managers lock and
# are unlocked; their keys change; a backup is taken.
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

step "three managers that lock"
write_spec 3 1 "swarm: {autolock: true, unlock_key: {env: KEY}}"
apply
expect_empty_plan
key=$("$skep" swarm unlock-key -f "$spec")
[ "${key#SWMKEY}" != "$key" ] || fail "this is no key: $key"

step "all managers restart: locked; plan offers to unlock, and unlock does it"
"$skep" run -f "$spec" manager -- systemctl restart docker.service >/dev/null
expect_exit 0 "$skep" plan -f "$spec"
expect_in_output "skep swarm unlock"
KEY=$key expect_exit 0 "$skep" swarm unlock -f "$spec"
expect_in_output "manager-3: unlocked"
expect_empty_plan

step "new tokens, a new CA, a backup that opens only with its passphrase"
token=$(on manager-1 docker swarm join-token -q worker)
root=$(on manager-1 "docker info --format '{{.Swarm.Cluster.TLSInfo.TrustRoot}}'")
expect_exit 0 "$skep" swarm rotate -f "$spec" worker-token unlock-key ca
[ "$(on manager-1 docker swarm join-token -q worker)" != "$token" ] || fail "the token is the same"
[ "$(on manager-1 "docker info --format '{{.Swarm.Cluster.TLSInfo.TrustRoot}}'")" != "$root" ] || fail "the CA is the same"
[ "$("$skep" swarm unlock-key -f "$spec")" != "$key" ] || fail "the unlock key is the same"
PASS=correct-horse expect_exit 0 "$skep" swarm backup -f "$spec" swarm.backup --key env:PASS
[ "$(stat -c %a swarm.backup)" = 600 ] || fail "others may read the backup"
PASS=wrong expect_exit 1 "$skep" swarm unpack swarm.backup swarm.tar.gz --key env:PASS
PASS=correct-horse expect_exit 0 "$skep" swarm unpack swarm.backup swarm.tar.gz --key env:PASS
tar -tzf swarm.tar.gz >"$folder/listed"
grep -q '^swarm/docker-state.json$' "$folder/listed" || fail "no docker-state.json in the backup"
grep -q '^swarm/raft/wal' "$folder/listed" || fail "no raft log in the backup"
expect_empty_plan
! grep -rqF -- "$key" .skep || fail "the unlock key rests in the state"

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
