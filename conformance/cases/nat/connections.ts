import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:8080 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.13:8080 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.14:8080 -m -w 1
`;

/** Fails unless round robin gave each of the flows a server of its own: only then can one be taken for another. */
function onDifferentServers(lab: Lab, flows: readonly Flow[]): void {
  lab.equal('servers in use', new Set(flows.map(({ server }) => server.name)).size, flows.length);
}

export const cases: readonly Case[] = [
  {
    id: 'nat/whole-connection',
    title: 'Every packet of a connection gets the same rewriting',
    requirement:
      'The connection is recorded; the next packet of the connection finds the server there and gets the same rewriting, in both directions, until it ends.',
    source: ['paper P11, P12, P13', 'RFC 1812 §5.3.1'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      await flow.serverSends('A');
      await flow.serverSends('AP', { payload: 'HTTP/1.0 200 OK\r\n\r\nhello' });
      await flow.clientSends('A');
      await flow.serverSends('AF');
      await flow.clientSends('AF');
      await flow.serverSends('A');
    },
  },
  {
    id: 'nat/connections-interleaved',
    title: 'Connections of several clients and ports, packet by packet in turn, are not mixed up',
    requirement:
      'Each packet is rewritten as the record of its own connection says, whatever other connections do in between.',
    source: ['paper P12, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const flows = [
        lab.flow({ port: 40001, realPort: 8080 }),
        lab.flow({ port: 40002, realPort: 8080 }),
        lab.flow({ port: 40001, realPort: 8080, client: lab.otherClient }),
        lab.flow({ port: 40003, realPort: 8080, client: lab.otherClient }),
      ];
      for (const flow of flows) await flow.clientSends('S');
      onDifferentServers(lab, flows);
      for (const flow of [...flows].reverse()) await flow.serverSends('AS');
      for (const flow of flows) await flow.clientSends('A');
      for (const flow of [...flows].reverse()) await flow.clientSends('AP', { payload: `ask ${flow.server.name}` });
      for (const flow of flows) await flow.serverSends('AP', { payload: `answer of ${flow.server.name}` });
      for (const flow of flows) await flow.clientSends('AF');
    },
  },
  {
    id: 'nat/same-port-two-clients',
    title: 'The same port at two clients is two connections',
    requirement:
      "A connection is known by the client's address as well as its port; each client hears its own server only.",
    source: ['paper P12, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const one = lab.flow({ port: 50000, realPort: 8080 });
      const other = lab.flow({ port: 50000, realPort: 8080, client: lab.otherClient });
      await one.establish();
      await other.establish();
      onDifferentServers(lab, [one, other]);
      await one.serverSends('AP', { payload: 'for the one' });
      await other.serverSends('AP', { payload: 'for the other' });
    },
  },
  {
    id: 'nat/two-services-one-address',
    title: 'Two services on one virtual address, each with its own server and port',
    requirement:
      'The destination of a request becomes a server and port of the service that it asked for, and the response has the port of that service as its source.',
    source: ['paper P4, P11, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
      -A -t 10.0.0.100:443 -s rr
      -a -t 10.0.0.100:443 -r 192.168.1.12:8443 -m -w 1
    `,
    async script(lab) {
      const [first, second] = lab.servers;
      const web = lab.flow({ realPort: 8080, servers: [first] });
      const secure = lab.flow({ virtualPort: 443, realPort: 8443, servers: [second] });
      await web.clientSends('S');
      await secure.clientSends('S');
      await secure.serverSends('AS');
      await web.serverSends('AS');
      await web.clientSends('A');
      await secure.clientSends('A');
    },
  },
  {
    id: 'nat/two-services-one-server',
    title: 'Two services on one server keep their ports apart',
    requirement:
      'A response gets the virtual port of its own connection, also where the same client port talks to another service on the same server.',
    source: ['paper P12, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.11:8081 -m -w 1
    `,
    async script(lab) {
      const servers = [lab.servers[0]];
      const one = lab.flow({ virtualPort: 80, realPort: 8080, servers });
      const other = lab.flow({ virtualPort: 81, realPort: 8081, servers });
      await one.clientSends('S');
      await other.clientSends('S');
      await one.serverSends('AS');
      await other.serverSends('AS');
      await one.clientSends('A');
      await other.clientSends('A');
    },
  },
  {
    id: 'nat/tcp-and-udp-same-port',
    title: 'TCP and UDP on one virtual port are two services',
    requirement: 'A service is a protocol, an address and a port: connections of the other protocol are not its own.',
    source: ['paper P11, P12', 'RFC 768', 'RFC 9293 §3.1'],
    level: 'core',
    tags: ['nat', 'connection', 'udp'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:53 -s rr
      -a -t 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.12:5353 -m -w 1
    `,
    async script(lab) {
      const [first, second] = lab.servers;
      const stream = lab.flow({ virtualPort: 53, realPort: 5353, servers: [first] });
      const datagrams = lab.flow({ protocol: 'udp', virtualPort: 53, realPort: 5353, servers: [second] });
      await stream.clientSends('S');
      await datagrams.clientSends();
      await datagrams.serverSends();
      await stream.serverSends('AS');
      await stream.clientSends('A');
      await datagrams.clientSends();
    },
  },
  {
    id: 'nat/udp-service',
    title: 'Datagrams of one client port go to one server and back',
    requirement:
      'UDP is balanced as TCP is: the record of the first datagram decides for those that follow, in both directions.',
    source: ['paper P11, P12, P13, P14'],
    level: 'core',
    tags: ['nat', 'udp'],
    needs: [],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const flows = [
        lab.flow({ protocol: 'udp', realPort: 8080 }),
        lab.flow({ protocol: 'udp', realPort: 8080, client: lab.otherClient }),
        lab.flow({ protocol: 'udp', realPort: 8080, port: 40002 }),
      ];
      for (const flow of flows) await flow.clientSends();
      onDifferentServers(lab, flows);
      for (const flow of flows) await flow.serverSends('', { payload: 'answer' });
      for (const flow of [...flows].reverse()) await flow.clientSends('', { payload: 'once more' });
      for (const flow of flows) await flow.serverSends('', { payload: '' });
    },
  },
];
