import type { Case } from '../../harness/case.ts';
import { arp, ethernet, icmp, ip, payload, tcp } from '../../harness/layers.ts';

const REQUEST = 1;

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const rulesOfAbsent = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.77:8080 -m -w 1
`;

const syn = { sourcePort: 40001, destinationPort: 80, flags: 'S' };

export const cases: readonly Case[] = [
  {
    id: 'arp/server-asked-for',
    title: "The director asks for its server's MAC address before it sends the first packet",
    requirement:
      "A request by broadcast on the servers' wire asks for the server's address, with the director's MAC and IP address there as sender.",
    source: ['RFC 826', 'RFC 1812 §3.3.2', 'paper P11'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules,
    async script({ client, director, servers: [server], vip }) {
      await client.sends(ip({ destination: vip }), tcp(syn));
      server.receives(
        ethernet({ source: director.server.mac, destination: 'ff:ff:ff:ff:ff:ff' }),
        arp({
          operation: REQUEST,
          senderMac: director.server.mac,
          senderAddress: director.server.address,
          targetAddress: server.address,
        }),
      );
      server.receives(
        ethernet({ source: director.server.mac, destination: server.mac }),
        ip({ destination: server.address }),
        tcp({ destinationPort: 8080 }),
      );
    },
  },
  {
    id: 'arp/packets-wait',
    title: 'A packet waits until its next hop is known',
    requirement:
      'While an address is being resolved at least one packet, the latest, is kept; it is sent when the answer comes, with no second try of the client.',
    source: ['RFC 1122 §2.3.2.2', 'RFC 1812 §3.3.2'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules,
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await client.sendsTogether(
        [40001, 40002, 40003].map((sourcePort) => [ip({ destination: vip }), tcp({ ...syn, sourcePort })]),
      );
      const ports: (number | undefined)[] = [];
      while (server.hasPacket) {
        const { layers } = server.receives(
          ip({ destination: server.address }),
          tcp({ destinationPort: 8080, flags: 'S' }),
        );
        ports.push(...layers.flatMap(({ layer }) => (layer.kind === 'tcp' ? [layer.sourcePort] : [])));
      }
      lab.equal('source port of the last packet', ports.at(-1), 40003);
    },
  },
  {
    id: 'arp/packets-wait-in-order',
    title: 'All packets that wait for a next hop are sent, in their order',
    requirement: 'A queue for each neighbour holds what comes until the answer; nothing of it is lost or overtaken.',
    source: ['neighbour.c:__neigh_event_send, neigh_update'],
    level: 'ipvs',
    tags: ['arp'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      const ports = Array.from({ length: 12 }, (_, index) => 40001 + index);
      await client.sendsTogether(ports.map((sourcePort) => [ip({ destination: vip }), tcp({ ...syn, sourcePort })]));
      for (const sourcePort of ports) server.receives(ip({ ttl: 63 }), tcp({ sourcePort }));
    },
  },
  {
    id: 'arp/server-moved',
    title: 'When a server announces another MAC address the next packet goes there',
    requirement:
      'What a host says of its own hardware address replaces what was known, so that a spare machine can take over.',
    source: ['RFC 826', 'RFC 5227 §3'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules,
    async script(lab) {
      const [server, spare] = lab.servers;
      const flow = lab.flow({ realPort: 8080, servers: [server] });
      await flow.establish();
      await lab.wait(2);
      await spare.sends(
        ethernet({ destination: 'ff:ff:ff:ff:ff:ff' }),
        arp({
          operation: REQUEST,
          senderMac: spare.mac,
          senderAddress: server.address,
          targetAddress: server.address,
        }),
      );
      await lab.client.sends(
        ip({ destination: lab.vip }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1001, acknowledgement: 5001, flags: 'AP' }),
        payload('who is it'),
      );
      spare.receives(
        ethernet({ source: lab.director.server.mac, destination: spare.mac }),
        ip({ destination: server.address }),
        tcp({ destinationPort: 8080, flags: 'AP' }),
        payload('who is it'),
      );
    },
  },
  {
    id: 'arp/server-absent',
    title: 'If nobody answers for the server its client hears "host unreachable"',
    requirement:
      'A packet that cannot be delivered because ARP finds nobody is answered by host unreachable within a minute, about the packet as the client sent it.',
    source: ['RFC 1812 §4.3.3.1, §5.2.7.1', 'RFC 1122 §3.2.2.1', 'ipvs-cases A40'],
    level: 'core',
    tags: ['nat', 'arp', 'icmp'],
    needs: ['clock'],
    rules: rulesOfAbsent,
    async script(lab) {
      const {
        client,
        director,
        servers: [server],
        vip,
      } = lab;
      await client.sends(ip({ destination: vip }), tcp(syn));
      server.receives(arp({ operation: REQUEST, senderMac: director.server.mac, targetAddress: '192.168.1.77' }));
      await lab.wait(60);
      client.receives(
        ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address, protocol: 1 }),
        icmp({ type: 3, code: 1, rest: 0 }),
        ip({ source: client.address, destination: vip, id: 0x1234, totalLength: 40 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1000 }),
      );
    },
  },
  {
    id: 'arp/server-absent-three-seconds',
    title: 'A server is given up after three requests, a second apart',
    requirement:
      'Three requests go out in three seconds; then the client gets host unreachable, quoting the packet with the virtual address put back and the decremented TTL.',
    source: [
      'neighbour.c:neigh_timer_handler',
      'route.c:ipv4_link_failure',
      'ip_vs_core.c:ip_vs_out_icmp',
      'ipvs-cases A40',
    ],
    level: 'ipvs',
    tags: ['nat', 'arp', 'icmp'],
    needs: ['clock'],
    rules: rulesOfAbsent,
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await client.sends(ip({ destination: vip }), tcp(syn));
      const question = arp({ operation: REQUEST, targetAddress: '192.168.1.77' });
      server.receives(question);
      await lab.wait(1.5);
      server.receives(question);
      await lab.wait(1);
      server.receives(question);
      client.receivesNothing();
      await lab.wait(1.5);
      server.receivesNoArp(question);
      client.receives(
        ip({ source: vip, tos: 0xc0, totalLength: 68 }),
        icmp({ type: 3, code: 1, rest: 0 }),
        ip({ destination: vip, ttl: 63 }),
        tcp({ sourcePort: 40001, destinationPort: 80 }),
      );
    },
  },
  {
    id: 'arp/server-returns',
    title: 'A server that was absent is asked for again with the next packet',
    requirement: 'That nobody answered once is no verdict for ever: a later packet makes the director ask again.',
    source: ['RFC 1122 §2.3.2.1', 'RFC 826'],
    level: 'core',
    tags: ['nat', 'arp'],
    needs: ['clock'],
    rules: rulesOfAbsent,
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await client.sends(ip({ destination: vip }), tcp(syn));
      await lab.wait(60);
      client.receives(ip({ destination: client.address }), icmp({ type: 3, code: 1 }));
      server.owns('192.168.1.77');
      await client.sends(ip({ destination: vip }), tcp({ ...syn, sourcePort: 40002 }));
      server.receives(ip({ destination: '192.168.1.77' }), tcp({ sourcePort: 40002, destinationPort: 8080 }));
    },
  },
];
