import type { TcpFields } from '../../../reference/wire/layer.ts';
import type { Case } from '../../harness/case.ts';
import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';

const service = '-t 10.0.0.100:80';
const two = `
  -A ${service} -s rr
  -a ${service} -r 192.168.1.11:80 -m -w 1
  -a ${service} -r 192.168.1.12:80 -m -w 1
`;

const sockets = { sourcePort: 80, destinationPort: 40001 };

export const cases: readonly Case[] = [
  {
    id: 'availability/expire-nodest-removal',
    title: 'With expire_nodest_conn the connections of a removed server end',
    requirement:
      'With expire_nodest_conn 1 the entries of a removed server are gone at once, those of the others stay. What the client of such a connection sends is answered by a reset, and his next SYN is scheduled to another server.',
    source: ['ip_vs_conn.c:ip_vs_expire_nodest_conn_flush', 'ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases E16, E17'],
    level: 'ipvs',
    tags: ['availability', 'sysctl'],
    needs: ['sysctl', 'connections'],
    environment: { sysctls: { 'vs.expire_nodest_conn': '1' } },
    rules: two,
    async script(lab) {
      const { client, servers, vip } = lab;
      const flows = [40001, 40002].map((port) => lab.flow({ port }));
      for (const flow of flows) await flow.establish();
      await lab.configure(`-d ${service} -r 192.168.1.11:80`);
      await lab.wait(0.5);
      const [stayed, ...others] = await lab.connections();
      lab.equal('destination of the connection that stayed', stayed?.destination, '192.168.1.12:80');
      lab.equal('other connections', others, []);
      const lost = flows.findIndex(({ server }) => server === servers[0]);
      const sourcePort = 40001 + lost;
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort, destinationPort: 80, acknowledgement: 5001, flags: 'A' }),
      );
      client.receives(
        ip({ source: vip }),
        tcp({ sourcePort: 80, destinationPort: sourcePort, sequence: 5001, flags: 'R' }),
      );
      await lab.flow({ port: sourcePort, servers: [servers[1]] }).establish();
    },
  },
  {
    id: 'availability/expire-nodest-late',
    title: 'Set after the removal, expire_nodest_conn ends a connection at its next packet',
    requirement:
      'A connection that lost its server before the setting was made ends when its client sends again: a SYN is scheduled anew, anything else is answered by a reset.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases E17'],
    level: 'ipvs',
    tags: ['availability', 'sysctl'],
    needs: ['sysctl', 'connections'],
    rules: `
      -A ${service} -s rr
      -a ${service} -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const flows = [40001, 40002].map((port) => lab.flow({ port }));
      for (const flow of flows) await flow.establish();
      await lab.configure(`-d ${service} -r 192.168.1.11:80`, `-a ${service} -r 192.168.1.12:80 -m -w 1`);
      await flows[0]?.clientSendsInVain('A');
      await lab.sysctl('vs.expire_nodest_conn', '1');
      lab.equal('connections', (await lab.connections()).length, 2);
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 40001, destinationPort: 80, acknowledgement: 5001, flags: 'A' }),
      );
      client.receives(ip({ source: vip }), tcp({ destinationPort: 40001, sequence: 5001, flags: 'R' }));
      await lab.flow({ port: 40002, servers: [servers[1]] }).establish();
      await lab.wait(0.5);
      const rows = await lab.connections();
      lab.equal(
        'destinations',
        rows.map(({ destination }) => destination),
        ['192.168.1.12:80'],
      );
    },
  },
  {
    id: 'availability/expire-nodest-quiesced',
    title: 'With expire_nodest_conn a SYN on the ports of a connection leaves a server of weight 0',
    requirement:
      'With expire_nodest_conn 1 packets of a connection still go to its server when that has weight 0; but a SYN with the same ports is scheduled to another server, and the old entry is gone.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases E18, E19'],
    level: 'ipvs',
    tags: ['availability', 'sysctl'],
    needs: ['sysctl', 'connections'],
    environment: { sysctls: { 'vs.expire_nodest_conn': '1' } },
    rules: two,
    async script(lab) {
      const { servers } = lab;
      const [first, second] = servers;
      const flows = [40001, 40002].map((port) => lab.flow({ port }));
      for (const flow of flows) await flow.establish();
      const flow = flows.find(({ server }) => server === first);
      const port = flow === flows[0] ? 40001 : 40002;
      await lab.configure(`-e ${service} -r 192.168.1.11:80 -m -w 0`);
      await flow?.clientSends('AP', { payload: 'still here' });
      await flow?.serverSends('A');
      await lab.flow({ port, servers: [second] }).clientSends('S');
      await lab.wait(0.5);
      lab.equal('connections', (await lab.connections()).length, 2);
      lab.equal('state', (await connectionOf(lab, port))?.state, 'SYN_RECV');
      // Control: a SYN on a connection whose server has a weight stays there.
      const other = flow === flows[0] ? flows[1] : flows[0];
      await other?.clientSends('S', { sequence: 1000 });
    },
  },
  {
    id: 'availability/expire-nodest-quiesced-no-reuse',
    title: 'Whether conn_reuse_mode 0 keeps a client at a server of weight 0',
    requirement:
      'With expire_nodest_conn 1 a SYN on the ports of a connection leaves a server of weight 0 whatever conn_reuse_mode is; in Linux before 5.10.83 and 5.15.6 not where that is 0.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'https://github.com/kubernetes/kubernetes/issues/81775'],
    level: 'ipvs',
    tags: ['availability', 'sysctl'],
    needs: ['sysctl'],
    environment: { sysctls: { 'vs.expire_nodest_conn': '1', 'vs.conn_reuse_mode': '0' } },
    rules: two,
    async script(lab) {
      const [first, second] = lab.servers;
      const flows = [40001, 40002].map((port) => lab.flow({ port }));
      for (const flow of flows) await flow.establish();
      await lab.configure(`-e ${service} -r 192.168.1.11:80 -m -w 0`);
      const port = flows[0]?.server === first ? 40001 : 40002;
      const isLeft = lab.profile.quiescentServerIsLeft === 'always';
      await lab.flow({ port, servers: [isLeft ? second : first] }).clientSends('S');
    },
  },
  {
    id: 'availability/nat-icmp-send',
    title: 'With nat_icmp_send a server hears that its connection is gone',
    requirement:
      'With nat_icmp_send 1 a packet from the address and port of a real server of VS/NAT that belongs to no connection is answered by port unreachable from the director’s address on that side, and goes no further.',
    source: ['ip_vs_core.c:ip_vs_out_hook', 'ipvs-cases E33'],
    level: 'ipvs',
    tags: ['availability', 'nat', 'icmp', 'sysctl'],
    needs: ['sysctl'],
    environment: { sysctls: { 'vs.nat_icmp_send': '1' } },
    rules: `${two}
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
    `,
    async script(lab) {
      const { client, director, servers } = lab;
      const [server] = servers;
      const flow = lab.flow({ port: 40002 });
      await flow.establish();
      const header = { source: server.address, destination: client.address, id: 0x7777, tos: 0x10 };
      const segment = tcp({ ...sockets, sequence: 5001, acknowledgement: 1001, flags: 'AP' });
      await server.sends(ip(header), segment, payload('to nobody'));
      server.receives(
        ip({ source: director.server.address, destination: server.address, tos: 0xd0, ttl: 64 }),
        icmp({ type: 3, code: 3, rest: 0 }),
        ip({ ...header, ttl: 63, totalLength: 49 }),
        segment,
        payload('to nobody'),
      );
      await server.sends(
        ip({ destination: client.address }),
        udp({ sourcePort: 5353, destinationPort: 5000 }),
        payload('!'),
      );
      server.receives(
        ip({ source: director.server.address }),
        icmp({ type: 3, code: 3 }),
        ip(),
        udp({ sourcePort: 5353 }),
      );
      client.receivesNothing();
      await flow.serverSends('AP', { payload: 'to somebody' });
    },
  },
  {
    id: 'availability/nat-icmp-send-others',
    title: 'nat_icmp_send is for segments of real servers that are no resets',
    requirement:
      'A reset is routed as it is, and so is a packet from another port, of another protocol, or of a server of VS/DR.',
    source: ['ip_vs_core.c:ip_vs_out_hook', 'ipvs-cases E34'],
    level: 'ipvs',
    tags: ['availability', 'nat', 'icmp', 'sysctl'],
    needs: ['sysctl', 'direct-route'],
    environment: { sysctls: { 'vs.nat_icmp_send': '1' } },
    rules: `${two}
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.13:81 -g -w 1
    `,
    async script(lab) {
      const { client, servers } = lab;
      const [server, , halfSeen] = servers;
      const goesOn = async (from: typeof server, segment: TcpFields) => {
        await from.sends(ip({ destination: client.address }), tcp(segment));
        client.receives(ip({ source: from.address, destination: client.address, ttl: 63 }), tcp(segment));
        from.receivesNothing();
      };
      await goesOn(server, { ...sockets, flags: 'R' });
      await goesOn(server, { ...sockets, flags: 'AR' });
      await goesOn(server, { ...sockets, sourcePort: 81, flags: 'A' });
      await goesOn(halfSeen, { ...sockets, sourcePort: 81, flags: 'A' });
      await server.sends(ip({ destination: client.address }), udp({ sourcePort: 80, destinationPort: 5000 }));
      client.receives(ip({ source: server.address }), udp({ sourcePort: 80 }));
      await server.sends(ip({ destination: client.address }), tcp({ ...sockets, flags: 'A' }));
      server.receives(ip(), icmp({ type: 3, code: 3 }));
    },
  },
  {
    id: 'availability/error-to-removed-server',
    title: 'Errors about its answers still reach a removed server',
    requirement:
      'Whether the server is configured is asked for packets of the client, not for ICMP errors: one that quotes an answer is translated and goes to the removed server.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases E41'],
    level: 'ipvs',
    tags: ['availability', 'nat', 'icmp'],
    needs: [],
    rules: two,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow();
      await flow.establish();
      await lab.configure(`-d ${service} -r ${flow.server.address}:80`);
      const quoted = tcp({ ...sockets, sequence: 5001, acknowledgement: 1001, flags: 'A' });
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: vip, destination: client.address, ttl: 62 }),
        quoted,
      );
      flow.server.receives(
        ip({ source: client.address, destination: flow.server.address, ttl: 63 }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: flow.server.address, destination: client.address, ttl: 62 }),
        tcp({ ...sockets, sequence: 5001 }),
      );
      await flow.clientSendsInVain('A');
    },
  },
];
