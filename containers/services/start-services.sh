#!/bin/sh
# Starts what every real server runs, in a plain container as in a user-mode kernel, and returns when all of it answers.
# The contents, with certificate and key, stand in /srv/content.
set -eu
here=$(dirname "$0")

# Until the command that follows succeeds; what is waited for is said first.
await() {
    what=$1
    shift
    for _ in $(seq 200); do
        ! "$@" || return 0
        sleep 0.05
    done
    echo "no $what after 10 s" >&2
    exit 1
}

tcp_listens() {
    [ -n "$(ss -Hltn "sport = :$1")" ]
}

sctp_listens() {
    grep -q "^\( *[^ ]* *\)\{5\}$1 " /proc/net/sctp/eps
}

mkdir -p /run/nginx /run/upload
nginx -e /var/log/nginx-error.log -c "$here/nginx.conf"

# Twelve strings of 250 digits, as scenarios/udp.ts has them.
dnsmasq --conf-file="$here/dnsmasq.conf" --txt-record="whoami.service.test,$(hostname)" \
    --txt-record="large.service.test$(printf ',%0250d' $(seq 12))"

# Its datagrams would leave from an address of the server's own: where there is a virtual one, it is bound to that.
virtual=$(ip -4 -o address show | awk 'sub("/32$", "", $4) { print "--bind", $4 }')
iperf3 --server --daemon --forceflush --logfile /var/log/iperf3.log $virtual
await 'listener on TCP port 5201' tcp_listens 5201

# Where the kernel has SCTP: on port 9000 the name of the server and a file for whoever comes; what is sent to port 9001 is kept.
if [ -e /proc/net/sctp/eps ]; then
    socat SCTP-LISTEN:9000,fork,reuseaddr SYSTEM:'hostname; cat /srv/content/100k.bin' >/var/log/socat.log 2>&1 &
    socat -u SCTP-LISTEN:9001,fork,reuseaddr SYSTEM:'cat >"/run/upload/sctp-$SOCAT_PEERPORT"' >>/var/log/socat.log 2>&1 &
    await 'listener on SCTP port 9000' sctp_listens 9000
    await 'listener on SCTP port 9001' sctp_listens 9001
fi

if [ -e "$here/start-ftp.sh" ]; then
    sh "$here/start-ftp.sh"
fi
