#!/bin/bash
# The network between real machines is probed; then two of three managers die for good: recover has the third go on alone,
# apply brings the others back, services are kept.
. "$(dirname "$0")/lib.sh"

write_spec 3 1
step "three managers, one worker, one service"
apply
on worker-1 'tar -C / -ch --absolute-names /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o "/[^ ]*") | docker import - sleeper >/dev/null'
on manager-1 docker service create --detach --no-resolve-image --name web --constraint node.role==worker sleeper /usr/bin/sleep 1d >/dev/null
expect_exit 4 "$skep" recover -f "$spec" --manager manager-1 --confirm "$cluster"
expect_in_output "has not lost its quorum"

step "verify network: green; red where one node takes the MTU to be larger than it is"
expect_exit 0 "$skep" verify network -f "$spec"
expect_in_output "private addresses: all of 12 ways pass"
expect_in_output "  overlay network: all of 12 ways pass"
links=$(ip -o link | sed -n "s/^[0-9]*: \([^@:]*\)@.* link-netns [^ ]*$cluster.*/\1/p")
[ "$(echo "$links" | wc -w)" = 4 ] || fail "not four links: $links"
mtu() { for link in $links; do ip link set "$link" mtu "$1"; done; }
mtu 1450
"$skep" run -f "$spec" all -- ip link set eth0 mtu 1450 >/dev/null
expect_exit 0 "$skep" verify network -f "$spec" --overlay=false
on worker-1 ip link set eth0 mtu 1500
expect_exit 1 "$skep" verify network -f "$spec" --overlay=false
expect_in_output "worker-1 → manager-1: small packets pass, 64 KB in full-sized pieces do not"
mtu 1500
"$skep" run -f "$spec" all -- ip link set eth0 mtu 1500 >/dev/null
on manager-1 docker network ls --format '{{.Name}}' | grep -q skep-verify && fail "the network of the probe is left"

step "the power of two managers is cut"
for name in manager-2 manager-3; do kill -9 "$(pgrep -f "local-machine .*/$cluster/.*$name$" | head -1)"; done
expect_exit 1 "$skep" recover -f "$spec" --manager manager-1 --confirm another-name
expect_in_output "is not the name of the cluster"

step "recover"
expect_exit 0 "$skep" recover -f "$spec" --manager manager-1 --confirm "$cluster"
cat "$folder/out"
[ "$(on manager-1 docker node inspect self --format '{{.ManagerStatus.Leader}}')" = true ] || fail "manager-1 does not lead"
[ "$(on manager-2 "docker info --format '{{.Swarm.LocalNodeState}}'")" = inactive ] || fail "manager-2 is in a swarm"

step "apply brings the others back"
apply
expect_empty_plan
expect_nodes manager-1 manager-2 manager-3 worker-1
[ "$(on manager-2 'docker node ls --format "{{.ManagerStatus}}"' | grep -cE 'Leader|Reachable')" = 3 ] ||
  fail "not three managers: $(on manager-2 docker node ls)"
on manager-1 docker service ps web --format '{{.CurrentState}}' | grep -q '^Running' ||
  fail "the service is not kept: $(on manager-1 docker service ps web)"

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
