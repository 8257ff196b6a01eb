import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { versionLine } from './version-line.ts';

const services = `
  -A -t 10.0.0.100:80 -s wlc
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 3 -x 20 -y 10
  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -g -w 0
  -a -t 10.0.0.100:80 -r 10.0.0.50:80 -i -w 65536
  -A -u 10.0.0.100:53 -s sh -b sh-port,sh-fallback
  -a -u 10.0.0.100:53 -r 192.168.1.13:53 -m -w 1
  -A -t 10.0.0.100:443 -s rr -b flag-1,flag-3
`;

/** A listing is the text of ipvsadm to the byte: each line an entry. */
const listing = (
  id: string,
  title: string,
  requirement: string,
  source: readonly string[],
  command: string,
  lines: readonly (string | ((lab: Lab) => string))[],
): Case => ({
  id: `administration/ipvsadm-${id}`,
  title,
  requirement,
  source,
  level: 'ipvs',
  tags: ['administration', 'listing'],
  needs: ['listings', 'tunnel', 'direct-route', 'nat', 'tcp', 'udp'],
  rules: services,
  async script(lab) {
    const expected = lines.map((line) => (typeof line === 'string' ? line : line(lab)));
    lab.equal(`ipvsadm ${command}`, (await lab.list(command)).split('\n'), [...expected, '']);
  },
});

const remote = '  -> RemoteAddress:Port';

export const cases: readonly Case[] = [
  listing(
    'list',
    'ipvsadm lists services by protocol, address and port, servers by address',
    'Services in the order of protocol, address, port; servers of address and port; flags of the scheduler in parentheses. Addresses are compared as signed 32-bit differences.',
    ['ipvsadm.c:print_service_entry', 'libipvs.c:ipvs_cmp_services, ipvs_cmp_dests', 'ipvsadm(8) -L'],
    '-L -n',
    [
      versionLine,
      'Prot LocalAddress:Port Scheduler Flags',
      `${remote}           Forward Weight ActiveConn InActConn`,
      'TCP  10.0.0.100:80 wlc',
      '  -> 192.168.1.11:8080            Masq    3      0          0         ',
      '  -> 192.168.1.12:80              Route   0      0          0         ',
      '  -> 10.0.0.50:80                 Tunnel  65536  0          0         ',
      'TCP  10.0.0.100:443 rr (flag-1,flag-3)',
      'UDP  10.0.0.100:53 sh (sh-fallback,sh-port)',
      '  -> 192.168.1.13:53              Masq    1      0          0         ',
    ],
  ),
  listing(
    'one-service',
    'Of one service ipvsadm lists that alone, without the version',
    'With -t, -u or -f the listing is of that service.',
    ['ipvsadm.c:list_service', 'ipvsadm(8) -L'],
    '-L -n -u 10.0.0.100:53',
    [
      'Prot LocalAddress:Port Scheduler Flags',
      `${remote}           Forward Weight ActiveConn InActConn`,
      'UDP  10.0.0.100:53 sh (sh-fallback,sh-port)',
      '  -> 192.168.1.13:53              Masq    1      0          0         ',
    ],
  ),
  listing(
    'thresholds',
    '--thresholds shows both limits of each server',
    'The upper and the lower threshold, 0 where there is none, and the connections of the server.',
    ['ipvsadm.c:print_title, print_service_entry', 'ipvsadm(8) --thresholds'],
    '-L -n -t 10.0.0.100:80 --thresholds',
    [
      'Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ',
      remote,
      'TCP  10.0.0.100:80 wlc',
      '  -> 192.168.1.11:8080            20         10         0          0         ',
      '  -> 192.168.1.12:80              0          0          0          0         ',
      '  -> 10.0.0.50:80                 0          0          0          0         ',
    ],
  ),
  listing(
    'persistent-conn',
    '--persistent-conn shows the templates of each server',
    'Weight, persistent connections, active and inactive ones.',
    ['ipvsadm.c:print_title, print_service_entry', 'ipvsadm(8) --persistent-conn'],
    '-L -n -u 10.0.0.100:53 --persistent-conn',
    [
      'Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ',
      remote,
      'UDP  10.0.0.100:53 sh (sh-fallback,sh-port)',
      '  -> 192.168.1.13:53              1         0           0          0         ',
    ],
  ),
  listing(
    'tun-info',
    '--tun-info shows the type of each tunnel',
    'The type of tunnel of a server of VS/TUN, n/a of another.',
    ['ipvsadm.c:fwd_tun_info, print_service_entry', 'ipvsadm(8) --tun-info'],
    '-L -n -t 10.0.0.100:80 --tun-info',
    [
      'Prot LocalAddress:Port Scheduler Flags',
      `${remote}           Forward TunnelInfo    Weight ActiveConn InActConn`,
      'TCP  10.0.0.100:80 wlc',
      '  -> 192.168.1.11:8080            Masq    n/a           3      0          0         ',
      '  -> 192.168.1.12:80              Route   n/a           0      0          0         ',
      '  -> 10.0.0.50:80                 Tunnel  ipip          65536  0          0         ',
    ],
  ),
  listing(
    'exact',
    '--exact writes numbers out, each with a space before it',
    'Numbers are written out and expanded beyond their column if need be.',
    ['ipvsadm.c:print_largenum', 'ipvsadm(8) --exact'],
    '-L -n -u 10.0.0.100:53 --stats --exact',
    [
      'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
      remote,
      'UDP  10.0.0.100:53                       0        0        0        0        0',
      '  -> 192.168.1.13:53                     0        0        0        0        0',
    ],
  ),
  listing(
    'nosort',
    '--nosort leaves servers in the order in which they are scheduled',
    'Without sorting the server added last stands first.',
    ['ipvsadm.c:print_service_entry', 'ip_vs_ctl.c:ip_vs_add_dest', 'ipvsadm(8) --nosort'],
    '-L -n -t 10.0.0.100:80 --nosort',
    [
      'Prot LocalAddress:Port Scheduler Flags',
      `${remote}           Forward Weight ActiveConn InActConn`,
      'TCP  10.0.0.100:80 wlc',
      '  -> 10.0.0.50:80                 Tunnel  65536  0          0         ',
      '  -> 192.168.1.12:80              Route   0      0          0         ',
      '  -> 192.168.1.11:8080            Masq    3      0          0         ',
    ],
  ),
  listing(
    'timeout',
    '--timeout shows the three timeouts that can be set',
    'The timeouts of ESTABLISHED, FIN_WAIT and UDP in seconds.',
    ['ipvsadm.c:list_timeout', 'ipvsadm(8) --timeout', 'ipvs.md §2.3'],
    '-L --timeout',
    ['Timeout (tcp tcpfin udp): 900 120 300'],
  ),
  listing(
    'save',
    'ipvsadm -S writes the commands that make the services; thresholds are not among them',
    'One command a service and a server, in the order of the listing, that -R reads back.',
    ['ipvsadm.c:print_service_entry, print_tunnel_rule', 'ipvsadm(8) -S'],
    '-S -n',
    [
      '-A -t 10.0.0.100:80 -s wlc',
      '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 3',
      '-a -t 10.0.0.100:80 -r 192.168.1.12:80 -g -w 0',
      '-a -t 10.0.0.100:80 -r 10.0.0.50:80 -i -w 65536 --tun-type ipip',
      '-A -t 10.0.0.100:443 -s rr -b flag-1,flag-3',
      '-A -u 10.0.0.100:53 -s sh -b sh-fallback,sh-port',
      '-a -u 10.0.0.100:53 -r 192.168.1.13:53 -m -w 1',
    ],
  ),
  {
    id: 'administration/ipvsadm-daemon',
    title: '-L --daemon lists the daemons that run, with all they run with',
    requirement: 'The master first: interface, id, length, group, port and TTL, also where the kernel chose them.',
    source: ['ipvsadm.c:list_daemon', 'ip_vs_sync.c:start_sync_thread', 'ipvsadm(8) --daemon'],
    level: 'ipvs',
    tags: ['administration', 'listing', 'sync'],
    needs: ['listings', 'synchronisation'],
    rules: '',
    async script(lab) {
      lab.equal('without daemons', await lab.list('-L --daemon'), '');
      await lab.configure(
        '--start-daemon backup --mcast-interface client --syncid 7 --sync-maxlen 500 --mcast-group 224.0.0.82 --mcast-port 9000 --mcast-ttl 3',
        '--start-daemon master --mcast-interface server',
      );
      lab.equal('with both', (await lab.list('-L --daemon')).split('\n'), [
        'master sync daemon (mcast=server, syncid=0, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)',
        'backup sync daemon (mcast=client, syncid=7, maxlen=1024, group=224.0.0.82, port=9000, ttl=3)',
        '',
      ]);
      await lab.configure('--stop-daemon master');
      lab.equal('with the backup', (await lab.list('-L --daemon')).split('\n').length, 2);
    },
  },
  {
    id: 'administration/ipvsadm-connections',
    title: '-L -c lists the connections with the time that is left to them',
    requirement: 'Protocol, minutes and seconds left, state, the three endpoints.',
    source: ['ipvsadm.c:list_conn, print_conn', 'ipvsadm(8) -c'],
    level: 'ipvs',
    tags: ['administration', 'listing'],
    needs: ['listings'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
    `,
    async script(lab) {
      await lab.flow({ realPort: 8080 }).establish();
      await lab.wait(0.5);
      lab.equal('ipvsadm -L -n -c', (await lab.list('-L -n -c')).split('\n'), [
        'IPVS connection entries',
        'pro expire state       source             virtual            destination',
        'TCP 14:59  ESTABLISHED 10.0.0.2:40001     10.0.0.100:80      192.168.1.11:8080',
        '',
      ]);
    },
  },
  {
    id: 'administration/ipvsadm-restore',
    title: 'What ipvsadm -S wrote makes the same services again',
    requirement: 'Services and servers read back from what was saved are those that were saved.',
    source: ['ipvsadm(8) -S, -R'],
    level: 'core',
    tags: ['administration', 'listing'],
    needs: ['listings', 'tunnel', 'direct-route', 'nat', 'tcp', 'udp'],
    rules: services,
    async script(lab) {
      const saved = await lab.list('-S -n');
      await lab.configure('-C');
      lab.equal('after -C', await lab.list('-S -n'), '');
      await lab.configure(...saved.split('\n').filter((line) => line !== ''));
      lab.equal('after what was saved', await lab.list('-S -n'), saved);
    },
  },
];
