# What systemd is to a service: a Unix datagram socket at the path given, each message a line on standard output.
use strict;
use Socket;
$| = 1;
socket(my $listener, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($listener, sockaddr_un($ARGV[0])) or die "bind: $!";
print "listening\n";
while (defined recv($listener, my $words, 4096, 0)) {
    $words =~ s/\s+$//;
    # systemd-notify waits until that was read.
    print "$words\n" unless $words eq 'BARRIER=1';
}
