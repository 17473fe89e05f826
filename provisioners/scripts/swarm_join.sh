#!/bin/sh
# Joins a swarm as the request on stdin says (the engine's own JSON, with the token); notes before whose swarm it is.
set -eu
: "${cluster:?}"

fail() { code=$1; shift; echo "$*" >&2; exit "$code"; }
marker=/var/lib/skep/swarm.json

exec 9>/run/skep.lock
flock -w 600 9 || fail 75 "another skep has worked on this host for more than 10 min"
install -d -m 0700 /var/lib/skep
printf '{"cluster": "%s", "reason": "join"}\n' "$cluster" >"$marker.new"
sync "$marker.new"
mv "$marker.new" "$marker"

# The engine gives up waiting after 20 s and goes on joining in the background: that is no failure.
# shellcheck disable=SC2016  # the program is perl's
answer=$(perl -MSocket -e '
  my $body = do { local $/; <STDIN> };
  socket(my $engine, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
  alarm 60;
  connect($engine, pack_sockaddr_un("/run/docker.sock")) or die "the engine does not answer: $!\n";
  syswrite $engine, "POST /swarm/join HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\n"
    . "Content-Length: " . length($body) . "\r\n\r\n" . $body;
  my $answer = do { local $/; <$engine> } // "";
  print $answer =~ m{^HTTP/\S+ 200} ? "joined" : $answer =~ /"message":"(.*)"/ ? $1 : "no answer"' 9>&- 2>&1) ||
  fail 75 "joining: $answer"
case $answer in
  joined | *"continue in the background"* | *"already part of a swarm"*) echo "$answer" ;;
  *) fail 75 "joining: $answer" ;;
esac
