#!/usr/bin/perl
# Asks the engine of this manager every 200 ms how many managers are reachable, for as long as its input is open; then
# says the fewest that any answer showed. What the engine does not answer does not count.
use strict;
use warnings;
use Socket;

my ($answers, $fewest) = (0, undef);
my $filter = '%7B%22role%22%3A%7B%22manager%22%3Atrue%7D%7D';
for (;;) {
  my $input = '';
  vec($input, fileno STDIN, 1) = 1;
  last if select($input, undef, undef, 0.2);
  socket(my $engine, PF_UNIX, SOCK_STREAM, 0) or next;
  connect($engine, pack_sockaddr_un('/run/docker.sock')) or next;
  syswrite $engine, "GET /nodes?filters=$filter HTTP/1.0\r\nHost: engine\r\n\r\n";
  my $answer = do { local $/; <$engine> } // '';
  next unless $answer =~ m{^HTTP/\S+ 200};
  my $reachable = () = $answer =~ /"Reachability":"reachable"/g;
  $answers++;
  $fewest = $reachable if !defined $fewest || $reachable < $fewest;
}
printf "%d answers, fewest managers reachable: %s\n", $answers, $fewest // 'never asked';
