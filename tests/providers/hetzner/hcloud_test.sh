#!/bin/sh
# The provider's own command line client takes the simulator for the real thing: it makes, lists, changes and destroys
# each kind. $SIMULATOR is the server; 77 means skipped, and says why.
set -eu

command -v hcloud >/dev/null || { echo "skipped: hcloud is not installed (package hcloud-cli)"; exit 77; }
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkfifo "$folder/stdin"
"$SIMULATOR" 0 --speed 20 <"$folder/stdin" >"$folder/said" &
server=$!
exec 3>"$folder/stdin" # it serves until this closes
for _ in $(seq 100); do grep -q HCLOUD_TOKEN= "$folder/said" && break; sleep 0.05; done
# shellcheck disable=SC1091  # made just now
. "$folder/said"
export HCLOUD_ENDPOINT HCLOUD_TOKEN HOME="$folder"

count=0
check() { # check WHAT PATTERN COMMAND...: the command succeeds, and its output holds the pattern
  what=$1 pattern=$2
  shift 2
  count=$((count + 1))
  if ! output=$("$@" 2>&1); then
    printf 'FAILED: %s: %s\n%s\n' "$what" "$*" "$output"
    exit 1
  fi
  printf '%s\n' "$output" | grep -q -- "$pattern" || { printf 'FAILED: %s lacks %s:\n%s\n' "$what" "$pattern" "$output"; exit 1; }
}
refused() { # refused WHAT PATTERN COMMAND...: the command fails, and says so
  what=$1 pattern=$2
  shift 2
  count=$((count + 1))
  if output=$("$@" 2>&1); then
    printf 'FAILED: %s was not refused: %s\n%s\n' "$what" "$*" "$output"
    exit 1
  fi
  printf '%s\n' "$output" | grep -q -- "$pattern" || { printf 'FAILED: %s lacks %s:\n%s\n' "$what" "$pattern" "$output"; exit 1; }
}

ssh-keygen -q -t ed25519 -N '' -f "$folder/key" -C test

check "key created" created hcloud ssh-key create --name me --public-key-from-file "$folder/key.pub" --label a=b
check "key listed" me hcloud ssh-key list --selector a==b
check "key described" Fingerprint hcloud ssh-key describe me
refused "the same key" uniqueness_error hcloud ssh-key create --name you --public-key-from-file "$folder/key.pub"
check "network created" created hcloud network create --name lan --ip-range 10.0.0.0/16
check "subnet added" added hcloud network add-subnet lan --type cloud --network-zone eu-central --ip-range 10.0.1.0/24
check "firewall created" created hcloud firewall create --name wall
check "rule added" updated hcloud firewall add-rule wall --direction in --protocol tcp --port 22 --source-ips 0.0.0.0/0
check "group created" created hcloud placement-group create --name apart --type spread
check "volume created" created hcloud volume create --name data --size 10 --location fsn1
check "server created" created hcloud server create --name web-1 --type cx23 --image debian-12 --location fsn1 \
  --ssh-key me --network lan --firewall wall --placement-group apart --volume data --label role=web
check "server listed" running hcloud server list
check "server described" 10.0.1.1 hcloud server describe web-1
check "server changed" updated hcloud server update web-1 --name web-2
check "label added" added hcloud server add-label web-2 tier=1
check "server shut down" . hcloud server shutdown web-2
check "server off" stopped hcloud server poweroff web-2
check "type changed" changed hcloud server change-type web-2 cx33
check "server on" started hcloud server poweron web-2
check "protected" enabled hcloud server enable-protection web-2 delete rebuild
refused "a protected server" protected hcloud server delete web-2
check "unprotected" disabled hcloud server disable-protection web-2 delete rebuild
check "snapshot" created hcloud server create-image web-2 --type snapshot --description before
check "image listed" before hcloud image list --type snapshot
check "floating IP created" created hcloud floating-ip create --type ipv4 --home-location fsn1 --name ingress
check "floating IP assigned" assigned hcloud floating-ip assign ingress web-2
check "floating IP described" web-2 hcloud floating-ip describe ingress
refused "an assigned floating IP" must_be_unassigned hcloud floating-ip delete ingress
check "floating IP unassigned" unassigned hcloud floating-ip unassign ingress
check "volume detached" detached hcloud volume detach data
check "volume resized" resized hcloud volume resize data --size 20
check "balancer created" created hcloud load-balancer create --name lb --type lb11 --location fsn1
check "balancer attached" attached hcloud load-balancer attach-to-network lb --network lan
check "service added" added hcloud load-balancer add-service lb --protocol tcp --listen-port 80 --destination-port 80
check "target added" added hcloud load-balancer add-target lb --server web-2 --use-private-ip
check "balancer described" web-2 hcloud load-balancer describe lb
check "types listed" cpx22 hcloud server-type list
check "locations listed" Falkenstein hcloud location list
refused "an unknown server" "not found" hcloud server describe nobody
refused "a wrong token" "invalid" env HCLOUD_TOKEN="$(printf 'x%.0s' $(seq 64))" hcloud server list
refused "writing with a token that reads" token_readonly env HCLOUD_TOKEN="$HCLOUD_TOKEN_READ_ONLY" \
  hcloud placement-group create --name other --type spread

refused "a firewall in use" resource_in_use hcloud firewall delete wall
check "server destroyed" deleted hcloud server delete web-2
for _ in $(seq 50); do [ -z "$(hcloud server list -o noheader)" ] && break; sleep 0.1; done # it does not wait
for one in "load-balancer lb" "floating-ip ingress" "volume data" "firewall wall" "placement-group apart" "network lan" "ssh-key me"; do
  # shellcheck disable=SC2086  # a kind and a name
  set -- $one
  check "$one destroyed" deleted hcloud "$1" delete "$2"
done
for kind in server volume firewall placement-group network ssh-key floating-ip load-balancer primary-ip; do
  left=$(hcloud "$kind" list -o noheader)
  [ -z "$left" ] || { printf 'FAILED: %s left:\n%s\n' "$kind" "$left"; exit 1; }
done
echo "$count commands of hcloud behaved as at the provider"
