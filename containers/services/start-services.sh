#!/bin/sh
# Starts what every real server runs, in a plain container as in a user-mode kernel, and returns when all of it answers.
# The contents, with certificate and key, stand in /srv/content.
set -eu
here=$(dirname "$0")

# Until something listens on TCP port $1.
await_listener() {
    for _ in $(seq 100); do
        [ -z "$(ss -Hltn "sport = :$1")" ] || return 0
        sleep 0.05
    done
    echo "nothing listens on TCP port $1" >&2
    exit 1
}

mkdir -p /run/nginx /run/upload
nginx -e /var/log/nginx-error.log -c "$here/nginx.conf"

# Twelve strings of 250 digits, as scenarios/udp.ts has them.
dnsmasq --conf-file="$here/dnsmasq.conf" --txt-record="whoami.service.test,$(hostname)" \
    --txt-record="large.service.test$(printf ',%0250d' $(seq 12))"

iperf3 --server --daemon --logfile /var/log/iperf3.log
await_listener 5201

if [ -e "$here/start-ftp.sh" ]; then
    sh "$here/start-ftp.sh"
fi
