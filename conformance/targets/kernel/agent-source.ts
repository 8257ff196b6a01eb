import { SERVICE_SOURCE } from './service-source.ts';

/** Bytes of a request in one piece. */
export const PIECE = 2048;

/**
 * The guest's first process, in Perl: every machine that has apt-get has Perl (Debian marks perl-base essential), it reaches system calls
 * without starting a program, and a started program costs 10 to 20 ms under User Mode Linux where a call costs 0.1 ms.
 *
 * It talks on the guest's serial line, which is our pipe. A request is a list of operations, each a list of byte strings; a list is
 * length-prefixed (32 bits, network order) throughout. A long request comes in pieces, each after the first on an empty answer to the
 * one before: more than a terminal's 4095 bytes at once get stuck in User Mode Linux's serial line. It stops at the first operation
 * that fails. The answer has the reason of that failure, or nothing, and then one string per operation done. At the end of its input it
 * switches the guest off, so that no guest outlives us.
 */
export const AGENT_SOURCE = String.raw`use strict;
my ($line, $home) = ('/dev/ttyS0', '/proc/self/ns/net');
my ($proc, $point) = ('proc', '/proc');
syscall(165, $proc, $point, $proc, 0, 0);
open(my $in, '+<', $line) or die "$line: $!";
my $out = $in;
# Raw: no echo, no line editing, no translation; reads return with the first byte.
my $raw = pack('L4 C C19', 0, 0, 0x8bf, 0, 0, (0) x 6, 1);
ioctl($in, 0x5402, $raw) or die "TCSETS: $!";
open(my $home_namespace, '<', $home) or die "$home: $!";

sub off {
  syscall(169, 0xfee1dead, 0x28121969, 0x4321fedc, 0);
  exit 1;
}
sub take {
  my ($length) = @_;
  my $bytes = '';
  while (length $bytes < $length) {
    my $got = sysread $in, $bytes, $length - length $bytes, length $bytes;
    next if !defined $got && $! == 4;
    off() unless $got;
  }
  return $bytes;
}
sub give {
  my $bytes = pack('N/a*', $_[0]);
  my $done = 0;
  while ($done < length $bytes) {
    my $wrote = syswrite $out, $bytes, length($bytes) - $done, $done;
    next if !defined $wrote && $! == 4;
    off() unless $wrote;
    $done += $wrote;
  }
}
sub netlink_socket { socket(my $socket, 16, 3, 0) or die "netlink: $!\n"; return $socket; }
sub slurp {
  my ($path) = @_;
  open(my $file, '<', $path) or die "$path: $!\n";
  my ($text, $got) = ('', 1);
  while ($got) { $got = sysread($file, $text, 65536, length $text) // die "$path: $!\n"; }
  return $text;
}
sub put {
  my ($path, $text) = @_;
  open(my $file, '>', $path) or die "$path: $!\n";
  defined syswrite($file, $text) or die "$path: $!\n";
  close $file or die "$path: $!\n";
}
# The server of ipvsadm, see ipvsadm-server-source.ts; without one, every time a new process.
my ($ipvsadm, $requests, $answers);
sub serve {
  syswrite($requests, 'x') or return undef;
  my $status;
  return sysread($answers, $status, 4) == 4 ? unpack('l', $status) : undef;
}
sub start {
  # Files are opened before the fork: every page that the child touches before its exec is copied, which is slow here.
  open(STDIN, '<', '/dev/agent-input') or die "$!\n";
  open(STDOUT, '>', '/dev/agent-output') or die "$!\n";
  open(STDERR, '>&', 1) or die "$!\n";
  my $child = fork // die "fork: $!\n";
  if (!$child) { exec $ipvsadm, '-R' or exit 127; }
  waitpid $child, 0;
  return $?;
}
my %netlink = (home => netlink_socket(), here => netlink_socket());
${SERVICE_SOURCE}
my %operations = (
  # Text of a file.
  read => \&slurp,
  # Writes a kernel setting.
  write => sub {
    put(@_);
    return '';
  },
  # Loads a kernel module; one that is there already is fine.
  module => sub {
    my ($path, $parameters, $flags) = @_;
    open(my $file, '<', $path) or die "$path: $!\n";
    return '' if syscall(313, fileno $file, $parameters, $flags + 0) == 0 || $! == 17;
    die "$path: $!\n";
  },
  # A new network namespace for this process. Sockets of the old one go with it.
  namespace => sub {
    stop_serving();
    syscall(272, 0x40000000) == 0 or die "unshare: $!\n";
    $netlink{here} = netlink_socket();
    return '';
  },
  # One rtnetlink request; a problem is the text of its error number.
  netlink => sub {
    my ($where, $message) = @_;
    send($netlink{$where}, $message, 0) or die "$!\n";
    defined recv($netlink{$where}, my $answer, 65536, 0) or die "$!\n";
    if (unpack('x4 S', $answer) == 2 && (my $number = -unpack('x16 l', $answer))) { $! = $number; die "$!\n"; }
    return $answer;
  },
  # The number under which netlink knows this process's first namespace.
  home => sub { return fileno $home_namespace },
  # Ethernet device setting with one 32-bit value (ETHTOOL_S…).
  ethtool => sub {
    my ($device, $command, $value) = @_;
    socket(my $socket, 2, 2, 0) or die "$!\n";
    my $setting = pack('L L', $command, $value);
    my $request = pack('a16 P x16', $device, $setting);
    ioctl($socket, 0x8946, $request) or die "$!\n";
    return '';
  },
  # Sets an environment variable of the programs to come.
  environment => sub { $ENV{$_[0]} = $_[1]; return ''; },
  # Names ipvsadm, and the library that makes a server of it or nothing. Whether it serves: it has done nothing once.
  ipvsadm_is => sub {
    my ($path, $library) = @_;
    $ipvsadm = $path;
    return 'no' if $library eq '';
    # The four ends of two pipes stay open in the server.
    local $^F = 255;
    pipe(my $request, $requests) or die "pipe: $!\n";
    pipe($answers, my $answer) or die "pipe: $!\n";
    my $child = fork // die "fork: $!\n";
    if (!$child) {
      close $requests;
      close $answers;
      @ENV{'LD_PRELOAD', 'LVS_REQUESTS', 'LVS_ANSWERS'} = ($library, fileno $request, fileno $answer);
      exec $path, '-R' or exit 127;
    }
    close $request;
    close $answer;
    put('/dev/agent-input', '');
    my $status = serve();
    return 'yes' if defined $status && $status == 0;
    undef $requests;
    return 'no';
  },
  # Gives ipvsadm commands, one a line: its status (waitpid), newline, what it said.
  ipvsadm => sub {
    my ($commands) = @_;
    put('/dev/agent-input', $commands);
    my $status = defined $requests ? serve() : start();
    die "ipvsadm did not run\n" if !defined $status;
    return "$status\n" . slurp('/dev/agent-output');
  },
  %service_operations,
);

give('ready');
while (1) {
  my @answers;
  my $problem = '';
  my $left = unpack 'N', take(4);
  my $request = '';
  while ($left > 0) {
    my $piece = $left < ${PIECE} ? $left : ${PIECE};
    $request .= take($piece);
    $left -= $piece;
    give('') if $left > 0;
  }
  for my $operation (unpack '(N/a*)*', $request) {
    my ($name, @arguments) = unpack '(N/a*)*', $operation;
    my $answer = eval { $operations{$name}->(@arguments) };
    if (!defined $answer) { $problem = $@ || "$name gave nothing"; last; }
    push @answers, $answer;
  }
  give(pack '(N/a*)*', $problem, @answers);
}
`;
