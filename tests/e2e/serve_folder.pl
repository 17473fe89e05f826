#!/usr/bin/perl
# Serves the files below a folder over HTTP, one request a connection: serve_folder.pl FOLDER ADDRESS PORT_FILE
# The port is chosen by the kernel and written to PORT_FILE; the address need not be there yet. Ends with its parent.
use strict;
use warnings;
use IO::Handle;
use Socket;

my ($folder, $address, $port_file) = @ARGV;
my $parent = getppid;
$SIG{CHLD} = 'IGNORE';
socket(my $server, PF_INET, SOCK_STREAM, getprotobyname('tcp') // 6) or die "$!\n";
setsockopt $server, 0, 15, pack('i', 1) or die "$!\n";  # IP_FREEBIND: the address may come later
bind $server, pack_sockaddr_in(0, inet_aton($address)) or die "$!\n";
listen $server, 32 or die "$!\n";
open my $out, '>', "$port_file.new" or die "$!\n";
print $out +(unpack_sockaddr_in(getsockname $server))[0], "\n";
close $out;
rename "$port_file.new", $port_file or die "$!\n";
while (getppid == $parent) {
  my $waiting = '';
  vec($waiting, fileno $server, 1) = 1;
  select $waiting, undef, undef, 1 or next;
  accept(my $client, $server) or next;
  $client->autoflush;
  if (fork == 0) {
    my $line = <$client> // '';
    while (defined(my $header = <$client>)) { last if $header =~ /^\r?$/ }
    my ($path) = $line =~ m{^GET (/\S*)};
    $path =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge if defined $path;
    if (defined $path && $path !~ /\.\./ && -f "$folder$path" && open my $file, '<:raw', "$folder$path") {
      print $client "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ", -s $file, "\r\n\r\n";
      while (read $file, my $block, 65536) { print $client $block }
    } else {
      print $client "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    }
    exit 0;
  }
  close $client;
}
