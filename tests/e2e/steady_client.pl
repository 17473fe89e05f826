#!/usr/bin/perl
# Asks http://ADDRESS:PORT/ a hundred times a second until it gets SIGTERM, then says how many requests it made and how
# many of them failed. A connection that is cut off in the middle is made once more, as browsers and proxies do with a
# GET: when an address moves, what is under way with its former holder is lost. Usage: steady_client.pl ADDRESS PORT
use strict;
use warnings;
use Errno qw(EINPROGRESS EAGAIN EINTR);
use Fcntl;
use Socket;
use Time::HiRes qw(time);

my ($address, $port) = @ARGV;
die "usage: steady_client.pl ADDRESS PORT\n" unless $port;
my $interval = 0.01;
my $patience = 5;
my $to = pack_sockaddr_in($port, inet_aton($address));
my (%open, %why);
my ($made, $failed, $repeated, $slowest, $stop) = (0, 0, 0, 0, 0);
$SIG{TERM} = sub { $stop = 1 };
$SIG{PIPE} = 'IGNORE';
$| = 1;

sub ended {
  my ($number, $error) = @_;
  my $request = delete $open{$number};
  close $request->{socket};
  my $took = time - $request->{begun};
  $slowest = $took if $took > $slowest;
  return unless defined $error;
  $failed++;
  $why{$error}++;
  printf "%.3f failed after %.3f s: %s\n", time, $took, $error;
}

sub connect_for {
  my ($number, $begun, $is_second) = @_;
  socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
  fcntl($socket, F_SETFL, O_NONBLOCK);
  $open{$number} = {socket => $socket, begun => $begun, answer => '', sent => 0, is_second => $is_second};
  connect($socket, $to) or $!{EINPROGRESS} or ended($number, "connect: $!");
}

sub cut_off {
  my ($number, $error) = @_;
  my $request = $open{$number};
  return ended($number, $error) if $request->{is_second};
  close $request->{socket};
  $repeated++;
  connect_for($number, $request->{begun}, 1);
}

sub look {
  my ($number, $can_read, $can_write) = @_;
  my $request = $open{$number};
  if (!$request->{sent} && $can_write) {
    my $error = unpack('i', getsockopt($request->{socket}, SOL_SOCKET, SO_ERROR));
    if ($error) { $! = $error; return ended($number, "connect: $!") }
    defined syswrite($request->{socket}, "GET / HTTP/1.0\r\n\r\n") or return cut_off($number, "send: $!");
    $request->{sent} = 1;
  }
  return unless $can_read;
  my $read = sysread($request->{socket}, $request->{answer}, 4096, length $request->{answer});
  if (!defined $read) { return $!{EAGAIN} ? undef : cut_off($number, "receive: $!") }
  return if $read;
  ended($number, $request->{answer} =~ m{^HTTP/1\.[01] 200 } ? undef : 'no whole answer');
}

my $next = time;
while (!$stop || %open) {
  while (!$stop && time >= $next) { connect_for(++$made, time, 0); $next += $interval }
  my ($reads, $writes) = ('', '');
  for my $number (keys %open) {
    vec($reads, fileno $open{$number}{socket}, 1) = 1;
    vec($writes, fileno $open{$number}{socket}, 1) = 1 unless $open{$number}{sent};
  }
  my $pause = $next - time;
  $pause = 0.05 if $stop || $pause > 0.05;
  select($reads, $writes, undef, $pause > 0 ? $pause : 0);
  for my $number (keys %open) {
    my $place = fileno $open{$number}{socket};
    look($number, vec($reads, $place, 1), vec($writes, $place, 1));
    ended($number, 'no answer in 5 s') if $open{$number} && time - $open{$number}{begun} > $patience;
  }
}
printf "%d requests, %d failed, %d made once more, the slowest took %.0f ms\n", $made, $failed, $repeated,
  $slowest * 1000;
print "  $why{$_} times: $_\n" for sort keys %why;
exit($failed ? 1 : 0);
