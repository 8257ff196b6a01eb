#!/bin/sh
# The guest's first process: `init.sh FOLDER HOSTNAME MODULE,MODULE...`. The files are the container's, apart from what a running system writes.
here=$1
name=$2
modules=$3
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

mount -n -t proc proc /proc
mount -n --all --fstab "$here/fstab"
echo "$name" >/proc/sys/kernel/hostname
mkdir -p /run/lock /run/sshd
(IFS=, && modprobe --all $modules)
for device in $(ls /sys/class/net); do
  case $device in vec*) ip link set "$device" name "eth${device#vec}" ;; esac
done
ip link set lo up
exec perl "$here/agent.pl"
