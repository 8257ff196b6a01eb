# Runs commands in the guest, as many at once as are asked for. A line on the console is `run ID` or `stop ID`.
#
# A command is the file /guest/commands/ID/command. Its output and errors go to files beside it; when it has ended and both are with the
# host, the file `status` appears, with the exit status as the shell has it. What is stopped gets SIGTERM with all that it started, and
# SIGKILL two seconds later.
use strict;
use warnings;

use constant {
  SIGCHLD => 17, SIG_BLOCK => 0, SIG_UNBLOCK => 1, TCSETS => 0x5402,
  # System calls of x86-64.
  RT_SIGPROCMASK => 14, FSYNC => 74, SIGNALFD => 282,
};
my $folder = '/guest/commands';

# Raw: no echo, no translation; reads return with the first byte.
open my $console, '+<', '/dev/ttyS0' or die "/dev/ttyS0: $!";
ioctl $console, TCSETS, pack('L4 C C19', 0, 0, 0x8bf, 0, 0, (0) x 6, 1) or die "TCSETS: $!";

# The end of a child is read like a line, so that none comes between a look and a wait.
my $mask = pack 'Q', 1 << (SIGCHLD - 1);
syscall RT_SIGPROCMASK, SIG_BLOCK, $mask, 0, 8;
my $descriptor = syscall SIGNALFD, -1, $mask, 8;
open my $ends, '<&=', $descriptor or die "signalfd: $!";

# By process: the command's id, its files.
my %running;
# By id: the process; when to kill it.
my (%process, %deadline);

sub run {
  my ($id) = @_;
  my $place = "$folder/$id";
  open my $output, '>', "$place/output" or return;
  open my $errors, '>', "$place/errors" or return;
  my $child = fork // return;
  if ($child == 0) {
    setpgrp;
    open STDIN, '<', '/dev/null';
    open STDOUT, '>&', $output;
    open STDERR, '>&', $errors;
    syscall RT_SIGPROCMASK, SIG_UNBLOCK, $mask, 0, 8;
    chdir '/';
    exec '/bin/sh', "$place/command" or exit 127;
  }
  $running{$child} = { id => $id, files => [$output, $errors] };
  $process{$id} = $child;
}

sub stop {
  my ($id) = @_;
  my $child = $process{$id} // return;
  kill 'TERM', -$child;
  $deadline{$id} = time + 2;
}

sub ended {
  my ($child, $status) = @_;
  my $command = delete $running{$child} // return;
  my $id = $command->{id};
  delete $process{$id};
  # What it started and left behind ends with a command that was stopped.
  kill 'KILL', -$child if defined delete $deadline{$id};
  # The pages of a file go to the host when it is told to.
  syscall FSYNC, fileno $_ for @{ $command->{files} };
  close $_ for @{ $command->{files} };
  my $shown = $status & 127 ? 128 + ($status & 127) : $status >> 8;
  open my $file, '>', "$folder/$id/ending" or return;
  print $file "$shown\n";
  close $file;
  rename "$folder/$id/ending", "$folder/$id/status";
}

open my $ready, '>', '/guest/ready' or die "/guest/ready: $!";
close $ready;

my $text = '';
my $watched = '';
vec($watched, fileno $_, 1) = 1 for $console, $ends;
while (1) {
  my $found = select my $readable = $watched, undef, undef, %deadline ? 1 : undef;
  if ($found > 0 && vec $readable, fileno $ends, 1) {
    sysread $ends, my $signals, 1280;
    while ((my $child = waitpid -1, 1) > 0) { ended($child, $?); }
  }
  if ($found > 0 && vec $readable, fileno $console, 1) {
    sysread $console, $text, 4096, length $text or die "/dev/ttyS0: $!";
    while ($text =~ s/^(run|stop) (\S+)\n//) { $1 eq 'run' ? run($2) : stop($2); }
  }
  for my $id (grep { $deadline{$_} <= time } keys %deadline) { kill 'KILL', -$process{$id}; }
}
