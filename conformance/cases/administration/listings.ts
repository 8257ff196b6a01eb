import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { versionLine } from './version-line.ts';

/** @param buckets of a connection table that grows */
const header = (lab: Lab, buckets?: number): string =>
  [
    versionLine(lab, buckets),
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
    '',
  ].join('\n');

const CONNECTIONS_HEADER = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';

/** Seconds left are the one thing in a line that is another a moment later. */
const withoutSeconds = (text: string) => text.replace(/\d+$/gm, (seconds) => '9'.repeat(seconds.length));

const service = '-t 10.0.0.100:80';

export const cases: readonly Case[] = [
  {
    id: 'administration/list-services',
    title: '/proc/net/ip_vs, to the byte',
    requirement:
      "A service's line ends with two spaces; its servers follow, the newest first, each with address, method, weight and counts in columns; addresses and ports are hexadecimal capitals.",
    source: ['ip_vs_ctl.c:ip_vs_info_seq_show', 'ipvs-cases I01'],
    level: 'ipvs',
    tags: ['administration', 'listing'],
    needs: ['services'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:8080 -m -w 1
      -a ${service} -r 192.168.1.12:80 -i -w 65535
      -a ${service} -r 192.168.1.13:80 -g -w 0
    `,
    async script(lab) {
      const text = [
        'TCP  0A000064:0050 rr  ',
        '  -> C0A8010D:0050      Route   0      0          0         ',
        '  -> C0A8010C:0050      Tunnel  65535  0          0         ',
        '  -> C0A8010B:1F90      Masq    1      0          0         ',
        '',
      ].join('\n');
      lab.equal('the listing', await lab.servicesText(), header(lab) + text);
    },
  },
  {
    id: 'administration/list-nothing',
    title: 'Without services and connections the listings are their headers',
    requirement: 'An empty table is listed as its header alone, before the first service as after the last.',
    source: ['ip_vs_ctl.c:ip_vs_info_seq_show', 'ip_vs_conn.c:ip_vs_conn_seq_show'],
    level: 'ipvs',
    tags: ['administration', 'listing'],
    needs: ['services', 'connections', 'udp', 'scheduler.rr'],
    rules: '',
    async script(lab) {
      lab.equal('services', await lab.servicesText(), header(lab, 0));
      lab.equal('connections', await lab.connectionsText(), CONNECTIONS_HEADER);
      await lab.configure('-A -u 10.0.0.100:53 -s rr');
      lab.equal('one service', await lab.servicesText(), `${header(lab)}UDP  0A000064:0035 rr  \n`);
      await lab.configure('-C');
      lab.equal('services after -C', await lab.servicesText(), header(lab));
    },
  },
  {
    id: 'administration/list-buckets',
    title: 'The listing names the buckets of the connection table',
    requirement:
      'The table has 4096 buckets; in newer kernels 256 to 4096, at least four for each connection when the next power of two has been reached.',
    source: ['ip_vs_ctl.c:ip_vs_info_seq_show', 'ip_vs_core.c:ip_vs_rht_desired_size'],
    level: 'ipvs',
    tags: ['administration', 'listing', 'connection'],
    needs: ['services'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const opened = async (first: number, last: number) => {
        const ports = Array.from({ length: last - first + 1 }, (_, index) => 40000 + first + index);
        await client.sendsTogether(
          ports.map((sourcePort) => [ip({ destination: vip }), tcp({ sourcePort, destinationPort: 80, flags: 'S' })]),
        );
        for (const sourcePort of ports) server.receives(ip(), tcp({ sourcePort, flags: 'S' }));
        // The table grows beside the traffic.
        await lab.wait(1);
        return (await lab.servicesText()).split('\n')[0];
      };
      lab.equal('with one connection', await opened(1, 1), versionLine(lab));
      lab.equal('with 64', await opened(2, 64), versionLine(lab));
      lab.equal('with 65', await opened(65, 65), versionLine(lab, 512));
      lab.equal('with 257', await opened(66, 257), versionLine(lab, 2048));
    },
  },
  {
    id: 'administration/list-counts',
    title: 'The listing counts active and inactive connections of each server',
    requirement: 'The columns ActiveConn and InActConn hold the counts at the time of reading, wide or narrow.',
    source: ['ip_vs_ctl.c:ip_vs_info_seq_show', 'ipvs-cases I01'],
    level: 'ipvs',
    tags: ['administration', 'listing', 'connection'],
    needs: ['services'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      for (let port = 40001; port <= 40011; port++) {
        const flow = lab.flow({ port });
        await flow.establish();
        if (port > 40009) await flow.clientSends('AF');
      }
      const text = ['TCP  0A000064:0050 rr  ', '  -> C0A8010B:0050      Masq    1      9          2         ', ''].join(
        '\n',
      );
      lab.equal('the listing', await lab.servicesText(), header(lab) + text);
    },
  },
  {
    id: 'administration/list-connections',
    title: '/proc/net/ip_vs_conn, to the byte',
    requirement:
      'A line holds protocol, client, virtual and real address and port in hexadecimal capitals, the state in eleven columns, and the whole seconds left in seven.',
    source: ['ip_vs_conn.c:ip_vs_conn_seq_show', 'ipvs-cases I03'],
    level: 'ipvs',
    tags: ['administration', 'listing', 'connection'],
    needs: ['connections'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:8080 -m -w 1
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
    `,
    async script(lab) {
      const listed = async () => withoutSeconds(await lab.connectionsText());
      const flow = lab.flow({ port: 40002, realPort: 8080 });
      await flow.clientSends('S');
      const row = 'TCP 0A000002 9C42 0A000064 0050 C0A8010B 1F90';
      lab.equal('after SYN', await listed(), `${CONNECTIONS_HEADER}${row} SYN_RECV         99\n`);
      await flow.serverSends('AS');
      await flow.clientSends('A');
      lab.equal('after the handshake', await listed(), `${CONNECTIONS_HEADER}${row} ESTABLISHED     999\n`);
      await flow.serverSends('AF');
      lab.equal('after FIN', await listed(), `${CONNECTIONS_HEADER}${row} FIN_WAIT        999\n`);
      await flow.clientSends('AR');
      const closed = `${row} CLOSE             9\n`;
      const seen = (await listed()).replace('CLOSE            99\n', 'CLOSE             9\n');
      lab.equal('after RST', seen, `${CONNECTIONS_HEADER}${closed}`);
      await lab.flow({ port: 5000, protocol: 'udp', virtualPort: 53, realPort: 5353 }).clientSends();
      const datagrams = 'UDP 0A000002 1388 0A000064 0035 C0A8010B 14E9 UDP             999';
      lab.equal('a line for UDP', (await listed()).split('\n').includes(datagrams), true);
    },
  },
];
