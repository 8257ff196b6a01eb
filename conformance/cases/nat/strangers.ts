import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { ip, payload, tcp } from '../../harness/layers.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:8080 -m -w 1
`;

interface Stray {
  readonly from?: Host;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/**
 * A packet that resembles a response of the flow but for what `stray` changes. The paper says nothing about packets of no connection: the
 * director may drop it, or route it as it is, but must not say that it comes from the virtual service. Afterwards the true response is
 * translated as ever.
 */
async function isNoResponse(lab: Lab, flow: Flow, stray: Stray): Promise<void> {
  const { client } = lab;
  const { from = flow.server, sourcePort = 8080, destinationPort = 40001 } = stray;
  await from.sends(
    ip({ destination: client.address }),
    tcp({ sourcePort, destinationPort, sequence: 5001, acknowledgement: 1001, flags: 'AP' }),
    payload('not of this connection'),
  );
  if (client.hasPacket) {
    client.receives(
      ip({ source: from.address, destination: client.address, totalLength: 62 }),
      tcp({ sourcePort, destinationPort, sequence: 5001, flags: 'AP' }),
      payload('not of this connection'),
    );
  }
  await flow.serverSends('AP', { payload: 'of this connection' });
}

export const cases: readonly Case[] = [
  {
    id: 'nat/response-of-another-server',
    title: 'Another server of the service cannot answer for the chosen one',
    requirement:
      'The virtual address is given to responses of the server that the connection is recorded with, and to nobody else.',
    source: ['paper P12, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const [first, second] = lab.servers;
      const flow = lab.flow({ realPort: 8080, servers: [first, second] });
      await flow.establish();
      await isNoResponse(lab, flow, { from: flow.server === first ? second : first });
    },
  },
  {
    id: 'nat/response-from-another-port',
    title: "A packet from another port of the chosen server is not the service's response",
    requirement:
      "Only what comes from the server's address and port of the connection gets the virtual address and port.",
    source: ['paper P12, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await isNoResponse(lab, flow, { sourcePort: 8081 });
    },
  },
  {
    id: 'nat/response-to-another-port',
    title: 'A packet to a client port of no connection is no response',
    requirement: "Only what goes to the connection's client port gets the virtual address and port.",
    source: ['paper P12, P13'],
    level: 'core',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await isNoResponse(lab, flow, { destinationPort: 40002 });
    },
  },
  {
    id: 'nat/stranger-routed',
    title: 'A packet of a server without a connection is routed with its own address',
    requirement:
      'What comes from a server and belongs to no connection is forwarded unchanged, with the private source address.',
    source: ['ip_vs_core.c:ip_vs_out_hook', 'ipvs-cases A49'],
    level: 'ipvs',
    tags: ['nat', 'connection'],
    needs: [],
    rules,
    async script({ client, servers: [server] }) {
      await server.sends(
        ip({ destination: client.address }),
        tcp({ sourcePort: 8080, destinationPort: 40001, sequence: 5001, acknowledgement: 1001, flags: 'A' }),
      );
      client.receives(
        ip({ source: server.address, destination: client.address, ttl: 63, totalLength: 40 }),
        tcp({ sourcePort: 8080, destinationPort: 40001, sequence: 5001, acknowledgement: 1001, flags: 'A' }),
      );
    },
  },
  {
    id: 'nat/method-kept',
    title: 'A connection keeps its forwarding method when its server is edited',
    requirement:
      'The forwarding method is fixed when a connection is made; editing the server changes new connections only.',
    source: ['ip_vs_conn.c:ip_vs_bind_xmit', 'ipvs-cases A45'],
    level: 'ipvs',
    tags: ['nat', 'direct-route', 'connection'],
    needs: ['direct-route'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -g -w 1');
      await flow.clientSends('AP', { payload: 'still translated' });
      await flow.serverSends('A');
    },
  },
];
