import type { Case } from '../../harness/case.ts';
import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import type { Lab } from '../../harness/lab.ts';
import { versionLine } from '../administration/version-line.ts';

const nat = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

/** What readers see is as old as the last estimation: two seconds, and what a kernel's timer may be late. */
const ESTIMATION = 2.5;

const source = ['ip_vs_core.c:ip_vs_in_stats, ip_vs_out_stats, ip_vs_conn_stats', 'ipvs.md §1.9'];

/** Connections, packets in and out, bytes in and out, of the first server listed. */
async function serverTotals(lab: Lab): Promise<readonly number[]> {
  const lines = (await lab.list('-L -n --stats')).split('\n');
  return (
    lines
      .find((line) => line.startsWith('  -> 1'))
      ?.trim()
      .split(/\s+/)
      .slice(2)
      .map(Number) ?? []
  );
}

async function expectTotals(lab: Lab, ...totals: readonly number[]): Promise<void> {
  await lab.wait(ESTIMATION);
  lab.equal('connections, packets in, packets out, bytes in, bytes out', await serverTotals(lab), totals);
}

export const cases: readonly Case[] = [
  {
    id: 'statistics/connection',
    title: 'Connections, packets and bytes count for server, service and all together',
    requirement:
      'Each scheduled connection counts once, each packet in its direction with the length of its IP datagram: at the server, at its service, and in the sum.',
    source: [...source, 'ipvs.md §1.9'],
    level: 'ipvs',
    tags: ['statistics', 'nat'],
    needs: ['listings'],
    rules: nat,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      await flow.serverSends('AP', { payload: 'HTTP/1.0 200 OK\r\n\r\nhello' });
      await lab.wait(ESTIMATION);
      lab.equal('ipvsadm -L -n --stats', (await lab.list('-L -n --stats')).split('\n'), [
        versionLine(lab),
        'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
        '  -> RemoteAddress:Port',
        'TCP  10.0.0.100:80                       1        3        2      138      104',
        '  -> 192.168.1.11:8080                   1        3        2      138      104',
        '',
      ]);
    },
  },
  {
    id: 'statistics/sums-are-hexadecimal',
    title: 'The sums of all services are shown in hexadecimal numbers',
    requirement: 'Two header lines, the sums, an empty line, a header line, the rates; all numbers hexadecimal.',
    source: ['ip_vs_ctl.c:ip_vs_stats_show, ip_vs_stats_percpu_show', 'ipvs.md §1.8'],
    level: 'ipvs',
    tags: ['statistics', 'listing'],
    needs: ['statistics', 'udp'],
    rules: `
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.11:53 -m -w 1
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -g -w 1
    `,
    async script(lab) {
      const { servers } = lab;
      for (let port = 5000; port < 5016; port++) {
        await lab
          .flow({ protocol: 'udp', port, virtualPort: 53, servers: [servers[0]] })
          .clientSends('', { payload: 'x'.repeat(100) });
      }
      await lab.flow({ method: 'direct-route', servers: [servers[1]] }).clientSends('S');
      await lab.wait(ESTIMATION);
      lab.equal('/proc/net/ip_vs_stats', (await lab.statisticsText()).split('\n'), [
        '   Total Incoming Outgoing         Incoming         Outgoing',
        '   Conns  Packets  Packets            Bytes            Bytes',
        '      11       11        0              828                0',
        '',
        ' Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
        '       2        2        0              105                0',
        '',
      ]);
      lab.equal('/proc/net/ip_vs_stats_percpu', (await lab.statisticsText('ip_vs_stats_percpu')).split('\n'), [
        '       Total Incoming Outgoing         Incoming         Outgoing',
        'CPU    Conns  Packets  Packets            Bytes            Bytes',
        '  0       11       11        0              828                0',
        '  ~       11       11        0              828                0',
        '',
        '     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
        '           2        2        0              105                0',
        '',
      ]);
    },
  },
  {
    id: 'statistics/as-of-the-last-estimation',
    title: 'What readers see is as old as the last estimation, which is made every two seconds',
    requirement: 'Readers see what was counted when the timer ran last; it runs every two seconds.',
    source: ['ip_vs_est.c:estimation_timer', 'ip_vs_ctl.c:ip_vs_copy_stats', 'ipvs.md §1.9'],
    level: 'ipvs',
    tags: ['statistics', 'time'],
    needs: ['listings'],
    rules: nat,
    async script(lab) {
      await lab.flow({ realPort: 8080 }).clientSends('S');
      await lab.wait(1);
      lab.equal('before the first estimation', await serverTotals(lab), [0, 0, 0, 0, 0]);
      await lab.wait(1.5);
      lab.equal('after it', await serverTotals(lab), [1, 1, 0, 40, 0]);
    },
  },
  {
    id: 'statistics/dropped-packet-counts',
    title: 'A packet that is dropped for its TTL has counted',
    requirement: 'A packet counts when its connection is known, before it is sent, whatever becomes of it then.',
    source: [...source, 'ipvs-cases I07, E46'],
    level: 'ipvs',
    tags: ['statistics', 'ttl'],
    needs: ['listings'],
    rules: nat,
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip, ttl: 1 }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      client.receives(ip({ source: vip }), icmp({ type: 11, code: 0 }));
      await expectTotals(lab, 1, 1, 0, 40, 0);
    },
  },
  ...(['direct-route', 'tunnel'] as const).map((method): Case => ({
    id: `statistics/own-error-counts-${method}`,
    title: `The error that the director sends about a packet of ${method === 'tunnel' ? 'VS/TUN' : 'VS/DR'} counts as one of the server`,
    requirement:
      'An ICMP error from the virtual address quotes the packet as the client sent it, which is how a server of VS/TUN or VS/DR would quote it: it counts as a packet out.',
    source: ['ip_vs_core.c:handle_response_icmp', 'ipvs-cases E46'],
    level: 'ipvs',
    tags: ['statistics', 'icmp', method],
    needs: ['listings'],
    rules: `
        -A -t 10.0.0.100:80 -s rr
        -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${method === 'tunnel' ? '-i' : '-g'} -w 1
      `,
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip, ttl: 1 }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      client.receives(ip({ source: vip }), icmp({ type: 11, code: 0 }));
      await expectTotals(lab, 1, 1, 1, 40, 68);
    },
  })),
  {
    id: 'statistics/icmp-errors-count',
    title: 'ICMP errors count in the direction of their connection',
    requirement:
      'An error about a connection counts as a packet in when it goes to the server, out when it goes to the client.',
    source: ['ip_vs_core.c:ip_vs_in_icmp, handle_response_icmp', 'ipvs-cases F30'],
    level: 'ipvs',
    tags: ['statistics', 'icmp'],
    needs: ['listings'],
    rules: nat,
    async script(lab) {
      const { client, vip, servers } = lab;
      const [server] = servers;
      await lab.flow({ realPort: 8080 }).clientSends('S');
      const ports = { sourcePort: 40001, destinationPort: 8080 };
      await server.sends(
        ip({ destination: client.address }),
        icmp({ type: 3, code: 1 }),
        ip({ source: client.address, destination: server.address }),
        tcp(ports),
      );
      client.receives(ip({ source: vip }), icmp({ type: 3, code: 1 }));
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 1 }),
        ip({ source: vip, destination: client.address }),
        tcp({ sourcePort: 80, destinationPort: 40001 }),
        payload('0123456789'),
      );
      server.receives(ip({ source: client.address }), icmp({ type: 3, code: 1 }));
      await expectTotals(lab, 1, 2, 1, 40 + 78, 68);
    },
  },
  {
    id: 'statistics/fragments-count-once',
    title: 'A datagram in fragments counts once, with its whole length',
    requirement: 'Packets are counted when they are whole.',
    source: [...source, 'ip_vs_core.c:ip_vs_gather_frags'],
    level: 'ipvs',
    tags: ['statistics', 'fragments'],
    needs: ['listings', 'udp'],
    rules: `
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.11:53 -m -w 1
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const whole = { destination: vip, df: false };
      await client.sends(
        ip({ ...whole, mf: true }),
        udp({ sourcePort: 5000, destinationPort: 53, length: 1208, checksum: 0 }),
        payload('a'.repeat(792)),
      );
      await client.sends(ip({ ...whole, offset: 800, protocol: 17 }), payload('b'.repeat(408)));
      servers[0].receives(ip({ mf: true }));
      servers[0].receives(ip({ offset: 800 }));
      await expectTotals(lab, 1, 1, 0, 1228, 0);
    },
  },
  {
    id: 'statistics/removed-server-counts-nothing',
    title: 'Packets from a server that was removed are translated, but count nowhere',
    requirement: 'Nothing counts for a server that is not configured; the sums stay as they were.',
    source: [...source, 'ipvs.md §1.6'],
    level: 'ipvs',
    tags: ['statistics', 'removal'],
    needs: ['statistics'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
    `,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.clientSends('S');
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.11:8080');
      await flow.serverSends('AS');
      await lab.wait(ESTIMATION);
      const sums = (await lab.statisticsText()).split('\n')[2];
      lab.equal('sums', sums, '       1        1        0               28                0');
    },
  },
  {
    id: 'statistics/zeroed',
    title: '-Z sets the figures of services, servers and sums to zero',
    requirement: '`ipvsadm -Z` begins all figures anew; with a service, only those of that service and its servers.',
    source: ['ip_vs_ctl.c:ip_vs_zero_service, ip_vs_zero_all', 'ipvsadm(8) -Z', 'ipvs-cases I06'],
    level: 'ipvs',
    tags: ['statistics', 'administration'],
    needs: ['listings', 'statistics'],
    rules: nat,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.clientSends('S');
      await lab.wait(ESTIMATION);
      await lab.configure('-Z -t 10.0.0.100:80');
      lab.equal('of the server', await serverTotals(lab), [0, 0, 0, 0, 0]);
      const sums = async () => (await lab.statisticsText()).split('\n')[2];
      lab.equal('sums', await sums(), '       1        1        0               28                0');
      await lab.configure('-Z');
      lab.equal('sums after -Z alone', await sums(), '       0        0        0                0                0');
      await flow.clientSends('A');
      await expectTotals(lab, 0, 1, 0, 40, 0);
    },
  },
  {
    id: 'statistics/zero-is-the-last-estimation',
    title: '-Z counts from the last estimation: what came since then shows again',
    requirement: 'The zero point is what readers saw; what was counted after it shows with the next estimation.',
    source: ['ip_vs_ctl.c:ip_vs_zero_stats'],
    level: 'ipvs',
    tags: ['statistics', 'administration', 'time'],
    needs: ['listings'],
    rules: nat,
    async script(lab) {
      await lab.flow({ realPort: 8080 }).clientSends('S');
      await lab.configure('-Z');
      await expectTotals(lab, 1, 1, 0, 40, 0);
    },
  },
  {
    id: 'statistics/new-service-begins-anew',
    title: 'A server that comes back to a new service begins with zero, to the same one with what it had',
    requirement:
      'A server added again is the one that was removed; its figures are set to zero where its service is another one.',
    source: ['ip_vs_ctl.c:__ip_vs_update_dest', 'ipvs.md §1.6'],
    level: 'ipvs',
    tags: ['statistics', 'removal'],
    needs: ['listings'],
    rules: nat,
    async script(lab) {
      const server = '-r 192.168.1.11:8080';
      await lab.flow({ realPort: 8080 }).clientSends('S');
      await lab.wait(ESTIMATION);
      await lab.configure(`-d -t 10.0.0.100:80 ${server}`, `-a -t 10.0.0.100:80 ${server} -m -w 1`);
      lab.equal('in the same service', await serverTotals(lab), [1, 1, 0, 40, 0]);
      await lab.configure('-D -t 10.0.0.100:80', '-A -t 10.0.0.100:80 -s rr', `-a -t 10.0.0.100:80 ${server} -m -w 1`);
      lab.equal('in a new one', await serverTotals(lab), [0, 0, 0, 0, 0]);
    },
  },
  {
    id: 'statistics/estimation-off',
    title: 'Without estimation the figures stand still',
    requirement: 'With `run_estimation` 0 no figures are taken, so that readers see those of before.',
    source: ['ip_vs_est.c:estimation_timer', 'ipvs.md §7.7'],
    level: 'ipvs',
    tags: ['statistics', 'sysctl'],
    needs: ['listings', 'sysctl', 'run-estimation', 'clock'],
    rules: nat,
    async script(lab) {
      await lab.sysctl('vs.run_estimation', '0');
      await lab.flow({ realPort: 8080 }).clientSends('S');
      await lab.wait(6);
      lab.equal('off', await serverTotals(lab), [0, 0, 0, 0, 0]);
      await lab.sysctl('vs.run_estimation', '1');
      await expectTotals(lab, 1, 1, 0, 40, 0);
    },
  },
  {
    id: 'statistics/rates',
    title: 'Rates approach what passes a second, a quarter of the way with each estimation',
    requirement:
      'A rate is an average to which each estimation adds a quarter of its distance from what was seen in the two seconds before; shown a second and rounded.',
    source: ['ip_vs_est.c:estimation_timer, ip_vs_read_estimator', 'ipvs.md §1.9'],
    level: 'ipvs',
    tags: ['statistics', 'time'],
    needs: ['listings', 'clock'],
    rules: nat,
    async script(lab) {
      for (let port = 40001; port <= 40032; port++) await lab.flow({ realPort: 8080, port }).clientSends('S');
      const rates = async () => (await lab.list('-L -n --rate')).split('\n').slice(3, 5);
      await lab.wait(ESTIMATION);
      lab.equal('16 packets of 40 bytes a second, a quarter of it', await rates(), [
        'TCP  10.0.0.100:80                       4        4        0      160        0',
        '  -> 192.168.1.11:8080                   4        4        0      160        0',
      ]);
      await lab.wait(2);
      lab.equal('a quarter less', await rates(), [
        'TCP  10.0.0.100:80                       3        3        0      120        0',
        '  -> 192.168.1.11:8080                   3        3        0      120        0',
      ]);
      // In steps: newer kernels leave out the estimations that time jumps over (ip_vs_est.c:ip_vs_estimation_kthread).
      for (let estimation = 0; estimation < 30; estimation++) await lab.wait(2);
      lab.equal('nothing any more', await rates(), [
        'TCP  10.0.0.100:80                       0        0        0        0        0',
        '  -> 192.168.1.11:8080                   0        0        0        0        0',
      ]);
    },
  },
];
