#!/bin/bash
# A swarm in use: clients ask a service behind the floating IP a hundred times a second while skep changes daemon.json,
# upgrades the engine, and replaces every machine. Nobody notices, and the managers keep their quorum.
. "$(dirname "$0")/lib.sh"

here=$top/tests/e2e
busybox=$(command -v busybox) || skip "the service needs busybox (package busybox-static)"

write() { # write ENGINE_VERSION DAEMON
  cat >"$spec" <<YAML
skep: 1
name: $cluster
provider: local
network: {range: $range}
swarm: {address_pool: 172.30.0.0/16}
engine:
  source: docker
  version: "$1"
  repository: {url: "http://$gateway:$port", key_fingerprint: $fingerprint}
  daemon: $2
rollout: {drain_timeout: 60s, settle: 3s}
pools:
  manager: {role: manager, count: 3}
  worker: {role: worker, count: 3, labels: {tier: web}}
floating_ips: {ingress: {pool: worker}}
YAML
}

make_image() {
  mkdir -p "$folder/image/bin" "$folder/image/www"
  cp "$busybox" "$folder/image/bin/busybox"
  ln -sf busybox "$folder/image/bin/sh"
  ln -sf busybox "$folder/image/bin/httpd"
  echo hello >"$folder/image/www/index.html"
  tar -C "$folder/image" -cf "$folder/repository/image.tar" .
}

# As a registry would: whatever worker there is gets the image.
hand_out_image() {
  while sleep 1; do
    "$skep" run -f "$spec" worker -- sh -c \
      "docker image inspect web >/dev/null 2>&1 || docker import http://$gateway:$port/image.tar web" >/dev/null 2>&1 || true
  done
}

# Without IPVS in the kernel there is no ingress mesh: the service publishes its port on each worker itself.
start_service() {
  on manager-1 docker service create --quiet --name web --mode global --constraint node.labels.tier==web \
    --publish published=80,target=80,mode=host --stop-grace-period 1s --no-resolve-image web \
    /bin/httpd -f -p 80 -h /www >/dev/null
  for _ in $(seq 100); do timeout 2 bash -c "exec 3<>/dev/tcp/$address/80" 2>/dev/null && return; sleep 0.2; done
  fail "the service does not answer at $address"
}

# watch_quorum NODE...: each asks its own engine until stop_watching.
watch_quorum() {
  for node in "$@"; do
    "$skep" ssh -f "$spec" "$node" -- "cat >/tmp/quorum_watch.pl" <"$here/quorum_watch.pl"
    (sleep 3600 & echo $! >"$folder/$node.sleep"; wait) | "$skep" ssh -f "$spec" "$node" -- perl /tmp/quorum_watch.pl \
      >"$folder/$node.quorum" 2>&1 &
  done
}
tear_down() { # what feeds the watchers; they end with it
  local file
  for file in "$folder"/*.sleep; do [ ! -f "$file" ] || kill "$(cat "$file")" 2>/dev/null || true; done
}
stop_watching() {
  local node fewest
  for node in "$@"; do kill "$(cat "$folder/$node.sleep")" 2>/dev/null || true; done
  for node in "$@"; do
    for _ in $(seq 50); do grep -q fewest "$folder/$node.quorum" && break; sleep 0.1; done
    echo "$node: $(cat "$folder/$node.quorum")"
    fewest=$(sed -n 's/.*reachable: //p' "$folder/$node.quorum")
    [ "${fewest:-0}" -ge 2 ] || fail "$node saw ${fewest:-no} managers reachable"
  done
}

change() { # change WHAT APPLY_OPTIONS...
  local what=$1
  shift
  step "$what"
  expect_exit 0 "$skep" apply -f "$spec" --auto-approve "$@"
  echo "$(date +%s.%N | cut -c1-14) applied"
  cp "$folder/out" "$folder/${what%% *}.out"
  expect_empty_plan
}

step "three managers, three workers, a floating IP, a service"
serve_docker_repository
make_image
write 20.10.23 '{}'
apply
address=$("$skep" output -f "$spec" --format dotenv | sed -n 's/^SKEP_FLOATING_IP_INGRESS=//p')
hand_out_image &
start_service
perl "$here/steady_client.pl" "$address" 80 >"$folder/client" &
client=$!

watch_quorum manager-1 manager-2 manager-3
write 20.10.24 '{log-driver: local}'
change "a newer engine with another daemon.json, node by node"
probes_on() { # how often a container that probes was started there, as its engine remembers
  on "$1" docker events --since 1h --until 0s --filter container=skep-verify --filter event=start --format '{{.Action}}' | grep -c start || true
}
[ "$(probes_on manager-2) $(probes_on manager-3)" = "1 0" ] || fail "overlay networks were not probed once, on the first node"
expect_exit 0 "$skep" run -f "$spec" all -- docker version --format '{{.Server.Version}}'
[ "$(grep -c '20\.10\.24' "$folder/out")" = 6 ] || fail "not every engine is the new one: $(cat "$folder/out")"
stop_watching manager-1 manager-2 manager-3

change "every machine is replaced" -replace 'manager-*' -replace 'worker-*'

step "what was noticed"
kill -TERM "$client"
code=0
wait "$client" || code=$?
cat "$folder/client"
[ "$code" = 0 ] || { cat "$folder"/a*.out "$folder"/every.out; fail "requests failed"; }

step "destroy"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve
expect_nothing_left
