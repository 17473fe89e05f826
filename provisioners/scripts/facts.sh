#!/bin/sh
# Everything that the host kinds ask of a host, in one round trip, as lines of KEY VALUE. Changes nothing.
set -eu

say() { printf '%s %s\n' "$1" "$2"; }
say_file() { if [ -s "$2" ]; then say "$1" "$(base64 -w 0 "$2")"; fi; }

# GET requests to the engine, each printed as "KEY BODY"; errors as "KEY_error MESSAGE". Arguments: KEY PATH ...
# shellcheck disable=SC2016  # the program is perl's
ask_engine() {
  perl -MSocket -e '
    while (my ($key, $path) = splice @ARGV, 0, 2) {
      socket(my $engine, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
      local $SIG{ALRM} = sub { print "${key}_error the engine did not answer within 10 s\n"; exit 0 };
      alarm 10;
      connect($engine, pack_sockaddr_un("/run/docker.sock")) or do { print "${key}_error $!\n"; last };
      syswrite $engine, "GET $path HTTP/1.0\r\nHost: engine\r\n\r\n";
      my $answer = do { local $/; <$engine> } // "";
      my ($head, $body) = split /\r\n\r\n/, $answer, 2;
      $body //= "";
      $body =~ s/\s*\n\s*/ /g;
      if ($head =~ m{^HTTP/\S+ 200}) { print "$key $body\n"; last if $body =~ /"ControlAvailable":false/ }
      else { $body =~ s/.*"message":"(.*)".*/$1/; print "${key}_error $body\n" }
    }' "$@"
}

# shellcheck disable=SC1091  # of the host
say os "$(. /etc/os-release && printf '%s|%s|%s|%s' "${ID:-}" "${VERSION_ID:-}" "${VERSION_CODENAME:-}" "${ID_LIKE:-}")"
say arch "$(dpkg --print-architecture 2>/dev/null || uname -m)"
say kernel "$(uname -r)"
say hostname "$(cat /proc/sys/kernel/hostname)"
say machine_id "$(cat /etc/machine-id 2>/dev/null || true)"
say boot_id "$(cat /proc/sys/kernel/random/boot_id)"
say clock "$(date +%s)"
ip -o -4 address show 2>/dev/null | while read -r _ device _ address _; do
  [ "$device" = lo ] || say address "$address"
done

# Not the engine's own bridges, which give way to what a swarm takes.
ip -o -4 route show 2>/dev/null | sed -n 's/^\([0-9./]*\) .*dev \([^ ]*\).*/\1 \2/p' | while read -r to device; do
  case $device in docker* | br-* | veth*) ;; *) say route "$to $device" ;; esac
done

if command -v dpkg-query >/dev/null; then
  # shellcheck disable=SC2016  # dpkg's own fields
  dpkg-query -W -f 'package ${Package} ${db:Status-Want} ${db:Status-Status} ${Version}\n' \
    docker.io docker-ce docker-ce-cli containerd containerd.io 2>/dev/null || true
fi
say_file daemon_json /etc/docker/daemon.json
say_file engine_memory /var/lib/skep/engine.json
say_file swarm_marker /var/lib/skep/swarm.json
if [ -e /var/lib/docker/swarm/docker-state.json ]; then say swarm_state stored; fi
for file in /var/lib/skep/addresses/*; do
  if [ -e "$file" ]; then say floating "${file##*/}"; fi
done
if [ -e /run/reboot-required ]; then say needs_reboot yes; fi

for unit in /etc/systemd/system/*.mount; do
  grep -qs '^# skep ' "$unit" || continue
  where=$(sed -n 's/^Where=//p' "$unit")
  state=inactive
  if mountpoint -q "$where"; then state=active; fi
  say mount "$state $(sed -n 's/^Type=//p' "$unit") $(sed -n 's/^What=//p' "$unit") $where"
done

if [ -S /run/docker.sock ] && systemctl is-active -q docker.service; then
  ask_engine info /info nodes /nodes
fi
say end .
