#!/bin/sh
# What this manager's raft log shows from outside, as lines of KEY VALUE: when it was last written, its newest snapshot.
set -eu

raft=/var/lib/docker/swarm/raft
[ -d "$raft" ] || { echo "end ."; exit 0; }
last=$(find "$raft" -type f -printf '%T@\n' | sort -n | tail -n 1)
printf 'written %s\n' "${last%%.*}"
newest=$(find "$raft"/snap* -type f -name '*.snap' -printf '%f\n' 2>/dev/null | sort | tail -n 1)
if [ -n "$newest" ]; then
  name=${newest%.snap}
  printf 'snapshot %d %d\n' "0x${name%-*}" "0x${name#*-}"
fi
printf 'now %s\n' "$(date +%s)"
echo "end ."
