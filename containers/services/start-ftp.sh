#!/bin/sh
# Starts an FTP server of both families on port 21, and returns when it listens. Users need no name: they find the contents in /content,
# and a folder to write into in /upload, where `name` says which server it is. All commands and replies are in /run/ftp/log.
#
# It announces the address that a client's control connection came to: the server's own under VS/NAT, where the director translates it, the
# virtual one under VS/TUN and VS/DR, where the server has it.
set -eu
mkdir -p /run/ftp/empty /srv/upload
hostname >/srv/upload/name
chown ftp /srv/upload

cat >/run/ftp/vsftpd.conf <<CONFIGURATION
listen_ipv6=YES
background=YES
anonymous_enable=YES
no_anon_password=YES
anon_root=/srv
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
async_abor_enable=YES
connect_from_port_20=YES
accept_timeout=10
connect_timeout=10
ftpd_banner=$(hostname)
secure_chroot_dir=/run/ftp/empty
# A container may make no namespaces, and not every kernel knows seccomp.
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
xferlog_enable=YES
vsftpd_log_file=/run/ftp/log
log_ftp_protocol=YES
CONFIGURATION

vsftpd /run/ftp/vsftpd.conf
for _ in $(seq 100); do
  if nc -z localhost 21 2>/dev/null; then exit 0; fi
  sleep 0.05
done
echo 'vsftpd does not listen on port 21' >&2
exit 1
