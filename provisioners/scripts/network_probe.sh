#!/bin/sh
# Sends ICMP echoes to each of the addresses: a small one, one of 1400 bytes that may not be cut, and one of 64 KB in
# pieces. A line an address: "ADDRESS small full large", each "ok" or what went wrong. Inside a container, if one is named.
set -eu
: "${targets:?}" "${container=}"

# shellcheck disable=SC2016  # the program is perl's
program='
  use strict; use Socket; use IO::Handle;
  sub sum { my $d = shift; $d .= "\0" if length($d) % 2; my $s = 0; $s += $_ for unpack("n*", $d);
            $s = ($s >> 16) + ($s & 0xffff) while $s >> 16; return ~$s & 0xffff }
  my $sequence = 0;
  sub echo {
    my ($address, $bytes, $mode) = @_;
    socket(my $raw, PF_INET, SOCK_RAW, 1) or return "no raw socket: $!";
    setsockopt($raw, SOL_SOCKET, SO_RCVBUF, 1 << 20); setsockopt($raw, SOL_SOCKET, SO_SNDBUF, 1 << 20);
    setsockopt($raw, 0, 10, $mode) or return "IP_MTU_DISCOVER: $!";
    my $body = pack("N", rand(1 << 30)) . "s" x ($bytes - 32); my $why = "no answer";
    for (1 .. 3) {
      my $head = [8, 0, $$ & 0xffff, ++$sequence & 0xffff];
      my $packet = pack("CCnnn", 8, 0, sum(pack("CCnnn", 8, 0, 0, @$head[2, 3]) . $body), @$head[2, 3]) . $body;
      unless (send($raw, $packet, 0, sockaddr_in(0, inet_aton($address)))) { $why = "$!"; last if $!{EMSGSIZE}; next }
      my $until = time + 2;
      while ((my $left = $until - time) > 0) {
        my $ready = ""; vec($ready, fileno($raw), 1) = 1;
        select($ready, undef, undef, $left) or last;
        my $from = recv($raw, my $answer, 70000, 0); next unless defined $from;
        my $answered = substr($answer, (ord($answer) & 15) * 4);
        return "ok" if substr($answered, 0, 1) eq "\0" && substr($answered, 8) eq $body;
      }
    }
    return $why;
  }
  $| = 1; $SIG{ALRM} = "IGNORE";
  for my $address (@ARGV) {
    my @seen = (echo($address, 64, 0), echo($address, 1400, 2), echo($address, 65000, 0));
    s/\s+/_/g for @seen;
    print join(" ", $address, @seen), "\n";
  }
  print "end .\n"'
set -f
# shellcheck disable=SC2086  # a list of addresses
if [ -n "$container" ]; then
  docker exec "$container" /usr/bin/perl -e "$program" $targets
else
  perl -e "$program" $targets
fi
