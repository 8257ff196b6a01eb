import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { latestEnd } from '../timeouts/lifetime.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:8080 -m -w 1
`;

const common = { level: 'core', tags: ['connections'], needs: ['connections'], rules } as const;

/** The table as the director shows it. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'connections/one-record',
    title: 'A connection has one record, with its two ends and the virtual address',
    requirement:
      'The connection is recorded in the table when its first packet comes, and no packet that follows adds another record.',
    source: ['paper P12'],
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.clientSends('S');
      const record = async () =>
        (await lab.connections()).map(({ protocol, client: from, virtual, destination }) => [
          protocol,
          from,
          virtual,
          destination,
        ]);
      const only = [['TCP', `${client.address}:40001`, `${vip}:80`, `${flow.server.address}:8080`]];
      lab.equal('records', await record(), only);
      await flow.clientSends('S', { sequence: 1000 });
      await flow.serverSends('AS');
      await flow.clientSends('A');
      await flow.serverSends('AP', { payload: 'hello' });
      await flow.clientSends('AF');
      lab.equal('records at the end', await record(), only);
    },
  },
  {
    ...common,
    id: 'connections/records-apart',
    title: 'Each connection has a record of its own',
    requirement: 'Client address, client port, virtual port and protocol tell connections apart in the table.',
    source: ['paper P12', 'ip_vs_conn.c:__ip_vs_conn_in_get'],
    rules: `${rules}
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.11:8081 -m -w 1
      -A -u 10.0.0.100:80 -s rr
      -a -u 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
    `,
    async script(lab) {
      const { client, otherClient, vip } = lab;
      await lab.flow({ realPort: 8080 }).clientSends('S');
      await lab.flow({ realPort: 8080, port: 40002 }).clientSends('S');
      await lab.flow({ realPort: 8080, client: otherClient }).clientSends('S');
      await lab.flow({ virtualPort: 81, realPort: 8081 }).clientSends('S');
      await lab.flow({ protocol: 'udp', realPort: 8080 }).clientSends();
      const rows = (await lab.connections()).map(({ protocol, client: from, virtual }) => [protocol, from, virtual]);
      lab.equal('records', rows, [
        ['TCP', `${client.address}:40001`, `${vip}:80`],
        ['TCP', `${client.address}:40001`, `${vip}:81`],
        ['TCP', `${client.address}:40002`, `${vip}:80`],
        ['TCP', `${otherClient.address}:40001`, `${vip}:80`],
        ['UDP', `${client.address}:40001`, `${vip}:80`],
      ]);
    },
  },
  {
    ...common,
    id: 'connections/removed-at-timeout',
    title: 'A connection that times out leaves the table, the others stay',
    requirement: 'When a connection times out it is removed from the table: not before, and no other with it.',
    source: ['paper P16', 'ip_vs_conn.c:ip_vs_conn_expire'],
    needs: ['connections', 'clock'],
    async script(lab) {
      await lab.flow({ port: 40001, realPort: 8080 }).clientSends('S');
      const open = lab.flow({ port: 40002, realPort: 8080 });
      await open.establish();
      await lab.wait(59);
      lab.equal('whether it is there after 59 seconds', (await connectionOf(lab, 40001)) !== undefined, true);
      await lab.wait(latestEnd(60) - 59);
      lab.equal('whether it is there after its timeout', (await connectionOf(lab, 40001)) !== undefined, false);
      lab.equal('whether the other is', (await connectionOf(lab, 40002)) !== undefined, true);
      await open.clientSends('AP', { payload: 'GET /' });
    },
  },
  {
    ...common,
    id: 'connections/many-time-out',
    title: 'Connections leave the table in the order in which they were used last',
    requirement: 'Each connection has a timer of its own, which its last packet started.',
    source: ['paper P14, P16', 'ip_vs_conn.c:ip_vs_conn_expire'],
    needs: ['connections', 'clock'],
    async script(lab) {
      const ports = Array.from({ length: 20 }, (_, index) => 40001 + index);
      for (const port of ports) await lab.flow({ port, realPort: 8080 }).clientSends('S');
      // A second SYN at the odd ports, half a minute later.
      await lab.wait(30);
      const { client, servers, vip } = lab;
      const odd = ports.filter((port) => port % 2 === 1);
      for (const sourcePort of odd) {
        await client.sends(ip({ destination: vip }), tcp({ sourcePort, destinationPort: 80, flags: 'S' }));
        lab.oneOf(servers, [ip({ source: client.address }), tcp({ sourcePort, destinationPort: 8080 })]);
      }
      await lab.wait(latestEnd(60) - 30);
      const left = (await lab.connections()).map((row) => row.client);
      lab.equal(
        'connections left',
        left,
        odd.map((port) => `${client.address}:${port}`),
      );
      await lab.wait(30);
      lab.equal('connections left in the end', await lab.connections(), []);
    },
  },
  {
    ...common,
    id: 'connections/ports-used-again',
    title: 'After a connection timed out its ports are those of a new one',
    requirement:
      'A connection that is gone has no say: a SYN from its ports is scheduled, and the server that had it before may be out of service.',
    source: ['paper P6, P16'],
    needs: ['clock', 'nat'],
    rules: '-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1',
    async script(lab) {
      const [first, second] = lab.servers;
      await lab.flow({ servers: [first] }).clientSends('S');
      await lab.flow({ port: 40002, servers: [first] }).establish();
      await lab.configure(
        '-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1',
        '-e -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 0',
      );
      await lab.flow({ servers: [first] }).clientSends('S');
      await lab.wait(latestEnd(60));
      await lab.flow({ servers: [second] }).establish();
      await lab.flow({ port: 40002, servers: [first] }).clientSends('AP', { payload: 'the other is known' });
    },
  },
  {
    ...common,
    id: 'connections/many-at-once',
    title: 'Five hundred connections at once, each with its own server',
    requirement:
      'However many connections the table has, the next packet of each finds the server that the first one was given to.',
    source: ['paper P12', 'ip_vs_conn.c:ip_vs_conn_hashkey'],
    needs: [],
    async script(lab) {
      const { client, servers, vip } = lab;
      const pairs = Array.from({ length: 500 }, (_, index) => ({
        source: `10.7.${index % 5}.${(index % 7) + 1}`,
        sourcePort: 40000 + Math.floor(index / 35),
        number: index,
      }));
      /** Who got the packet of each pair, by number. */
      const burst = async (flags: string): Promise<readonly string[]> => {
        await client.sendsTogether(
          pairs.map(({ source, sourcePort, number }) => [
            ip({ source, destination: vip, id: number }),
            tcp({ sourcePort, destinationPort: 80, sequence: number, flags }),
          ]),
        );
        const receivers: string[] = [];
        for (const server of servers.slice(0, 2)) {
          while (server.hasPacket) {
            const { layers } = server.receives(
              ip({ destination: server.address, ttl: 63 }),
              tcp({ destinationPort: 8080, flags }),
            );
            const segment = layers[2]?.layer;
            if (segment?.kind === 'tcp') receivers[segment.sequence ?? -1] = server.name;
          }
        }
        return receivers;
      };
      // So that no packet waits for ARP: few may.
      for (const port of [30001, 30002]) await lab.flow({ port, realPort: 8080 }).clientSends('S');
      const first = await burst('S');
      lab.equal('connections with a server', Object.keys(first).length, pairs.length);
      lab.equal('servers of the packets that follow', await burst('A'), first);
    },
  },
];
