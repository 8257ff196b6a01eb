import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip, tcp } from '../../harness/layers.ts';

const VARIANTS = [
  { method: 'nat', option: '-m', name: 'VS/NAT', claim: 'paper P11' },
  { method: 'tunnel', option: '-i', name: 'VS/TUN', claim: 'paper P22' },
  { method: 'direct-route', option: '-g', name: 'VS/DR', claim: 'paper P29' },
] as const;

const service = '-t 10.0.0.100:80';
const rulesWith = (option: '-m' | '-i' | '-g') => `
  -A ${service} -s rr
  -a ${service} -r 192.168.1.11:80 ${option} -w 1
  -a ${service} -r 192.168.1.12:80 ${option} -w 1
`;

const rst = { sourcePort: 80, destinationPort: 40001 };

/** The director's own stack answers the client's next segment: nothing balances it any more. */
async function isReset({ client, vip }: Lab, sourcePort: number): Promise<void> {
  await client.sends(
    ip({ destination: vip }),
    tcp({ sourcePort, destinationPort: 80, acknowledgement: 77, flags: 'A' }),
  );
  client.receives(ip({ source: vip }), tcp({ sourcePort: 80, destinationPort: sourcePort, sequence: 77, flags: 'R' }));
}

export const cases: readonly Case[] = [
  ...VARIANTS.map(({ method, option, name, claim }): Case => ({
    id: `availability/removed-${method}`,
    title: `${name}: a removed server gets nothing more, and its fellows everything`,
    requirement:
      'Once a server is removed from the service no packet goes there, neither of new connections nor of those it had; the others keep theirs and take the new ones.',
    source: [claim, 'paper P6, P12', 'ipvs-cases E11'],
    level: 'core',
    tags: ['availability', method],
    needs: [],
    rules: rulesWith(option),
    async script(lab) {
      const { client, servers } = lab;
      const [first, second] = servers;
      const flows = [40001, 40002].map((port) => lab.flow({ method, port, servers: [first, second] }));
      for (const flow of flows) await flow.establish();
      lab.equal('servers in use', new Set(flows.map(({ server }) => server.name)).size, 2);
      await lab.configure(`-d ${service} -r 192.168.1.11:80`);
      for (const [index, flow] of flows.entries()) {
        if (flow.server === second) {
          await flow.clientSends('AP', { payload: 'to a server that stayed' });
        } else {
          const sourcePort = 40001 + index;
          await client.sends(
            ip({ destination: lab.vip }),
            tcp({ sourcePort, destinationPort: 80, sequence: 1001, flags: 'A' }),
          );
          first.receivesNothing();
          second.receivesNothing();
          // The director may tell the client so.
          if (client.hasPacket)
            client.receives(
              ip({ source: lab.vip }),
              tcp({ destinationPort: sourcePort, flags: { oneOf: ['R', 'AR'] } }),
            );
        }
      }
      for (const port of [40003, 40004, 40005]) await lab.flow({ method, port, servers: [second] }).establish();
      await lab.configure(`-a ${service} -r 192.168.1.11:80 ${option} -w 1`);
      const later = [40006, 40007].map((port) => lab.flow({ method, port, servers: [first, second] }));
      for (const flow of later) await flow.clientSends('S');
      lab.equal('servers in use after its return', new Set(later.map(({ server }) => server.name)).size, 2);
    },
  })),
  ...VARIANTS.map(({ method, option, name }): Case => ({
    id: `availability/removed-server-${method}`,
    title: `${name}: packets to a removed server are dropped without a word until it returns`,
    requirement:
      'The connection outlives its server: the client’s packets are dropped silently, and forwarded again when the same server is added, to the same port and by the method of the connection.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ip_vs_ctl.c:ip_vs_trash_get_dest', 'ipvs-cases E11, E13'],
    level: 'ipvs',
    tags: ['availability', method],
    needs: ['connections', 'services'],
    rules: rulesWith(option),
    async script(lab) {
      const [server] = lab.servers;
      const flows = [40001, 40002].map((port) => lab.flow({ method, port }));
      for (const flow of flows) await flow.establish();
      const flow = flows.find((each) => each.server === server);
      await lab.configure(`-d ${service} -r ${server.address}:80`);
      await flow?.clientSendsInVain('AP', { payload: 'lost' });
      lab.equal('connections', (await lab.connections()).length, 2);
      await lab.configure(`-a ${service} -r ${server.address}:80 ${option} -w 1`);
      await flow?.clientSends('AP', { payload: 'found' });
      const [row] = await lab.services();
      lab.equal(
        'active connections',
        row?.servers.map(({ active }) => active),
        [1, 1],
      );
    },
  })),
  {
    id: 'availability/removed-server-answers',
    title: 'Answers of a removed server are still translated',
    requirement:
      'From the server’s side a connection goes on after the removal: its packets get the virtual address, and move the state.',
    source: ['ip_vs_core.c:handle_response', 'ipvs-cases E12'],
    level: 'ipvs',
    tags: ['availability', 'nat'],
    needs: ['connections'],
    rules: rulesWith('-m'),
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await lab.configure(`-d ${service} -r ${flow.server.address}:80`);
      await flow.serverSends('AP', { payload: 'the rest of an answer' });
      lab.equal('state', (await lab.connections())[0]?.state, 'ESTABLISHED');
      await flow.serverSends('AF');
      lab.equal('state after its FIN', (await lab.connections())[0]?.state, 'FIN_WAIT');
      await flow.clientSendsInVain('A');
    },
  },
  {
    id: 'availability/cleared',
    title: 'Without services nothing is balanced',
    requirement:
      'After all services are gone a request for what was one is refused as by any host, and reaches no server; a service that is added is there at once.',
    source: ['RFC 9293 §3.5.2', 'paper P6', 'ipvs-cases E08'],
    level: 'core',
    tags: ['availability', 'reset'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, vip } = lab;
      await lab.flow({ port: 40001 }).establish();
      for (const command of ['-C', `-D ${service}`]) {
        await lab.configure(command);
        await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40002, destinationPort: 80, flags: 'S' }));
        client.receives(
          ip({ source: vip }),
          tcp({ sourcePort: 80, destinationPort: 40002, sequence: 0, acknowledgement: 1001, flags: 'AR' }),
        );
        lab.nothingElse();
        await lab.configure(`-A ${service} -s rr`, `-a ${service} -r 192.168.1.13:80 -m -w 1`);
        await lab.flow({ port: command === '-C' ? 40003 : 40004, servers: [lab.servers[2]] }).establish();
      }
    },
  },
  {
    id: 'availability/last-service-removed',
    title: 'With the last service the director leaves even its connections alone, until a service returns',
    requirement:
      'Without any service the packets of existing connections are not IPVS’s: the client’s are answered by a reset of the director, the server’s are routed with the private address. With the same service and server the connection and its count are back.',
    source: ['ip_vs_ctl.c:ip_vs_unlink_service', 'ip_vs_core.c:ip_vs_unregister_hooks', 'ipvs-cases E37, E38, E39'],
    level: 'ipvs',
    tags: ['availability', 'nat'],
    needs: ['connections', 'services'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const { client, servers } = lab;
      const flow = lab.flow();
      await flow.establish();
      await lab.configure(`-D ${service}`);
      await isReset(lab, 40001);
      await servers[0].sends(ip({ destination: client.address }), tcp({ ...rst, sequence: 5001, flags: 'A' }));
      client.receives(ip({ source: servers[0].address, ttl: 63 }), tcp({ ...rst, sequence: 5001, flags: 'A' }));
      lab.equal('connections', (await lab.connections()).length, 1);
      await lab.configure(`-A ${service} -s rr`, `-a ${service} -r 192.168.1.11:80 -m -w 1`);
      await flow.clientSends('AP', { payload: 'as if nothing had been' });
      await flow.serverSends('A');
      lab.equal('active connections', (await lab.services())[0]?.servers[0]?.active, 1);
    },
  },
  {
    id: 'availability/any-service-revives',
    title: 'Any service at all brings the rest of IPVS back',
    requirement:
      'While another service exists the connections of a removed service are known: what the client sends is dropped, what the server sends is translated. The same holds once some service is added after the last was removed.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ip_vs_core.c:ip_vs_register_hooks', 'ipvs-cases E40'],
    level: 'ipvs',
    tags: ['availability', 'nat'],
    needs: ['udp'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:80 -m -w 1
      -A -t 10.0.0.100:81 -s rr
    `,
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await lab.configure(`-D ${service}`);
      await flow.clientSendsInVain('AP', { payload: 'lost' });
      await flow.serverSends('AP', { payload: 'translated' });
      await lab.configure('-D -t 10.0.0.100:81');
      await isReset(lab, 40001);
      await lab.configure('-A -u 10.0.0.100:53 -s rr');
      await flow.clientSendsInVain('AP', { payload: 'lost' });
      await flow.serverSends('AP', { payload: 'translated again' });
    },
  },
  {
    id: 'availability/other-port-is-other-server',
    title: 'A connection waits for its own server: the same host on another port is another',
    requirement:
      'After everything was cleared a connection goes on if its service returns with a server of the same address and port. With another port its packets are dropped.',
    source: ['ip_vs_conn.c:ip_vs_try_bind_dest', 'ip_vs_ctl.c:ip_vs_trash_get_dest', 'ipvs-cases E14, E15'],
    level: 'ipvs',
    tags: ['availability', 'nat'],
    needs: ['scheduler.wlc'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:8080 -m -w 1
    `,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await lab.configure('-C', `-A ${service} -s rr`, `-a ${service} -r 192.168.1.11:8081 -m -w 1`);
      await flow.clientSendsInVain('AP', { payload: 'lost' });
      await lab.flow({ port: 40002, realPort: 8081 }).establish();
      await lab.configure('-C', `-A ${service} -s wlc`, `-a ${service} -r 192.168.1.11:8080 -m -w 7`);
      await flow.clientSends('AP', { payload: 'found' });
      await flow.serverSends('A');
    },
  },
];
