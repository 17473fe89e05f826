#!/bin/sh
# Prints the token with which workers join; only a manager has it.
set -eu
token=$(timeout 20 docker swarm join-token -q worker 2>&1) || {
  echo "no join token: $(echo "$token" | tail -n 1)" >&2
  exit 75
}
printf '%s\n' "$token"
