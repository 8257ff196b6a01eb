import type { Case } from '../../harness/case.ts';
import type { FlowOptions } from '../../harness/flow.ts';
import type { Host } from '../../harness/lab.ts';
import { ip, tcp } from '../../harness/layers.ts';

const mixed = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -g -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.13:80 -i -w 1
`;

type Method = NonNullable<FlowOptions['method']>;

export const cases: readonly Case[] = [
  {
    id: 'headers/mixed-methods',
    title: 'Servers of one service may each have their own forwarding method',
    requirement:
      'The method belongs to the server: the packet is rewritten, wrapped or put into another frame as the chosen server asks for.',
    source: ['paper P5, P11, P22, P29', 'ipvs-cases A38'],
    level: 'core',
    tags: ['nat', 'tunnel', 'direct-route'],
    needs: [],
    rules: mixed,
    async script(lab) {
      const { client, director, servers, vip } = lab;
      const ttl = { oneOf: [64, 63] };
      const chosen = new Set<Host>();
      for (const port of [40001, 40002, 40003]) {
        await client.sends(ip({ destination: vip }), tcp({ sourcePort: port, destinationPort: 80, flags: 'S' }));
        const packet = ip({ source: client.address, destination: vip, totalLength: 40, ttl });
        const segment = { sourcePort: port, sequence: 1000, flags: 'S' };
        const [byNat, byFrame, byTunnel] = servers;
        if (byNat.hasPacket) {
          byNat.receives(
            ip({ source: client.address, destination: byNat.address, totalLength: 40, ttl: 63 }),
            tcp({ ...segment, destinationPort: 8080 }),
          );
          chosen.add(byNat);
        } else if (byFrame.hasPacket) {
          byFrame.receives(packet, tcp({ ...segment, destinationPort: 80 }));
          chosen.add(byFrame);
        } else {
          byTunnel.receives(
            ip({ source: director.server.address, destination: byTunnel.address, protocol: 4, totalLength: 60 }),
            packet,
            tcp({ ...segment, destinationPort: 80 }),
          );
          chosen.add(byTunnel);
        }
      }
      lab.equal('servers that got a connection', chosen.size, 3);
    },
  },
  {
    id: 'headers/mixed-methods-order',
    title: 'Of three servers with three methods the last one added is first',
    requirement: 'Round robin goes through the servers from the last added to the first, whatever their methods.',
    source: ['ip_vs_ctl.c:__ip_vs_update_dest', 'ip_vs_rr.c:ip_vs_rr_schedule', 'ipvs-cases A38'],
    level: 'ipvs',
    tags: ['nat', 'tunnel', 'direct-route'],
    needs: [],
    rules: mixed,
    async script(lab) {
      const [byNat, byFrame, byTunnel] = lab.servers;
      await lab.flow({ port: 40001, method: 'tunnel', servers: [byTunnel] }).clientSends('S');
      await lab.flow({ port: 40002, method: 'direct-route', servers: [byFrame] }).clientSends('S');
      await lab.flow({ port: 40003, method: 'nat', realPort: 8080, servers: [byNat] }).clientSends('S');
    },
  },
  {
    id: 'headers/methods-share-scheduling',
    title: 'The three methods choose servers alike',
    requirement:
      'The methods share connection scheduling and management and differ only in how a packet is forwarded: the same requests go to the same servers in the same order.',
    source: ['paper P5'],
    level: 'core',
    tags: ['nat', 'tunnel', 'direct-route'],
    needs: [],
    rules: (['-m', '-i', '-g'] as const)
      .map((option, index) => {
        const service = `10.0.0.100:${80 + index}`;
        const servers = [11, 12, 13].map(
          (last) => `-a -t ${service} -r 192.168.1.${last}:${80 + index} ${option} -w 1`,
        );
        return [`-A -t ${service} -s rr`, ...servers].join('\n');
      })
      .join('\n'),
    async script(lab) {
      const order = async (method: Method, virtualPort: number) => {
        const names: string[] = [];
        for (const port of [40001, 40002, 40003, 40004]) {
          const flow = lab.flow({ method, virtualPort, port });
          await flow.establish();
          names.push(flow.server.name);
        }
        return names;
      };
      const byNat = await order('nat', 80);
      lab.equal('servers chosen by VS/TUN', await order('tunnel', 81), byNat);
      lab.equal('servers chosen by VS/DR', await order('direct-route', 82), byNat);
    },
  },
];
