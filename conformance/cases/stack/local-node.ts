import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';

const rulesOf = (server: string) => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r ${server} -w 1
`;

const ports = { sourcePort: 40001, destinationPort: 80 };

export const cases: readonly Case[] = [
  ...[
    { name: 'nat', server: '10.0.0.1:8080 -m', of: 'its own address, another port', claim: 'A41' },
    { name: 'direct-route', server: '10.0.0.1:80 -g', of: 'its own address by VS/DR', claim: 'A42' },
    { name: 'direct-route-virtual', server: '10.0.0.100:80 -g', of: 'the virtual address by VS/DR', claim: 'A42' },
    { name: 'tunnel', server: '10.0.0.1:80 -i', of: 'its own address by VS/TUN', claim: 'A43' },
  ].flatMap(({ name, server, of, claim }): Case[] => [
    {
      id: `stack/local-node-${name}`,
      title: `The director can be a server of its own service: ${of}`,
      requirement:
        "A request for a server that is the director itself goes to the director's own stack, and what that answers comes from the virtual service: here, where nothing listens, a reset.",
      source: ['RFC 9293 §3.5.2', 'paper P4', `ipvs-cases ${claim}`],
      level: 'core',
      tags: ['local-node'],
      needs: ['local-node'],
      rules: rulesOf(server),
      async script({ client, vip }) {
        for (const sourcePort of [40001, 40002]) {
          await client.sends(ip({ destination: vip, ttl: 1 }), tcp({ sourcePort, destinationPort: 80, flags: 'S' }));
          client.receives(
            ip({ source: vip, destination: client.address, totalLength: 40 }),
            tcp({ sourcePort: 80, destinationPort: sourcePort, sequence: 0, acknowledgement: 1001, flags: 'AR' }),
          );
        }
      },
    },
    {
      id: `stack/local-node-${name}-state`,
      title: `A local server's answer is seen by the state machine: ${of}`,
      requirement: 'The reset of the local stack closes the connection at once, which is then inactive.',
      source: ['ip_vs_core.c:ip_vs_local_reply4', `ipvs-cases ${claim}`],
      level: 'ipvs',
      tags: ['local-node'],
      needs: ['local-node', 'connections', 'services'],
      rules: rulesOf(server),
      async script(lab) {
        await lab.client.sends(ip({ destination: lab.vip }), tcp({ ...ports, flags: 'S' }));
        lab.client.receives(ip({ source: lab.vip }), tcp({ flags: 'AR' }));
        const [entry] = await lab.connections();
        lab.equal('state', entry?.state, 'CLOSE');
        const [service] = await lab.services();
        const [node] = service?.servers ?? [];
        lab.equal('active connections', node?.active, 0);
        lab.equal('inactive connections', node?.inactive, 1);
      },
    },
  ]),
  {
    id: 'stack/local-node-beside-servers',
    title: 'The director takes its turn among the servers',
    requirement:
      "A connection goes to the director's own stack or to another server as scheduled, and each stays where it is.",
    source: ['paper P6, P12', 'ipvs-cases A38, A41'],
    level: 'core',
    tags: ['local-node', 'nat'],
    needs: ['local-node'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
      -a -t 10.0.0.100:80 -r 10.0.0.1:8080 -m -w 1
    `,
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      const answers: string[] = [];
      for (const sourcePort of [40001, 40002, 40003, 40004]) {
        await client.sends(ip({ destination: vip }), tcp({ ...ports, sourcePort, flags: 'S' }));
        if (server.hasPacket) {
          server.receives(ip({ destination: server.address }), tcp({ sourcePort, destinationPort: 8080, flags: 'S' }));
          answers.push('server');
        } else {
          client.receives(ip({ source: vip }), tcp({ sourcePort: 80, destinationPort: sourcePort, flags: 'AR' }));
          answers.push('director');
        }
      }
      lab.equal('connections of the server', answers.filter((name) => name === 'server').length, 2);
      lab.equal('the turns alternate', answers[0] === answers[2] && answers[1] === answers[3], true);
    },
  },
  {
    id: 'stack/local-node-loopback',
    title: 'A request from outside is not rewritten to a loopback address',
    requirement: 'With 127.0.0.1 as the server under VS/NAT the request is dropped; its connection exists.',
    source: ['ip_vs_xmit.c:ip_vs_nat_xmit', 'ipvs-cases A44'],
    level: 'ipvs',
    tags: ['local-node', 'nat'],
    needs: ['local-node', 'connections'],
    rules: rulesOf('127.0.0.1:8080 -m'),
    async script(lab) {
      await lab.client.sends(ip({ destination: lab.vip }), tcp({ ...ports, flags: 'S' }));
      lab.nothingElse();
      lab.equal('state', (await lab.connections())[0]?.state, 'SYN_RECV');
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1', '-d -t 10.0.0.100:80 -r 127.0.0.1:8080');
      await lab.flow({ port: 40002, realPort: 8080, servers: [lab.servers[0]] }).clientSends('S');
    },
  },
];
