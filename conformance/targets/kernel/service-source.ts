/**
 * The part of the guest's agent that serves, where the guest is a real server: what `generators/real-server/service.ts` says, over TCP and
 * UDP, in the namespace of the session. It never waits: it is called when frames were delivered, does what there is to do, and says
 * whether there was anything.
 */
export const SERVICE_SOURCE = String.raw`
my ($listener, $datagrams, @connections);
sub stop_serving { undef $listener; undef $datagrams; @connections = (); }
sub socket_address {
  my ($port, $address) = @_;
  return pack 'S n C4 x8', 2, $port, split /\./, $address;
}
# O_RDWR and O_NONBLOCK.
sub never_waits { fcntl($_[0], 4, 2050) or die "fcntl: $!\n"; }
sub response_to {
  my ($request) = @_;
  my ($count, $seed) = $request =~ m{^GET /(\d{1,6})/(\d{1,3}) } ? ($1, $2) : (0, 0);
  my $content = pack 'C*', map { ($_ + ($_ >> 8) + $seed) & 255 } 0 .. $count - 1;
  return 'HTTP/1.0 200 OK' . "\r\n" . "Content-Length: $count\r\n\r\n" . $content;
}
# Reads, answers a whole request once, closes when both sides have said everything. Whether anything happened.
sub converse {
  my ($connection) = @_;
  my $progress = 0;
  while (!$connection->{ended}) {
    my $got = sysread $connection->{socket}, my $bytes, 65536;
    if (!defined $got) {
      last if $! == 11;
      $connection->{over} = 1;
      return 1;
    }
    $progress = 1;
    $connection->{ended} = $got == 0;
    $connection->{request} .= $bytes;
  }
  if (!defined $connection->{response} && $connection->{request} =~ /\r\n\r\n/) {
    $connection->{response} = response_to($connection->{request});
  }
  while (length($connection->{response} // '') > 0) {
    my $wrote = syswrite $connection->{socket}, $connection->{response};
    last if !defined $wrote;
    $progress = 1;
    substr($connection->{response}, 0, $wrote) = '';
    shutdown($connection->{socket}, 1) if $connection->{response} eq '';
  }
  $connection->{over} = $connection->{ended} && ($connection->{response} // '') eq '';
  return $progress;
}
my %service_operations = (
  # Listens on a TCP port of every address and on a UDP port of one, which need not be there (IP_FREEBIND): that is what is judged.
  listen => sub {
    my ($port, $datagram_address) = @_;
    socket($listener, 2, 1, 0) or die "tcp: $!\n";
    bind($listener, socket_address($port, '0.0.0.0')) or die "tcp port $port: $!\n";
    listen($listener, 128) or die "listen: $!\n";
    socket($datagrams, 2, 2, 0) or die "udp: $!\n";
    setsockopt($datagrams, 0, 15, pack 'l', 1) or die "IP_FREEBIND: $!\n";
    bind($datagrams, socket_address($port, $datagram_address)) or die "udp port $port of $datagram_address: $!\n";
    never_waits($_) for $listener, $datagrams;
    return '';
  },
  # Serves what came. Whether there was anything.
  serve => sub {
    my $progress = 0;
    while (accept(my $socket, $listener)) {
      never_waits($socket);
      push @connections, { socket => $socket, request => '', over => 0, ended => 0 };
      $progress = 1;
    }
    $progress = converse($_) || $progress for @connections;
    @connections = grep { !$_->{over} } @connections;
    # MSG_DONTWAIT.
    while (defined(my $peer = recv($datagrams, my $data, 65535, 64))) {
      send($datagrams, $data, 0, $peer);
      $progress = 1;
    }
    return $progress ? 'yes' : 'no';
  },
  # Replaces a table of iptables (IPT_SO_SET_REPLACE); the kernel writes the counters of the old one to where the new one says.
  iptables => sub {
    my ($table) = @_;
    socket(my $raw, 2, 3, 255) or die "raw socket: $!\n";
    my $counters = "\0" x (16 * unpack 'x84 L', $table);
    substr($table, 88, 8) = pack 'P', $counters;
    setsockopt($raw, 0, 64, $table) or die "$!\n";
    return '';
  },
);
`;
