#!/bin/bash
# What must be refused: a second apply at the same time, a wrong host key, a stale plan, two managers, a missing state,
# no privileges, no threads, a full disk.
. "$(dirname "$0")/lib.sh"

write_spec 1 0

step "two applies at once: the second is refused with the holder, exit 3"
"$skep" apply -f "$spec" --auto-approve >"$folder/apply.log" 2>&1 &
apply_pid=$!
for _ in $(seq 200); do grep -qE 'server/manager-1' "$folder/apply.log" && break; sleep 0.05; done
expect_exit 3 "$skep" apply -f "$spec" --auto-approve
expect_in_output "pid $apply_pid"
expect_in_output "$(id -un)"
wait $apply_pid || { cat "$folder/apply.log"; fail "the first apply failed"; }
expect_empty_plan

step "a saved plan is applied exactly, or refused as stale"
sed -i 's/^pools:/pools:\n  worker: {role: worker, count: 1}/' "$spec"
expect_exit 0 "$skep" plan -f "$spec" -out "$folder/saved.plan"
[ "$(stat -c %a "$folder/saved.plan")" = 600 ] || fail "the saved plan is not 0600"
expect_exit 0 "$skep" apply -f "$spec" "$folder/saved.plan"
expect_exit 1 "$skep" apply -f "$spec" "$folder/saved.plan"
expect_in_output stale
expect_empty_plan

step "a machine that shows another host key is refused, and nothing else happens to it"
on worker-1 sh -c 'rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key; systemctl restart ssh' || true
expect_exit 1 "$skep" run -f "$spec" worker-1 -- true
expect_in_output "host key"
pid_before=$(pgrep -f "local-machine .*/$cluster/.*worker-1$" | head -1)
expect_exit 0 "$skep" run -f "$spec" manager-1 -- true
[ "$(pgrep -f "local-machine .*/$cluster/.*worker-1$" | head -1)" = "$pid_before" ] || fail "the machine was touched"

step "a status shows what else there is, and the node can be replaced"
expect_exit 0 "$skep" status -f "$spec"
expect_in_output "worker-1 cannot be read"
expect_in_output "degraded"
expect_exit 4 "$skep" plan -f "$spec"
expect_in_output "host key"
expect_exit 0 "$skep" plan -f "$spec" -replace=worker-1
expect_in_output "Plan: 1 to add, 0 to change, 1 to destroy."

step "two managers are refused before anything happens"
cp "$spec" "$folder/two.yaml"
sed -i 's/count: 1}/count: 2}/' "$folder/two.yaml"
expect_exit 1 "$skep" plan -f "$folder/two.yaml"
expect_in_output manager

step "no privileges: one clear message"
if command -v setpriv >/dev/null; then
  mkdir -m 777 "$folder/open"
  cp "$spec" "$folder/open/cluster.yaml"
  chmod 755 "$folder"
  cp "$skep" "$folder/open/skep"  # where it was built may be root's alone
  expect_exit 1 setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$folder/open/skep" plan -f "$folder/open/cluster.yaml"
  expect_in_output root

  step "a system that gives no thread: one clear message"
  expect_exit 1 prlimit --nproc=1 setpriv --reuid 65534 --regid 65534 --clear-groups "$folder/open/skep" version
  expect_in_output "ulimit -u"
fi

step "a full disk: refused clearly, and nothing is lost"
mkdir "$folder/small"
mount -t tmpfs -o size=400k tmpfs "$folder/small"
tear_down() { ! mountpoint -q "$folder/small" || umount "$folder/small"; }
cat >"$folder/small/cluster.yaml" <<YAML
skep: 1
name: $cluster-full
provider: local
engine: {source: distro}
pools: {node: {role: manager, count: 1}}
YAML
dd if=/dev/zero of="$folder/small/filler" bs=1k 2>/dev/null || true
expect_exit 1 "$skep" apply -f "$folder/small/cluster.yaml" --auto-approve
expect_in_output "disk"
[ ! -e "/var/lib/skep/local/$cluster-full" ] || fail "a machine was made though its intent could not be written"
umount "$folder/small"
