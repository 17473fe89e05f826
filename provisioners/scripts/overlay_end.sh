#!/bin/sh
# Takes away the container and the image of a probe.
set -eu
: "${network:?}"

docker rm -f "$network" >/dev/null 2>&1 || true
docker rmi -f skep-verify:1 >/dev/null 2>&1 || true
