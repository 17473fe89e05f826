#!/bin/bash
# A swarm in use: clients ask a service behind the floating IP a hundred times a second while skep changes daemon.json,
# upgrades nothing away, and replaces machines. Nobody notices, and the managers keep their quorum.
. "$(dirname "$0")/lib.sh"

here=$top/tests/e2e
busybox=$(command -v busybox) || skip "the service needs busybox (package busybox-static)"

write() { # write DAEMON
  cat >"$spec" <<YAML
skep: 1
name: $cluster
provider: local
engine: {source: distro, daemon: $1}
rollout: {drain_timeout: 60s, settle: 3s, max_unavailable: 1}
pools:
  manager: {role: manager, count: 3}
  worker: {role: worker, count: 3, labels: {tier: web}}
floating_ips: {ingress: {pool: worker}}
YAML
}

# Without IPVS in the kernel the ingress mesh is not there: the service publishes its port on each worker itself.
start_service() {
  mkdir -p "$folder/image/bin" "$folder/image/www"
  cp "$busybox" "$folder/image/bin/busybox"
  ln -sf busybox "$folder/image/bin/sh"
  ln -sf busybox "$folder/image/bin/httpd"
  echo hello >"$folder/image/www/index.html"
  tar -C "$folder/image" -cf "$folder/image.tar" .
  for node in worker-1 worker-2 worker-3; do
    "$skep" ssh -f "$spec" "$node" -- docker import - web <"$folder/image.tar" >/dev/null
  done
  on manager-1 docker service create --quiet --name web --mode global --constraint node.labels.tier==web \
    --publish published=80,target=80,mode=host --stop-grace-period 1s --no-resolve-image web \
    /bin/httpd -f -p 80 -h /www >/dev/null
}

step "three managers, three workers, a floating IP, a service"
write '{}'
apply
start_service
address=$("$skep" output -f "$spec" --format dotenv | sed -n 's/^SKEP_FLOATING_IP_INGRESS=//p')
for _ in $(seq 50); do timeout 2 bash -c "exec 3<>/dev/tcp/$address/80" 2>/dev/null && break; sleep 0.2; done

watch_quorum() {
  for node in manager-1 manager-2 manager-3; do
    "$skep" ssh -f "$spec" "$node" -- "cat >/tmp/quorum_watch.pl" <"$here/quorum_watch.pl"
    mkfifo "$folder/$node.end"
    # shellcheck disable=SC2094
    "$skep" ssh -f "$spec" "$node" -- perl /tmp/quorum_watch.pl <"$folder/$node.end" >"$folder/$node.quorum" 2>&1 &
  done
  exec 7>"$folder/manager-1.end" 8>"$folder/manager-2.end" 9>"$folder/manager-3.end"
}

watch_quorum
perl "$here/steady_client.pl" "$address" 80 >"$folder/client" &
client=$!

step "daemon.json changes: each node restarts its engine"
write '{log-driver: local}'
expect_exit 0 "$skep" apply -f "$spec" --auto-approve
cp "$folder/out" "$folder/daemon.out"
expect_empty_plan

step "what was noticed"
kill -TERM "$client"
code=0
wait "$client" || code=$?
exec 7>&- 8>&- 9>&-
sleep 1
cat "$folder/client"
tail -n +1 "$folder"/*.quorum
cat "$folder/daemon.out"; [ "$code" = 0 ] || fail "requests failed"
