#!/bin/sh
# Prints a part of the archive that swarm_backup made; without a length it destroys the archive.
set -eu
: "${offset:?}" "${bytes=}"

archive=/var/lib/docker/skep-backup.tar.gz
if [ -z "$bytes" ]; then
  rm -f "$archive"
  exit 0
fi
[ -e "$archive" ] || { echo "the archive is no longer there" >&2; exit 65; }
dd if="$archive" bs=1M iflag=skip_bytes,count_bytes skip="$offset" count="$bytes" status=none
