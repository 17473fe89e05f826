#!/bin/bash
# A whole cluster at the simulated Hetzner Cloud, whose servers are real machines: their user-data is run by the real
# cloud-init, the first host key gives way to the host's own, and it all ends in a real swarm.
. "$(dirname "$0")/lib.sh"

simulator=${SIMULATOR:-$top/build/tests/skep_hetzner_simulator}
[ -x "$simulator" ] || skip "$simulator is not built"
command -v python3 >/dev/null || skip "python3 is not installed"

# The machines behind the servers are those of provider local; clean_up() destroys them by $spec.
cloud=$folder/cloud.yaml
machines=$folder/machines
mkdir "$machines" home
routes=()
tear_down() {
  exec 8>&- || true
  for route in "${routes[@]}"; do ip route del "$route" 2>/dev/null || true; done
}

ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
mkfifo stdin
"$simulator" 0 --speed 20 --machines "$machines" <stdin >said &
exec 8>stdin # it serves until this closes
for _ in $(seq 100); do grep -q HCLOUD_TOKEN= said && break; sleep 0.05; done
# shellcheck disable=SC1091  # made just now
. ./said
export HCLOUD_ENDPOINT HCLOUD_TOKEN

cat >"$cloud" <<EOF
skep: 1
name: $cluster-cloud
provider: hetzner
location: fsn1
ssh: {key: $folder/key}
engine: {source: distro}
rollout: {drain_timeout: 60s}
firewall: {inbound: [{port: 80}]}
pools:
  manager: {role: manager, count: 1, type: cx23}
  worker: {role: worker, count: 1, type: cx23}
floating_ips:
  ingress: {pool: manager}
EOF

member() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$machines/$1.json" "$2"; }

# What a provider does: the machine gets the addresses of its server, and its user-data at its first boot.
# In the machine, at its own terms: cloud-init is what the real images bring along.
first_boot='set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null 2>&1 || true
apt-get install -q -y --no-install-recommends cloud-init >/dev/null
device=$(ip -o -4 route show default | sed -n "s/.* dev \([^ ]*\).*/\1/p" | head -n 1)
ip address replace "$address/32" dev "$device"
ip address replace "$private/16" dev "$device"
mkdir -p /var/lib/cloud/seed/nocloud /run/cloud-init
base64 -d >/var/lib/cloud/seed/nocloud/user-data
printf "instance-id: i-%s\nlocal-hostname: %s\n" "$name" "$name" >/var/lib/cloud/seed/nocloud/meta-data
printf "network: {config: disabled}\ndatasource_list: [NoCloud, None]\nlocale: false\n" >/etc/cloud/cloud.cfg.d/99-test.cfg
touch /run/cloud-init/enabled
cloud-init clean --logs
cloud-init init --local
cloud-init init
cloud-init modules --mode=config
cloud-init modules --mode=final
systemctl restart ssh'

boot() { # boot SERVER NODE: the machine NODE becomes the server
  local server=$1 node=$2 address
  address=$("$skep" output -f "$spec" --json | python3 -c '
import json,sys
for node in json.load(sys.stdin)["nodes"]:
    if node["name"] == sys.argv[1]: print(node["address"])' "$node")
  member "$server" user_data | base64 -w 0 |
    "$skep" ssh -f "$spec" "$node" -- \
      "name=$server address=$(member "$server" address) private=$(member "$server" private_address) sh -c '${first_boot//\'/\'\\\'\'}'"
  # only now: before its first boot the machine shows a key that is not the server's
  ip route replace "$(member "$server" address)/32" via "$address"
}

back_servers() {
  local server
  for _ in $(seq 600); do
    [ "$(find "$machines" -name '*.json' | wc -l)" = 2 ] && break
    sleep 0.2
  done
  write_spec 1 1
  apply_machines || return 1
  boot "$cluster-cloud-manager-1" manager-1 &
  boot "$cluster-cloud-worker-1" worker-1 &
  wait
}
apply_machines() { "$skep" apply -f "$spec" --auto-approve --only server; }

step "apply: the cloud's servers, and machines behind them"
(unset HCLOUD_TOKEN; back_servers) >"$folder/apply.log" 2>&1 &
expect_exit 0 "$skep" apply -f "$cloud" --auto-approve --trace "$folder/trace.jsonl"
for server in manager worker; do routes+=("$(member "$cluster-cloud-$server-1" address)/32"); done

step "the plan afterwards is empty"
expect_exit 0 "$skep" plan -f "$cloud" --detailed-exitcode
expect_in_output "No changes."

step "a real swarm over the private addresses"
cloud_on() { local node=$1; shift; "$skep" ssh -f "$cloud" "$node" -- "$@" </dev/null | tr -d '\r'; }
[ "$(cloud_on manager-1 docker node ls --format '{{.Hostname}}' | sort | xargs)" = "manager-1 worker-1" ] ||
  fail "the swarm has the nodes: $(cloud_on manager-1 docker node ls)"
[ "$(cloud_on worker-1 docker info --format '{{.Swarm.NodeAddr}}')" = "$(member "$cluster-cloud-worker-1" private_address)" ] ||
  fail "the worker is in the swarm by another address"
[ "$(cloud_on manager-1 cat /proc/sys/kernel/hostname)" = manager-1 ] || fail "its name is another"

step "the host key of the user-data is gone, and the new one is pinned"
first=$(member "$cluster-cloud-manager-1" user_data | sed -n 's/.*"ed25519_public": "\(ssh-ed25519 [^\\]*\).*/\1/p')
now=$(ssh-keyscan -t ed25519 "$(member "$cluster-cloud-manager-1" address)" 2>/dev/null | cut -d ' ' -f 2,3)
[ -n "$first" ] && [ -n "$now" ] && [ "$first" != "$now" ] || fail "the host still shows the key of its user-data"
"$skep" output -f "$cloud" --json | grep -qF "$now" || fail "the new key is not the pinned one"

step "the floating address is the manager's own"
floating=$("$skep" output -f "$cloud" --json | python3 -c '
import json,sys
print(json.load(sys.stdin)["floating_ips"][0]["address"])')
cloud_on manager-1 ip -o -4 address show | grep -qF "$floating/32" || fail "$floating is not on the manager"

step "the state is lost: the hosts are found again by the keys that the provider remembers"
rm -rf "$folder/.skep/$cluster-cloud.db"*
expect_exit 0 "$skep" apply -f "$cloud" --auto-approve
expect_exit 0 "$skep" plan -f "$cloud" --detailed-exitcode

step "no secret shows, and destroy leaves nothing at the provider"
for secret in "$HCLOUD_TOKEN" "PRIVATE KEY"; do
  ! grep -rqF -- "$secret" "$folder/trace.jsonl" "$folder/.skep/$cluster-cloud.db" || fail "a secret shows: ${secret:0:8}..."
done
expect_exit 0 "$skep" destroy -f "$cloud" --auto-approve --allow-protected
for kind in servers networks firewalls floating_ips ssh_keys placement_groups; do
  left=$(curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/$kind" |
    python3 -c "import json,sys; print(len(json.load(sys.stdin)['$kind']))")
  [ "$left" = 0 ] || fail "$left $kind left"
done
