#!/bin/bash
# The real binary against the simulated Hetzner Cloud, over real HTTP: the example is applied (without what happens on
# hosts), planned again, changed and destroyed; each bad input is answered; no secret shows anywhere. With PRISM=1 a proxy
# in between judges every exchange by the provider's own document.
cloud=hetzner
kinds="ssh_keys networks firewalls placement_groups servers volumes floating_ips load_balancers"
. "$(dirname "$0")/../binary_lib.sh"

[ -z "${PRISM:-}" ] || prepare_judge
start_simulator --speed 100 --sold-out cx23@hel1
if [ -n "${PRISM:-}" ]; then
  start_judge "$api"
  export HCLOUD_ENDPOINT=$judged
fi

spec=$folder/cluster.yaml
sed "s|key: .*|key: $folder/key|" "$top/examples/hetzner/cluster.yaml" >"$spec"
kinds_made=(--only network --only firewall --only ssh_key --only placement_group --only server --only volume
  --only floating_ip --only load_balancer)

echo "--- a plan from nothing, with prices"
expect_exit 0 "$skep" validate -f "$spec"
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output "to add, 0 to change, 0 to destroy."
expect_in_output "EUR/month"
expect_exit 4 "$skep" plan -f "$spec" --max-monthly 20EUR
expect_in_output "a month, more than 20.00"
expect_nothing_left

export SKEP_TRACE=$folder/trace.jsonl

echo "--- bad input"
expect_exit 1 env -u HCLOUD_TOKEN "$skep" plan -f "$spec"
expect_in_output "there is no token for Hetzner Cloud"
expect_in_output "set HCLOUD_TOKEN"
expect_exit 1 env HCLOUD_TOKEN="$(printf 'x%.0s' $(seq 64))" "$skep" plan -f "$spec"
expect_in_output "(unauthorized)"
expect_exit 1 env HCLOUD_TOKEN="$HCLOUD_TOKEN_READ_ONLY" "$skep" apply -f "$spec" --auto-approve "${kinds_made[@]}"
expect_in_output "the token may only read"
expect_nothing_left
wrong "an unknown location" 's/location: fsn1/location: fsn9/' "hetzner has no location 'fsn9', did you mean 'fsn1'?"
wrong "an unknown type" 's/type: cx33/type: cx34/' 'hetzner has no server type "cx34", did you mean "cx33"?' "fsn1 offers"
wrong "an unknown image" 's/image: debian-12/image: debian-99/' 'has no image "debian-99" for x86, did you mean'
wrong "sold out" 's/\[cx23, cx33\]/cx23/; s/\[fsn1, nbg1\]/hel1/; s/location: fsn1/location: hel1/' \
  "cx23 cannot be ordered in hel1 at the moment" "hel1 offers"
wrong "a range that collides" 's|172.27.0.0/16|10.0.0.0/16|' "overlaps 10.0.0.0/8"
wrong "too many rules" "s/- {port: 80}/$(for p in $(seq 1001 1055); do printf -- '- {port: %s}\\n    ' "$p"; done)/" \
  "a firewall at hetzner takes 50 rules"
sed 's/^skep: 1/skep: 1\nendpoints: {hetzner: "http:\/\/proxy.example\/v1"}/' "$spec" >wrong.yaml
expect_exit 1 "$skep" plan -f wrong.yaml
expect_in_output "the token would travel in the clear to proxy.example"
foreign=$(ask POST /servers '{"name":"shop-staging-worker-2","server_type":"cx23","image":"debian-12","location":"fsn1"}' |
  sed 's/.*"server":{[^}]*"id":\([0-9]*\).*/\1/; s/[^0-9].*//')
expect_exit 1 "$skep" apply -f "$spec" --auto-approve "${kinds_made[@]}"
expect_in_output "holds a server named shop-staging-worker-2 that is not this cluster's"
[ "$(count_of servers)" = 5 ] || fail "there are $(count_of servers) servers: four of the cluster and the foreign one"
foreign=$(ask GET '/servers?name=shop-staging-worker-2' |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["servers"][0]["id"])')
ask DELETE "/servers/$foreign" >/dev/null

echo "--- apply, and the plan afterwards is empty"
expect_exit 0 "$skep" apply -f "$spec" --auto-approve "${kinds_made[@]}"
expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode "${kinds_made[@]}"
expect_in_output "No changes."
for pair in "servers 5" "volumes 2" "networks 1" "firewalls 1" "placement_groups 1" "ssh_keys 1" "floating_ips 1" \
  "load_balancers 1"; do
  [ "$(count_of "${pair% *}")" = "${pair#* }" ] || fail "${pair% *}: $(count_of "${pair% *}"), not ${pair#* }"
done

echo "--- changes of every kind"
sed 's/{port: 443}\]/{port: 8443}]/; s/count: 2/count: 1/; s/{port: 80}$/{port: 8080}/; s/protect: .*//' "$spec" |
  sed 's/mount: \/srv\/data/mount: \/srv\/data, protect: false/' >changed.yaml
sed -i 's/listen: \[{port: 443}/listen: [{port: 8443, to: 80, protocol: https, certificate: 897}/
  s/health_check: .*/health_check: {path: \/health, retries: 4}/; s/backups: true/backups: false/' changed.yaml
kinds_changed=("${kinds_made[@]}" --only dns_record)
echo 'dns_records: {shop: {name: shop.example.com, load_balancer: web}}' >>changed.yaml
ask POST /zones '{"name":"example.com","mode":"primary"}' >/dev/null
sed 's/mount: \/srv\/data/mount: \/srv\/data, protect: false/' "$spec" >unprotected.yaml
expect_exit 0 "$skep" apply -f unprotected.yaml --auto-approve "${kinds_made[@]}"
expect_exit 0 "$skep" plan -f changed.yaml --out bound.json "${kinds_changed[@]}"
expect_exit 0 "$skep" apply -f changed.yaml bound.json
expect_exit 0 "$skep" plan -f changed.yaml --detailed-exitcode "${kinds_changed[@]}"
[ "$(count_of servers)" = 4 ] || fail "the second worker is still there"

ask GET /zones/example.com/rrsets | grep -q '"name":"shop"' || fail "no name leads to the load balancer"

echo "--- the state is lost: everything is found again"
rm -rf .skep
expect_exit 0 "$skep" apply -f changed.yaml --auto-approve "${kinds_changed[@]}"
[ "$(count_of servers)" = 4 ] || fail "there are $(count_of servers) servers, not 4"
expect_exit 0 "$skep" plan -f changed.yaml --detailed-exitcode "${kinds_changed[@]}"

echo "--- no secret shows"
"$skep" plan -f "$spec" --out saved.json "${kinds_made[@]}" >/dev/null 2>&1 || true
"$skep" state pull -f changed.yaml >state.json
expect_no_secret "$HCLOUD_TOKEN" "PRIVATE KEY" "$(sed -n 2p key)"

echo "--- destroy, and nothing is left"
expect_exit 0 "$skep" destroy -f changed.yaml --auto-approve --allow-protected
expect_nothing_left
! ask GET /zones/example.com/rrsets | grep -q shop || fail "the name is left: $(ask GET /zones/example.com/rrsets)"

[ -z "${PRISM:-}" ] || expect_no_violations POST "$HCLOUD_ENDPOINT/servers" '{"nmae":"a"}'
