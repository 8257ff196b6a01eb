import { ip, tcp } from '../../harness/layers.ts';
import type { Case } from '../../harness/case.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

export const cases: readonly Case[] = [
  {
    id: 'nat/request-destination',
    title: "A request's destination becomes the server's address and port",
    requirement:
      'A request has its destination address and port changed to those of the chosen server, and then goes to that server.',
    source: ['paper P11', 'RFC 1812 §5.3.1', 'ipvs-cases A01'],
    level: 'core',
    tags: ['nat', 'header'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, tos: 3 }), tcp({ sourcePort: 40064, destinationPort: 80, flags: 'S' }));
      server.receives(
        ip({
          source: client.address,
          destination: server.address,
          ttl: 63,
          tos: 3,
          id: 0x1234,
          df: true,
          totalLength: 40,
        }),
        tcp({ sourcePort: 40064, destinationPort: 8080, sequence: 1000, flags: 'S', window: 8192 }),
      );
    },
  },
  {
    id: 'nat/response-source',
    title: "A response's source becomes the virtual service",
    requirement:
      'A response that passes the director has the virtual address and port as its source when it goes to the client.',
    source: ['paper P13', 'RFC 1812 §5.3.1', 'ipvs-cases A04'],
    level: 'core',
    tags: ['nat', 'header'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080, servers: [lab.servers[0]] });
      await flow.clientSends('S');
      await flow.serverSends('AS', { ip: { id: 0x7777 } });
    },
  },
];
