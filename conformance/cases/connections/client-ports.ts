import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { Requests } from '../scheduling/requests.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.13:80 -m -w 1
`;

const common = { level: 'ipvs', tags: ['connections', 'tcp'], needs: ['connections'], rules } as const;

/** Client ports, and pairs of connections, that the kernel treats in its own way. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'connections/client-port-20',
    title: 'A client that sends from port 20 is not balanced',
    requirement:
      "Port 20 is that of FTP's data connections, which servers open: a SYN from it makes no connection and gets a reset of the director's own TCP.",
    source: ['ip_vs_core.c:ip_vs_schedule', 'ipvs-cases D37'],
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 20, destinationPort: 80, sequence: 7, flags: 'S' }),
      );
      client.receives(
        ip({ source: vip, destination: client.address }),
        tcp({ sourcePort: 80, destinationPort: 20, sequence: 0, acknowledgement: 8, flags: 'AR' }),
      );
      lab.equal('connections', await lab.connections(), []);
      await lab.flow({ port: 21 }).establish();
    },
  },
  {
    ...common,
    id: 'connections/client-port-0',
    title: 'A client that sends from port 0 has a new connection with each SYN',
    requirement:
      'A packet from port 0 finds no connection: each SYN is scheduled and makes a record with the same key, any other segment is not balanced. Answers are translated.',
    source: ['ip_vs_conn.c:__ip_vs_conn_in_get', 'ipvs-cases D42'],
    async script(lab) {
      const { client, servers, vip } = lab;
      const [first, second, third] = servers;
      for (const server of [third, second]) {
        await client.sends(ip({ destination: vip }), tcp({ sourcePort: 0, destinationPort: 80, flags: 'S' }));
        server.receives(
          ip({ source: client.address, destination: server.address }),
          tcp({ sourcePort: 0, destinationPort: 80, flags: 'S' }),
        );
      }
      await second.sends(ip({ destination: client.address }), tcp({ sourcePort: 80, destinationPort: 0, flags: 'AS' }));
      client.receives(ip({ source: vip }), tcp({ sourcePort: 80, destinationPort: 0, flags: 'AS' }));
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 0, destinationPort: 80, acknowledgement: 9, flags: 'A' }),
      );
      client.receives(
        ip({ source: vip, destination: client.address }),
        tcp({ sourcePort: 80, destinationPort: 0, sequence: 9, flags: 'R' }),
      );
      first.receivesNothing();
      const rows = (await lab.connections()).map((row) => [row.client, row.destination]);
      lab.equal('records', rows, [
        [`${client.address}:0`, `${second.address}:80`],
        [`${client.address}:0`, `${third.address}:80`],
      ]);
    },
  },
  {
    ...common,
    id: 'connections/newest-gets-the-answer',
    title: 'Where two connections could have sent an answer it is of the newest',
    requirement:
      'Two services have the same server and port, and a client asks both from one port: an answer is that of the connection made last.',
    source: ['ip_vs_conn.c:ip_vs_conn_hash', 'ip_vs_conn.c:ip_vs_conn_out_get'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.11:8080 -m -w 1
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      await lab.flow({ virtualPort: 81, realPort: 8080 }).clientSends('S');
      await lab.flow({ virtualPort: 80, realPort: 8080 }).clientSends('S');
      await server.sends(
        ip({ destination: client.address }),
        tcp({ sourcePort: 8080, destinationPort: 40001, flags: 'AS' }),
      );
      client.receives(ip({ source: vip }), tcp({ sourcePort: 80, destinationPort: 40001, flags: 'AS' }));
      lab.equal(
        'states',
        (await lab.connections()).map(({ virtual, state }) => [virtual, state]),
        [
          [`${vip}:80`, 'SYN_RECV'],
          [`${vip}:81`, 'SYN_RECV'],
        ],
      );
    },
  },
  {
    ...common,
    id: 'connections/highest-and-lowest-ports',
    title: 'Connections from ports 1 and 65535 are as any other',
    requirement: 'All client ports but 0 and 20 are alike.',
    source: ['paper P12'],
    level: 'core',
    needs: [],
    async script(lab) {
      for (const port of [1, 19, 21, 1023, 1024, 65535]) {
        const requests = new Requests(lab, { port });
        await requests.next(1);
        for (const flow of requests.flows) {
          await flow.serverSends('AS');
          await flow.clientSends('A');
          await flow.clientSends('AF');
        }
      }
    },
  },
];
