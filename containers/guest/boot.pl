# Waits until the guest is ready, status 0; or has ended or takes too long, status 1.
#
# More than half of a boot is spent on measuring the speed of RAID code, for a fixed number of timer ticks each (lib/raid6/algos.c).
# SIGALRM is the guest's timer interrupt (arch/um/os-Linux/signal.c:timer_alarm_handler): it comes every millisecond here, not every ten.
use strict;
use warnings;
use Time::HiRes qw(sleep time);

my $limit = time + 20;
my $pid;
while (time < $limit) {
  exit 0 if -e '/guest/ready';
  if (!defined $pid && open my $file, '<', '/guest/pid') {
    my $line = <$file> // '';
    ($pid) = $line =~ /^(\d+)\n/;
  }
  # Who has ended has no program, even where nobody took notice of its end.
  exit 1 if defined $pid && !-e "/proc/$pid/exe";
  kill 'ALRM', $pid if defined $pid;
  sleep 0.001;
}
exit 1;
