#!/bin/bash
# The real binary on a disk of its own that fills up, that may only be read, and on which an older copy of the state is
# put back: each is said, nothing is lost, and the next apply goes on. The simulated Hetzner Cloud stands behind it.
cloud=hetzner
kinds="ssh_keys networks firewalls servers"
. "$(dirname "$0")/../binary_lib.sh"

[ "$(id -u)" = 0 ] || skip "mounting a small disk needs root"
disk=$folder/disk
mkdir "$disk"
mount -t tmpfs -o size=16m skep-test "$disk" 2>/dev/null || skip "mounting is not allowed here"
tear_down() { cd / && umount "$disk"; }

start_simulator --speed 400 --rate 1000000
api=$HCLOUD_ENDPOINT
cat >"$disk/cluster.yaml" <<END
skep: 1
name: full
provider: hetzner
location: fsn1
ssh: {key: $folder/key}
pools:
  manager: {role: manager, count: 3, type: cx23}
  worker: {count: 2, type: cx23}
END
spec=$disk/cluster.yaml
only=(--only network --only firewall --only ssh_key --only server)

# leave KIB: fills the disk up to so much.
leave() {
  rm -f "$disk/filler"
  local free
  free=$(df --output=avail -k "$disk" | tail -n 1)
  [ "$free" -le "$1" ] || head -c "$(((free - $1) * 1024))" /dev/zero >"$disk/filler"
}

expect_whole() {
  expect_exit 0 "$skep" apply -f "$spec" --auto-approve "${only[@]}"
  expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode "${only[@]}"
  expect_in_output "No changes."
  [ "$(count_of servers)" = 5 ] || fail "there are $(count_of servers) servers, not 5"
}

for kib in 0 128 156 160 164; do
  echo "--- a disk with room for $kib KiB"
  leave "$kib"
  code=0
  "$skep" apply -f "$spec" --auto-approve "${only[@]}" >out 2>&1 || code=$?
  cat out >>everything_said
  if [ "$code" != 0 ]; then
    [ "$code" = 1 ] || { cat out >&2; fail "a full disk ended apply with $code"; }
    expect_in_output "no space left on device"
    expect_in_output "$disk/.skep"
    expect_in_output "hint: that disk is full: free some space on it, then run the command again"
    echo "    said; $(count_of servers) servers were made until then"
  fi
  rm -f "$disk/filler"
  [ "$code" = 0 ] || expect_whole
  expect_exit 0 "$skep" destroy -f "$spec" --auto-approve --allow-protected
  expect_nothing_left
  rm -rf "$disk/.skep"
done
[ "$(grep -c 'no space left on device' everything_said)" -ge 4 ] || fail "the disk was hardly ever full"

echo "--- a disk that may only be read"
expect_whole
mount -o remount,ro "$disk"
expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode "${only[@]}"
requests=$(ask GET /actions | wc -c)
expect_exit 1 "$skep" destroy -f "$spec" --auto-approve
expect_in_output "$disk/.skep"
expect_in_output "read-only file system"
expect_in_output "hint: mount it for writing"
[ "$requests" = "$(ask GET /actions | wc -c)" ] || fail "the refused destroy has touched the cloud"
mount -o remount,rw "$disk"

echo "--- an older copy of the state is put back"
cp "$disk/.skep/full.db" copy.db
sed -i 's/count: 2/count: 4/' "$spec"
expect_exit 0 "$skep" apply -f "$spec" --auto-approve "${only[@]}"
cp copy.db "$disk/.skep/full.db"
expect_exit 0 "$skep" plan -f "$spec" "${only[@]}"
expect_in_output "an older copy: state"
expect_exit 0 "$skep" apply -f "$spec" --auto-approve "${only[@]}"
[ "$(count_of servers)" = 7 ] || fail "there are $(count_of servers) servers, not 7"
expect_exit 0 "$skep" plan -f "$spec" --detailed-exitcode "${only[@]}"
! grep -qF "an older copy" out || fail "the copy is still called older after a run that took it as it is"
expect_exit 0 "$skep" destroy -f "$spec" --auto-approve --allow-protected
expect_nothing_left
