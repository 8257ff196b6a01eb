#!/bin/sh
# Puts a user-mode kernel in the place of the container's own: `start.sh KERNEL MEMORY MODULE...`, in the container. It takes over all
# eth devices with their MAC addresses and MTUs; the container's files are the guest's. Returns when commands can be run, with the
# kernel's last words and status 1 when it does not boot. Called again, it ends the one that runs, at once, and starts another.
#
# Everything of a running guest is in /guest, which must be a tmpfs that programs may be run from.
set -eu
here=$(dirname "$0")
kernel=$1
memory=$2
shift 2
modules=$(IFS=, && echo "$*")

# A kernel now and then aborts before its first word, about once in a hundred times on a machine with much else to do.
attempts=3

# What the guest sends is not to come back to it: the vector driver asks that of the wrong one of its two sockets
# (arch/um/drivers/vector_kern.c:vector_net_open). A socket filter: the packet type; is it PACKET_OUTGOING? no byte of it : all.
printf '\040\0\0\0\004\360\377\377\025\0\0\001\004\0\0\0\006\0\0\0\0\0\0\0\006\0\0\0\377\377\377\377' >/guest/filter

# The container's own network stack must not answer what is meant for the guest.
devices=
for device in $(ls /sys/class/net); do
  case $device in eth*) ;; *) continue ;; esac
  ip link set "$device" arp off addrgenmode none
  ip address flush dev "$device"
  ip link set "$device" up
  mac=$(cat "/sys/class/net/$device/address")
  mtu=$(cat "/sys/class/net/$device/mtu")
  # Segments that belong together are not to be joined on the way (gro).
  devices="$devices vec${device#eth}:transport=raw,ifname=$device,mac=$mac,mtu=$mtu,depth=128,gro=0,bpffile=/guest/filter"
done

# The kernel has helper processes, which may outlive it. Who has ended has no program, even where nobody took notice of its end.
end() {
  if [ -s /guest/pid ]; then
    pid=$(cat /guest/pid)
    kill -s KILL -- "-$pid" 2>/dev/null || true
    while [ -e "/proc/$pid/exe" ]; do sleep 0.01; done
  fi
  rm -rf /guest/pid /guest/ready /guest/commands /guest/machine
}

while [ "$attempts" -gt 0 ]; do
  attempts=$((attempts - 1))
  end
  mkdir -p /guest/commands /guest/memory
  [ -p /guest/console ] || mkfifo /guest/console
  # The timer signal is ignored until the kernel takes it: before that it would end the process.
  # shellcheck disable=SC2086
  TMPDIR=/guest/memory setsid sh -c 'trap "" ALRM; echo $$ >/guest/pid; exec "$@"' sh \
    "$kernel" "mem=$memory" root=/dev/root rootfstype=hostfs rootflags=/ rw quiet \
    con=null con0=null,fd:2 ssl0=fd:0,fd:1 uml_dir=/guest umid=machine $devices \
    init=/bin/sh -- "$here/init.sh" "$here" "$(hostname)" "$modules" \
    0<>/guest/console >/dev/null 2>/guest/log &
  perl "$here/boot.pl" && exit 0
done
words=$(grep -a 'Kernel panic' /guest/log || tail -n 3 /guest/log | tr '\n' ' ')
echo "$kernel did not boot; its last words: ${words:-it said nothing}" >&2
end
exit 1
