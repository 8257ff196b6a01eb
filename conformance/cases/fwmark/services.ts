import type { Case } from '../../harness/case.ts';
import { icmp, ip, tcp, udp } from '../../harness/layers.ts';
import { brief, serverOf, templates } from '../persistence/clients.ts';

const common = { tags: ['fwmark', 'services'], needs: [] } as const;

/** Marks 5 for ports 80 and 443 of the VIP, and 7 for 8000 to 8009. */
const marks = [
  { mark: 5, protocol: 'tcp', destination: '10.0.0.100/32', destinationPorts: [80, 80] },
  { mark: 5, protocol: 'tcp', destination: '10.0.0.100/32', destinationPorts: [443, 443] },
  { mark: 7, destination: '10.0.0.100/32', destinationPorts: [8000, 8009] },
] as const;

/** Servers of a service that take any port. */
const servers = (service: string, ...numbers: readonly number[]): string =>
  numbers.map((number) => `-a ${service} -r 192.168.1.1${number}:0 -m`).join('\n');

/** 172.20.0.0/16 is delivered to the director when it is marked, as a transparent proxy has it. */
const transparent = {
  marks: [{ mark: 5, protocol: 'tcp', destination: '172.20.0.0/16' }],
  localRoutes: [{ destination: '0.0.0.0/0', mark: 5 }],
} as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'fwmark/ports-of-one-service',
    title: 'All that has the mark is one service, and keeps the port that was asked for',
    requirement:
      'A virtual service of a firewall mark takes whatever has the mark: several ports are balanced as one service, to the same port of a server without one.',
    source: ['ipvsadm(8) --fwmark-service', 'ipvs-cases D39'],
    level: 'core',
    environment: { marks },
    rules: `-A -f 5 -s rr\n${servers('-f 5', 1, 2)}`,
    async script(lab) {
      const chosen: number[] = [];
      for (const port of [80, 443, 80, 443])
        chosen.push(await serverOf(lab, { sourcePort: 40001 + chosen.length, port }));
      const [first = 0, second = 0] = chosen;
      lab.equal('servers in turn', [first !== second, ...chosen.slice(2)], [true, first, second]);
      const flow = lab.flow({ virtualPort: 443, port: 40900 });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET /' });
      await flow.serverSends('AP', { payload: '200' });
    },
  },
  {
    ...common,
    id: 'fwmark/unmarked',
    title: 'What has no mark, or another one, is not the service’s',
    requirement: 'Only packets with the very mark belong to its service; for the rest there is none.',
    source: ['ipvsadm(8) --fwmark-service'],
    level: 'core',
    environment: { marks },
    rules: `-A -f 5 -s rr\n${servers('-f 5', 1)}\n-A -f 7 -s rr\n${servers('-f 7', 2)}`,
    async script(lab) {
      lab.equal('server of mark 5', await serverOf(lab, { sourcePort: 40001, port: 443 }), 1);
      lab.equal('server of mark 7', await serverOf(lab, { sourcePort: 40001, port: 8009 }), 2);
      for (const port of [81, 8010]) {
        await lab.client.sends(
          ip({ destination: lab.vip }),
          tcp({ sourcePort: 40002, destinationPort: port, flags: 'S' }),
        );
        lab.client.receives(ip({ source: lab.vip }), tcp({ sourcePort: port, flags: 'AR' }));
      }
    },
  },
  {
    ...common,
    id: 'fwmark/before-address',
    title: 'A service of the mark goes before the one of address and port',
    requirement: 'The table of marks is asked first; a mark of no service leaves the packet to the others.',
    source: ['ip_vs_ctl.c:ip_vs_service_find', 'ipvs-cases D38'],
    level: 'ipvs',
    environment: { marks },
    rules: `-A -f 5 -s rr\n${servers('-f 5', 1)}\n-A -t 10.0.0.100:80 -s rr\n${servers('-t 10.0.0.100:80', 2)}\n-A -t 10.0.0.100:8000 -s rr\n${servers('-t 10.0.0.100:8000', 3)}`,
    async script(lab) {
      lab.equal('server for port 80', await serverOf(lab, { sourcePort: 40001 }), 1);
      lab.equal('server for port 8000', await serverOf(lab, { sourcePort: 40001, port: 8000 }), 3);
      await lab.configure('-D -f 5');
      lab.equal('server for port 80 without the mark’s service', await serverOf(lab, { sourcePort: 40002 }), 2);
    },
  },
  {
    ...common,
    id: 'fwmark/any-protocol',
    title: 'A service of a mark is of every protocol',
    requirement: 'TCP and UDP with the mark are scheduled by the same scheduler.',
    source: ['ip_vs_ctl.c:ip_vs_service_find', 'ipvs-cases §1.7'],
    level: 'ipvs',
    needs: ['udp', 'tcp', 'nat'],
    environment: { marks },
    rules: `-A -f 7 -s rr\n${servers('-f 7', 1, 2)}`,
    async script(lab) {
      lab.equal('server of a segment', await serverOf(lab, { sourcePort: 40001, port: 8000 }), 2);
      const flow = lab.flow({ protocol: 'udp', virtualPort: 8001, servers: [lab.servers[0]] });
      await flow.clientSends();
      await flow.serverSends();
      lab.equal('server of the next segment', await serverOf(lab, { sourcePort: 40002, port: 8000 }), 2);
    },
  },
  {
    ...common,
    id: 'fwmark/real-port',
    title: 'A server with a port gets all that has the mark there',
    requirement: 'Where the server has a port it takes the place of whatever port was asked for.',
    source: ['ip_vs_core.c:ip_vs_schedule', 'ipvs-cases D40'],
    level: 'ipvs',
    environment: { marks },
    rules: '-A -f 5 -s rr\n-a -f 5 -r 192.168.1.11:8080 -m',
    async script(lab) {
      lab.equal('server', await serverOf(lab, { sourcePort: 40001, port: 80, realPort: 8080 }), 1);
      lab.equal('server', await serverOf(lab, { sourcePort: 40001, port: 443, realPort: 8080 }), 1);
    },
  },
  {
    ...common,
    id: 'fwmark/last-rule',
    title: 'The last rule that fits marks the packet',
    requirement: 'Rules are gone through to the end, and each that fits sets the mark anew.',
    source: ['iptables-extensions(8) MARK'],
    level: 'ipvs',
    environment: {
      marks: [
        { mark: 5, destination: '10.0.0.100/32' },
        { mark: 7, source: '10.9.0.0/16' },
        { mark: 4294967295, protocol: 'tcp', destinationPorts: [443, 443] },
      ],
    },
    rules: ['5', '7', '4294967295']
      .map((mark, index) => `-A -f ${mark} -s rr\n${servers(`-f ${mark}`, index + 1)}`)
      .join('\n'),
    async script(lab) {
      lab.equal('server of the client', await serverOf(lab, { sourcePort: 40001 }), 1);
      lab.equal('server of one elsewhere', await serverOf(lab, { source: '10.9.200.1', sourcePort: 40001 }), 2);
      lab.equal('server for port 443', await serverOf(lab, { source: '10.9.200.1', sourcePort: 40001, port: 443 }), 3);
    },
  },
  {
    ...common,
    id: 'fwmark/persistent',
    title: 'A client of a persistent mark has one server for all that is marked',
    requirement: 'Persistence goes by the mark: connections to any of its ports go to the server of the first one.',
    source: ['ipvsadm(8) --fwmark-service', 'ipvsadm(8) --persistent', 'ipvs-cases G09'],
    level: 'core',
    environment: { marks },
    rules: `-A -f 5 -s rr -p 300\n${servers('-f 5', 1, 2, 3)}`,
    async script(lab) {
      const first = await serverOf(lab, { sourcePort: 40001, port: 80 });
      const other = await serverOf(lab, { source: '10.0.0.3', sourcePort: 40001, port: 443 });
      lab.equal('whether two clients have two servers', first !== other, true);
      lab.equal(
        'servers of what follows',
        [
          await serverOf(lab, { sourcePort: 40002, port: 443 }),
          await serverOf(lab, { source: '10.0.0.3', sourcePort: 40002, port: 80 }),
        ],
        [first, other],
      );
    },
  },
  {
    ...common,
    id: 'fwmark/template',
    title: 'The template of a mark is of protocol IP, with the mark in the place of the address',
    requirement:
      'Its protocol is 0, its virtual address the mark, its ports are 0; the server’s port is no matter either.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ipvs-cases G09'],
    level: 'ipvs',
    needs: ['connections'],
    environment: { marks },
    rules: '-A -f 5 -s rr -p 300\n-a -f 5 -r 192.168.1.11:8080 -m',
    async script(lab) {
      lab.equal('server', await serverOf(lab, { sourcePort: 40001, port: 443 }), 1);
      lab.equal('templates', (await templates(lab)).map(brief), ['IP 10.0.0.2:0 0.0.0.5:0 192.168.1.11:0 NONE']);
    },
  },
  {
    ...common,
    id: 'fwmark/one-packet',
    title: 'One-packet scheduling of a mark is for its UDP',
    requirement: 'Datagrams with the mark are scheduled one by one; its TCP connections are connections.',
    source: ['ip_vs_core.c:ip_vs_schedule', 'ipvsadm(8) --ops'],
    level: 'ipvs',
    needs: ['connections', 'services', 'udp', 'tcp'],
    environment: { marks },
    rules: `-A -f 7 -s rr -o\n${servers('-f 7', 1, 2)}`,
    async script(lab) {
      for (const number of [2, 1, 2]) {
        const flow = lab.flow({ protocol: 'udp', virtualPort: 8000, servers: [lab.servers[number === 1 ? 0 : 1]] });
        await flow.clientSends();
      }
      lab.equal('records', await lab.connections(), []);
      await lab.flow({ virtualPort: 8000 }).establish();
      lab.equal('records after a connection', (await lab.connections()).length, 1);
      lab.equal(
        'listing',
        (await lab.services()).map(({ protocol, address, flags }) => [protocol, address, flags]),
        [['FWM', '7', 'ops']],
      );
    },
  },
  {
    ...common,
    id: 'fwmark/unserved',
    title: 'Without a server what has the mark is refused',
    requirement: 'The client of a virtual address hears by ICMP that nobody serves him.',
    source: ['ip_vs_core.c:ip_vs_leave'],
    level: 'ipvs',
    environment: { marks },
    rules: '-A -f 5 -s rr',
    async script(lab) {
      await lab.client.sends(ip({ destination: lab.vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      lab.client.receives(ip({ source: lab.vip }), icmp({ type: 3, code: 3 }));
    },
  },
  {
    ...common,
    id: 'fwmark/transparent',
    title: 'Marked packets to foreign addresses are balanced where they are delivered to the director',
    requirement:
      'A firewall mark names a service of many addresses. What a policy route delivers to the director goes to a server, and its reply has the address that the client asked for.',
    source: ['ipvsadm(8) --fwmark-service', 'ipvs-cases G09'],
    level: 'core',
    environment: transparent,
    rules: `-A -f 5 -s rr -p 300\n${servers('-f 5', 1, 2)}`,
    async script(lab) {
      const flow = lab.flow({ virtualAddress: '172.20.1.1', virtualPort: 25 });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'HELO' });
      await flow.serverSends('AP', { payload: '250' });
      const kept = [flow.server];
      await lab.flow({ virtualAddress: '172.20.7.7', port: 40002, servers: kept }).establish();
      await lab.client.sends(ip({ destination: '172.21.1.1' }), udp({ sourcePort: 40001, destinationPort: 25 }));
      lab.gateway.receives(ip({ destination: '172.21.1.1', ttl: 63 }), udp({ destinationPort: 25 }));
    },
  },
  {
    ...common,
    id: 'fwmark/destination-hashing',
    title: 'Destination hashing spreads the addresses of a mark over the servers',
    requirement: 'The server is that of the slot of the destination’s hash.',
    source: ['ip_vs_dh.c:ip_vs_dh_schedule', 'ipvs-cases D27'],
    level: 'ipvs',
    environment: transparent,
    rules: `-A -f 5 -s dh\n${servers('-f 5', 1, 2, 3)}`,
    async script(lab) {
      const chosen: number[] = [];
      for (let host = 1; host <= 12; host++) {
        chosen.push(await serverOf(lab, { sourcePort: 40001, destination: `172.20.${host}.${host * 7}` }));
      }
      lab.equal('servers in use', new Set(chosen).size, 3);
      const again: number[] = [];
      for (let host = 1; host <= 12; host++) {
        again.push(await serverOf(lab, { sourcePort: 40002, destination: `172.20.${host}.${host * 7}` }));
      }
      lab.equal('servers of the same addresses', again, chosen);
    },
  },
  ...(['lblc', 'lblcr'] as const).map((scheduler): Case => ({
    ...common,
    id: `fwmark/locality-${scheduler}`,
    title: `${scheduler} has a server for every address of a mark`,
    requirement: 'A destination keeps its server while that is not overloaded; each is in the cache by itself.',
    source: [
      `ip_vs_${scheduler}.c:ip_vs_${scheduler}_schedule`,
      scheduler === 'lblc' ? 'ipvs-cases D32' : 'ipvs-cases D33',
    ],
    level: 'ipvs',
    environment: transparent,
    rules: `-A -f 5 -s ${scheduler}\n${servers('-f 5', 1, 2, 3).replaceAll('-m', '-m -w 3')}`,
    async script(lab) {
      const chosen: number[] = [];
      for (let number = 0; number < 24; number++) {
        chosen.push(await serverOf(lab, { sourcePort: 40001 + number, destination: `172.20.1.${1 + (number % 5)}` }));
      }
      lab.equal('servers of the first five', chosen.slice(0, 5), [3, 2, 1, 3, 2]);
      lab.equal('servers of the next five', chosen.slice(5, 10), [3, 2, 1, 3, 2]);
    },
  })),
  {
    ...common,
    id: 'fwmark/transparent-unserved',
    title: 'What was delivered for its mark alone cannot be refused: nothing is said',
    requirement:
      'A host speaks from its own addresses only, so neither an ICMP error nor a reset leaves for a foreign one.',
    source: ['net/ipv4/icmp.c:icmp_route_lookup', 'ipvs-cases E43'],
    level: 'ipvs',
    needs: ['nat'],
    environment: transparent,
    rules: '-A -f 5 -s rr',
    async script(lab) {
      for (const flags of ['S', 'A']) {
        await lab.client.sends(
          ip({ destination: '172.20.1.1' }),
          tcp({ sourcePort: 40001, destinationPort: 80, flags }),
        );
      }
      lab.nothingElse();
      await lab.configure('-a -f 5 -r 192.168.1.11:0 -m');
      lab.equal('server', await serverOf(lab, { sourcePort: 40001, destination: '172.20.1.1' }), 1);
    },
  },
  {
    ...common,
    id: 'fwmark/local-table-unserved',
    title: 'What the local table delivers is refused like what is asked of a virtual address',
    requirement: 'A prefix in the local table is the director’s own: the client hears by ICMP that nobody serves him.',
    source: ['net/ipv4/icmp.c:icmp_route_lookup', 'ipvs-cases E44'],
    level: 'ipvs',
    environment: { ...transparent, localRoutes: [{ destination: '172.20.0.0/16' }] },
    rules: '-A -f 5 -s rr',
    async script(lab) {
      await lab.client.sends(
        ip({ destination: '172.20.1.1' }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
      );
      lab.client.receives(ip({ source: '172.20.1.1' }), icmp({ type: 3, code: 3 }));
    },
  },
  {
    ...common,
    id: 'fwmark/bypass',
    title: 'cache_bypass: without a server marked packets go on to where they were sent',
    requirement:
      'A connection without server is made; the client’s packets leave by the route of their destination, with one taken from the TTL, and its states follow both directions.',
    source: ['Documentation/networking/ipvs-sysctl.rst cache_bypass', 'ip_vs_core.c:ip_vs_leave', 'ipvs-cases E42'],
    level: 'ipvs',
    needs: ['connections', 'sysctl', 'nat'],
    environment: transparent,
    rules: '-A -f 5 -s rr',
    async script(lab) {
      await lab.sysctl('vs.cache_bypass', '1');
      const record = async () => (await lab.connections()).map(brief);
      const ends = { sourcePort: 40001, destinationPort: 80 };
      await lab.client.sends(ip({ destination: '172.20.1.1' }), tcp({ ...ends, flags: 'S' }));
      lab.gateway.receives(
        ip({ source: lab.client.address, destination: '172.20.1.1', ttl: 63 }),
        tcp({ ...ends, flags: 'S' }),
      );
      lab.equal('record', await record(), ['TCP 10.0.0.2:40001 172.20.1.1:80 0.0.0.0:0 SYN_RECV']);
      await lab.configure('-a -f 5 -r 192.168.1.11:0 -m');
      await lab.client.sends(ip({ destination: '172.20.1.1' }), tcp({ ...ends, flags: 'A' }));
      lab.gateway.receives(ip({ destination: '172.20.1.1', ttl: 63 }), tcp({ ...ends, flags: 'A' }));
      lab.equal('record', await record(), ['TCP 10.0.0.2:40001 172.20.1.1:80 0.0.0.0:0 ESTABLISHED']);
      lab.equal(
        'server of the next connection',
        await serverOf(lab, { sourcePort: 40002, destination: '172.20.1.1' }),
        1,
      );
    },
  },
  {
    ...common,
    id: 'fwmark/bypass-off',
    title: 'cache_bypass has no say over the director’s own addresses',
    requirement:
      'What the local table delivers is refused, cache_bypass or not; and so is what is asked of a virtual address.',
    source: ['ip_vs_core.c:ip_vs_leave', 'ipvs-cases E44'],
    level: 'ipvs',
    needs: ['sysctl'],
    environment: { marks: [{ mark: 5 }], localRoutes: [{ destination: '172.20.0.0/16' }] },
    rules: '-A -f 5 -s rr',
    async script(lab) {
      await lab.sysctl('vs.cache_bypass', '1');
      for (const destination of ['172.20.1.1', lab.vip]) {
        await lab.client.sends(ip({ destination }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
        lab.client.receives(ip({ source: destination }), icmp({ type: 3, code: 3 }));
      }
    },
  },
];
