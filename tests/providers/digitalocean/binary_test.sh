#!/bin/bash
# The real binary against the simulated DigitalOcean, over real HTTP: the example is applied (without what happens on
# hosts), planned again, changed and destroyed; each bad input is answered; no secret shows anywhere. With PRISM=1 a proxy
# in between judges every exchange by the provider's own document.
cloud=digitalocean
kinds="firewalls droplets volumes reserved_ips load_balancers tags"
. "$(dirname "$0")/../binary_lib.sh"

[ -z "${PRISM:-}" ] || prepare_judge
# so fast a minute holds more requests than the account may send
start_simulator --speed 100 --rate 100000 --sold-out s-2vcpu-4gb@ams3
if [ -n "${PRISM:-}" ]; then
  start_judge "$DIGITALOCEAN_API_URL"
  export DIGITALOCEAN_ENDPOINT=$judged
fi

spec=$folder/cluster.yaml
sed "s|key: .*|key: $folder/key|" "$top/examples/digitalocean/cluster.yaml" >"$spec"
kinds_made=(--only tag --only network --only firewall --only ssh_key --only server --only volume --only floating_ip
  --only load_balancer)

echo "--- a plan from nothing, with prices"
expect_exit 0 "$skep" validate -f "$spec"
expect_exit 2 "$skep" plan -f "$spec" --detailed-exitcode
expect_in_output "to add, 0 to change, 0 to destroy."
expect_in_output "USD/month"
expect_exit 4 "$skep" plan -f "$spec" --max-monthly 50USD
expect_in_output "a month, more than 50.00"
expect_exit 1 "$skep" plan -f "$spec" --max-monthly 500EUR
expect_in_output "--max-monthly is in EUR, the prices are in USD"
expect_nothing_left

export SKEP_TRACE=$folder/trace.jsonl

echo "--- bad input"
expect_exit 1 env -u DIGITALOCEAN_TOKEN "$skep" plan -f "$spec"
expect_in_output "there is no token for DigitalOcean"
expect_in_output "set DIGITALOCEAN_TOKEN"
expect_exit 1 env DIGITALOCEAN_TOKEN=dop_v1_wrong "$skep" plan -f "$spec"
expect_in_output "Unable to authenticate you. (unauthorized)"
expect_exit 1 env DIGITALOCEAN_TOKEN="$DIGITALOCEAN_TOKEN_READ_ONLY" "$skep" apply -f "$spec" --auto-approve \
  "${kinds_made[@]}"
expect_in_output "the token lacks a permission for this"
expect_nothing_left
wrong "an unknown region" 's/location: fra1/location: fra9/' 'digitalocean has no region "fra9", did you mean "fra1"?'
wrong "an unknown size" 's/type: s-2vcpu-2gb/type: s-2vcpu-3gb/' \
  'digitalocean has no size "s-2vcpu-3gb", did you mean' "fra1 offers"
wrong "an unknown image" 's/image: debian-12/image: debian-99/' 'has no image "debian-99-x64" in fra1'
wrong "sold out" 's/type: s-2vcpu-2gb/type: s-2vcpu-4gb/; s/location: fra1/location: ams3/' \
  "s-2vcpu-4gb cannot be ordered in ams3 at the moment" "ams3 offers"
wrong "two regions" 's/    count: 2/    count: 2\n    location: ams3/' "the private network at digitalocean is in one region"
wrong "a range that collides" 's|172.27.0.0/20|10.0.0.0/16|' "overlaps 10.0.0.0/8"
wrong "too many rules" "s/- {port: 80}/$(for p in $(seq 1001 1055); do printf -- '- {port: %s}\\n    ' "$p"; done)/" \
  "a firewall at digitalocean takes 50 rules"
sed 's/^skep: 1/skep: 1\nendpoints: {digitalocean: "http:\/\/proxy.example"}/' "$spec" >wrong.yaml
expect_exit 1 "$skep" plan -f wrong.yaml
expect_in_output "the token would travel in the clear to proxy.example"
ask POST /vpcs '{"name":"mine","region":"fra1","ip_range":"172.27.8.0/24"}' >foreign.json
wrong "another VPC's range" 's/count: 2/count: 1/' "overlaps 172.27.8.0/24 of the account's VPC mine"
foreign=$(python3 -c 'import json; print(json.load(open("foreign.json"))["vpc"]["id"])')
ask DELETE "/vpcs/$foreign" >/dev/null

echo "--- apply, and the plan afterwards is empty"
expect_exit 0 "$skep" apply -f "$spec" --auto-approve "${kinds_made[@]}"
expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode "${kinds_made[@]}"
expect_in_output "No changes."
for pair in "droplets 5" "volumes 2" "firewalls 1" "reserved_ips 1" "load_balancers 1"; do
  [ "$(count_of "${pair% *}")" = "${pair#* }" ] || fail "${pair% *}: $(count_of "${pair% *}"), not ${pair#* }"
done

echo "--- changes of every kind"
sed 's/{port: 443}\]/{port: 8443}]/; s/count: 2/count: 1/; s/{port: 80}$/{port: 8080}/' "$spec" |
  sed 's/mount: \/srv\/data/mount: \/srv\/data, protect: false/' >changed.yaml
sed -i 's/listen: \[{port: 443}/listen: [{port: 8443, to: 80, protocol: https, certificate: 892071a0-bb95-49bc-8021-3afd67a210bf}/
  s/health_check: .*/health_check: {path: \/health, retries: 4}/; s/backups: true/backups: false/' changed.yaml
kinds_changed=("${kinds_made[@]}" --only dns_record)
echo 'dns_records: {shop: {name: shop.example.com, load_balancer: web}}' >>changed.yaml
ask POST /domains '{"name":"example.com"}' >/dev/null
sed 's/mount: \/srv\/data/mount: \/srv\/data, protect: false/' "$spec" >unprotected.yaml
expect_exit 0 "$skep" apply -f unprotected.yaml --auto-approve "${kinds_made[@]}"
expect_exit 0 "$skep" plan -f changed.yaml --out bound.json "${kinds_changed[@]}"
expect_exit 0 "$skep" apply -f changed.yaml bound.json
expect_exit 0 "$skep" plan -f changed.yaml --detailed-exitcode "${kinds_changed[@]}"
[ "$(count_of droplets)" = 4 ] || fail "the second worker is still there"

ask GET /domains/example.com/records | grep -q '"name":"shop"' || fail "no name leads to the load balancer"

echo "--- the state is lost: everything is found again"
rm -rf .skep
expect_exit 0 "$skep" apply -f changed.yaml --auto-approve "${kinds_changed[@]}"
[ "$(count_of droplets)" = 4 ] || fail "there are $(count_of droplets) droplets, not 4"
[ "$(count_of reserved_ips)" = 1 ] || fail "there are $(count_of reserved_ips) reserved IPs, not 1"
expect_exit 0 "$skep" plan -f changed.yaml --detailed-exitcode "${kinds_changed[@]}"

echo "--- no secret shows"
"$skep" plan -f "$spec" --out saved.json "${kinds_made[@]}" >/dev/null 2>&1 || true
"$skep" state pull -f changed.yaml >state.json
expect_no_secret "$DIGITALOCEAN_TOKEN" "PRIVATE KEY" "$(sed -n 2p key)"

echo "--- destroy, and nothing is left"
expect_exit 0 "$skep" destroy -f changed.yaml --auto-approve --allow-protected
expect_nothing_left
! ask GET /domains/example.com/records | grep -q shop || fail "the name is left: $(ask GET /domains/example.com/records)"
ask GET /vpcs | grep -q '"name":"shop-' && fail "the VPC is left: $(ask GET /vpcs)"
ask GET /account/keys | grep -q '"name":"skep:' && fail "a key is left: $(ask GET /account/keys)"

[ -z "${PRISM:-}" ] || expect_no_violations POST "$DIGITALOCEAN_ENDPOINT/v2/droplets" '{"nmae":"a"}'
