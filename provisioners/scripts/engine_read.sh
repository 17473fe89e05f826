#!/bin/sh
# Reads from the engine: each line of `requests` is KEY PATH; prints KEY ANSWER or KEY_error MESSAGE. Changes nothing.
set -eu
: "${requests:?}"

# shellcheck disable=SC2016  # the program is perl's
printf '%s\n' "$requests" | perl -MSocket -ne '
  chomp;
  my ($key, $path) = split / /, $_, 2;
  next unless defined $path;
  socket(my $engine, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
  local $SIG{ALRM} = sub { print "${key}_error the engine did not answer within 10 s\n"; exit 0 };
  alarm 10;
  connect($engine, pack_sockaddr_un("/run/docker.sock")) or do { print "${key}_error $!\n"; next };
  syswrite $engine, "GET $path HTTP/1.0\r\nHost: engine\r\n\r\n";
  my $answer = do { local $/; <$engine> } // "";
  my ($head, $body) = split /\r\n\r\n/, $answer, 2;
  $body //= "";
  $body =~ s/\s*\n\s*/ /g;
  if ($head =~ m{^HTTP/\S+ 200}) { print "$key $body\n" }
  else { $body =~ s/.*"message":"(.*)".*/$1/; print "${key}_error $body\n" }'
echo "end ."
