# Runs a line of sh in the guest, from the container: `run.pl COMMAND`. Output, errors and exit status are those of the command. Whoever
# ends this with SIGTERM ends the command in the guest, with all that it started; status 125 says that the guest has ended.
use strict;
use warnings;
use Time::HiRes qw(sleep time);

my ($command) = @ARGV;
my $id = sprintf '%d-%d', $$, time * 1000;
my $place = "/guest/commands/$id";

sub give {
  open my $console, '+<', '/guest/console' or die "/guest/console: $!\n";
  syswrite $console, "@_ $id\n";
}
sub copy {
  my ($name, $to) = @_;
  open my $file, '<', "$place/$name" or return;
  while (sysread $file, my $bytes, 1 << 16) { print $to $bytes; }
}
sub guest {
  open my $file, '<', '/guest/pid' or return undef;
  my $line = <$file>;
  return $line + 0;
}

my $pid = guest() // do { warn "no guest is running\n"; exit 125 };
mkdir $place or die "$place: $!\n";
open my $file, '>', "$place/command" or die "$place: $!\n";
print $file $command;
close $file;
for my $signal (qw(TERM INT HUP)) { $SIG{$signal} = sub { give('stop') }; }
give('run');

my $pause = 0.002;
until (-e "$place/status") {
  sleep $pause;
  $pause = $pause * 1.1 if $pause < 0.02;
  if (!-e "/proc/$pid/exe") { warn "the guest has ended\n"; exit 125; }
}
copy('output', *STDOUT);
copy('errors', *STDERR);
open my $ending, '<', "$place/status" or die "$place/status: $!\n";
my $status = <$ending> + 0;
unlink map { "$place/$_" } qw(command output errors status);
rmdir $place;
exit $status;
