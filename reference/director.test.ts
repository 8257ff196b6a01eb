import { describe, expect, test } from 'vitest';
import { MalformedInput, UnsupportedFeature } from './errors.ts';
import { PROFILES } from './profile.ts';
import {
  CLIENT,
  CLIENT_SIDE,
  DirectorLab,
  macOf,
  SERVER_SIDE,
  SERVERS,
  VIP,
  type Sent,
} from './testing/director-lab.ts';
import { layerOf, wrongChecksums } from './testing/packets.ts';
import { buildPacket } from './wire/build-packet.ts';
import { arp, ethernet, ip, payload, tcp, udp, type Layer } from './wire/layer.ts';

const [RS1] = SERVERS;
const NAT = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m'];
const TUNNEL = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -i'];
const DIRECT_ROUTE = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -g'];
const METHODS = { NAT, TUNNEL, DIRECT_ROUTE };

/** The only frame sent, with right checksums. */
function only(sent: readonly Sent[]): readonly Layer[] {
  expect(sent).toHaveLength(1);
  const [first] = sent;
  if (first === undefined) return [];
  expect(wrongChecksums(first.frame.subarray(14))).toEqual([]);
  return first.layers;
}

describe('VS/NAT', () => {
  test('a request gets the server’s address and port, an answer the virtual ones (paper P11, P13; ipvs-cases A01, A04)', () => {
    const lab = new DirectorLab({ rules: NAT });
    const request = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, tos: 3 }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    );
    expect(request.map(({ port }) => port)).toEqual([SERVER_SIDE]);
    expect(only(request)).toMatchObject([
      { destination: macOf(RS1), source: '02:00:00:00:00:51' },
      { source: CLIENT, destination: RS1, ttl: 63, tos: 3, id: 0x1234, df: true, totalLength: 40 },
      { sourcePort: 40001, destinationPort: 8080, flags: 'S', sequence: 1000 },
    ]);
    const answer = lab.fromServers(
      ip({ source: RS1, destination: CLIENT, id: 0x7777 }),
      tcp({ sourcePort: 8080, destinationPort: 40001, flags: 'AS', acknowledgement: 1001 }),
    );
    expect(answer.map(({ port }) => port)).toEqual([CLIENT_SIDE]);
    expect(only(answer)).toMatchObject([
      { destination: macOf(CLIENT), source: '02:00:00:00:00:c1' },
      { source: VIP, destination: CLIENT, ttl: 63, id: 0x7777 },
      { sourcePort: 80, destinationPort: 40001, flags: 'AS' },
    ]);
  });

  test('the life of a connection: states, leases, end (ipvs-cases C02, C03)', () => {
    const lab = new DirectorLab({ rules: [NAT[0] ?? '', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m'] });
    lab.clientSegment('S');
    expect(lab.states()).toEqual(['SYN_RECV/60']);
    lab.serverSegment(RS1, 'AS');
    lab.clientSegment('A');
    expect(lab.states()).toEqual(['ESTABLISHED/900']);
    lab.advance(100);
    expect(lab.states()).toEqual(['ESTABLISHED/800']);
    lab.clientSegment('AF');
    expect(lab.states()).toEqual(['CLOSE_WAIT/60']);
    lab.serverSegment(RS1, 'AF');
    expect(lab.states()).toEqual(['TIME_WAIT/120']);
    lab.advance(119.999);
    expect(lab.connections()).toHaveLength(1);
    lab.advance(0.001);
    expect(lab.connections()).toEqual([]);
  });

  test('a packet that cannot go on has changed its connection all the same (ipvs-cases A03)', () => {
    const lab = new DirectorLab({ rules: NAT });
    const error = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, ttl: 1 }),
      tcp({ sourcePort: 40064, destinationPort: 80, flags: 'S' }),
    );
    expect(only(error)).toMatchObject([
      {},
      { source: VIP, destination: CLIENT, tos: 0xc0, totalLength: 68, ttl: 64 },
      { type: 11, code: 0 },
      { destination: VIP, ttl: 1 },
      { destinationPort: 80 },
    ]);
    expect(lab.states()).toEqual(['SYN_RECV/60']);
    expect(lab.director.servicesText()).toMatch(/Masq +1 +1 +0 *$/m);
  });

  test('an answer without connection leaves as it is (ipvs-cases A49)', () => {
    const lab = new DirectorLab({ rules: NAT });
    expect(only(lab.serverSegment(RS1, 'A'))).toMatchObject([{}, { source: RS1 }, { sourcePort: 80 }]);
  });

  test('nat_icmp_send: it is refused, unless it is a reset; one too short to tell is refused', () => {
    const lab = new DirectorLab({
      rules: NAT,
      environment: { sysctls: { 'vs.nat_icmp_send': '1', icmp_ratelimit: '0' } },
    });
    const speak = (flags: string) => lab.serverSegment(RS1, flags, { sourcePort: 8080 });
    expect(only(speak('A'))).toMatchObject([
      {},
      { source: '192.168.1.1', destination: RS1 },
      { type: 3, code: 3 },
      {},
      {},
    ]);
    expect(only(speak('R'))).toMatchObject([{}, { source: RS1, destination: CLIENT }, { flags: 'R' }]);
    // What the buffer still holds of the reset before must not be taken for this one's flags.
    const short = lab.fromServers(
      ip({ source: RS1, destination: CLIENT, protocol: 6 }),
      payload(Uint8Array.of(0x1f, 0x90, 0x9c, 0x41)),
    );
    expect(short.map(({ layers }) => layers.slice(1, 3))).toMatchObject([[{ destination: RS1 }, { type: 3, code: 3 }]]);
    // To the director itself too: what comes from a server's service is no request (ip_vs_core.c: ip_vs_out_hook before ip_vs_in_hook).
    const request = lab.fromServers(
      ip({ source: RS1, destination: VIP }),
      tcp({ sourcePort: 8080, destinationPort: 80, flags: 'S' }),
    );
    expect(only(request)).toMatchObject([{}, { source: VIP, destination: RS1 }, { type: 3, code: 3 }, {}, {}]);
  });
});

describe('VS/TUN', () => {
  test('the request travels whole in another packet (paper P22; ipvs-cases A11)', () => {
    const lab = new DirectorLab({ rules: TUNNEL });
    const sent = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, tos: 3 }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    );
    expect(only(sent)).toMatchObject([
      { destination: macOf(RS1) },
      { source: '192.168.1.1', destination: RS1, protocol: 4, totalLength: 60, ttl: 63, tos: 2, id: 0, df: true },
      { source: CLIENT, destination: VIP, ttl: 63, tos: 3, id: 0x1234 },
      { destinationPort: 80, flags: 'S' },
    ]);
  });

  test('the director sees half of the connection (paper P26; ipvs-cases C17, C20)', () => {
    const lab = new DirectorLab({ rules: TUNNEL });
    const states = ['S', 'A', 'AF', 'A'].map((flags) => {
      lab.clientSegment(flags);
      return lab.states();
    });
    expect(states).toEqual([['SYN_RECV/60'], ['ESTABLISHED/900'], ['FIN_WAIT/120'], ['FIN_WAIT/120']]);
  });

  test('a datagram that its outer header would make longer than 65535 bytes is not sent', () => {
    const udpRules = TUNNEL.map((rule) => rule.replaceAll('-t', '-u'));
    const lab = new DirectorLab({ rules: udpRules });
    const data = new Uint8Array(65516 - 28);
    const whole = buildPacket([
      ip({ source: CLIENT, destination: VIP }),
      udp({ sourcePort: 5, destinationPort: 80 }),
      payload(data),
    ]);
    const sent = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((index) =>
      lab.fromClient(
        ip({ source: CLIENT, destination: VIP, protocol: 17, df: false, offset: index * 8000, mf: index < 8 }),
        payload(whole.subarray(20 + index * 8000, 20 + (index + 1) * 8000)),
      ),
    );
    expect(sent).toEqual([]);
  });
});

describe('VS/DR', () => {
  test('only the frame’s destination changes, and the TTL (paper P29; ipvs-cases A08)', () => {
    const lab = new DirectorLab({ rules: DIRECT_ROUTE });
    const sent = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, tos: 3, options: '01010101' }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    );
    expect(only(sent)).toMatchObject([
      { destination: macOf(RS1), source: '02:00:00:00:00:51' },
      { source: CLIENT, destination: VIP, ttl: 63, tos: 3, id: 0x1234, options: '01010101' },
      { sourcePort: 40001, destinationPort: 80 },
    ]);
  });
});

describe('profile paper', () => {
  test.each(['TUNNEL', 'DIRECT_ROUTE'] as const)(
    '%s leaves the packet as it is: the TTL too (paper P22, P29)',
    (method) => {
      const lab = new DirectorLab({ rules: METHODS[method], profile: PROFILES.paper });
      const frame = buildPacket([
        ethernet({ destination: '02:00:00:00:00:c1' }),
        ip({ source: CLIENT, destination: VIP, ttl: 1 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
      ]);
      const [sent] = lab.receive(CLIENT_SIDE, frame);
      expect(sent?.frame.subarray(method === 'TUNNEL' ? 34 : 14)).toEqual(frame.subarray(14));
    },
  );

  test('VS/NAT is a router, and takes one from the TTL (RFC 1812 §5.3.1)', () => {
    const lab = new DirectorLab({ rules: NAT, profile: PROFILES.paper });
    expect(layerOf(only(lab.clientSegment('S')), 'ip').ttl).toBe(63);
  });

  test('a connection that was closed is kept one minute (paper P15)', () => {
    const lab = new DirectorLab({ rules: DIRECT_ROUTE, profile: PROFILES.paper });
    for (const flags of ['S', 'A', 'AF']) lab.clientSegment(flags);
    expect(lab.states()).toEqual(['FIN_WAIT/60']);
  });
});

describe('servers that come and go', () => {
  const rules = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m'];
  const remove = '-d -t 10.0.0.100:80 -r 192.168.1.11:80';

  test('without its server a connection rests, and goes on when it is back (ipvs-cases E11 to E13)', () => {
    const lab = new DirectorLab({ rules });
    lab.clientSegment('S');
    lab.director.administer(remove);
    expect(lab.clientSegment('A')).toEqual([]);
    expect(only(lab.serverSegment(RS1, 'AS'))).toMatchObject([{}, { source: VIP }, {}]);
    lab.director.administer(rules[1] ?? '');
    expect(lab.director.servicesText()).toMatch(/Masq +1 +1 +0 *$/m);
    expect(only(lab.clientSegment('A'))).toMatchObject([{}, { destination: RS1 }, {}]);
  });

  test('expire_nodest_conn: its connections end with it (ipvs-cases E16, E17)', () => {
    const lab = new DirectorLab({ rules, environment: { sysctls: { 'vs.expire_nodest_conn': '1' } } });
    lab.clientSegment('S');
    lab.director.administer(remove);
    lab.advance(0.3);
    expect(lab.connections()).toEqual([]);
    expect(only(lab.clientSegment('A', { acknowledgement: 77 }))).toMatchObject([
      {},
      { source: VIP },
      { flags: 'R', sequence: 77 },
    ]);
  });

  test('expire_nodest_conn: a server that comes back at once keeps them (kernel ip_vs_ctl.c:__ip_vs_del_dest)', () => {
    const lab = new DirectorLab({ rules, environment: { sysctls: { 'vs.expire_nodest_conn': '1' } } });
    lab.clientSegment('S');
    lab.director.administer(remove);
    lab.director.administer(rules[1] ?? '');
    lab.advance(0.3);
    expect(lab.connections()).toHaveLength(1);
  });

  test('the last service gone, nothing is balanced; with any service again everything is (kernel ip_vs_ctl.c:ip_vs_unregister_hooks)', () => {
    const lab = new DirectorLab({ rules });
    lab.clientSegment('S');
    lab.director.administer('-C');
    expect(only(lab.clientSegment('A', { acknowledgement: 77 }))).toMatchObject([{}, { source: VIP }, { flags: 'R' }]);
    expect(only(lab.serverSegment(RS1, 'AS'))).toMatchObject([{}, { source: RS1 }, {}]);
    lab.director.administer('-A -t 10.0.0.100:443 -s rr');
    expect(only(lab.serverSegment(RS1, 'AS'))).toMatchObject([{}, { source: VIP }, {}]);
  });

  test('counts: active while half open or established, inactive when closing, none when ended (kernel ip_vs_proto_tcp.c:tcp_state_active)', () => {
    const lab = new DirectorLab({ rules });
    const counts = () => /Masq +1 +(\d+) +(\d+)/.exec(lab.director.servicesText())?.slice(1).join('/');
    const seen = ['S', 'A', 'A', 'AF'].map((flags) => {
      lab.clientSegment(flags);
      return counts();
    });
    expect(seen).toEqual(['1/0', '1/0', '1/0', '0/1']);
    lab.advance(60);
    expect(counts()).toBe('0/0');
  });
});

describe('the next due timer', () => {
  /** Sleeps until each instant in turn; the instants at which it woke, in seconds. */
  function sleepThrough(lab: DirectorLab): number[] {
    const woken: number[] = [];
    while (lab.director.nextDue < Infinity) {
      lab.advance((lab.director.nextDue - lab.director.now) / 1000);
      woken.push(lab.director.now / 1000);
    }
    return woken;
  }

  test('an idle director has none', () => {
    expect(new DirectorLab({ rules: NAT }).director.nextDue).toBe(Infinity);
  });

  test('who asks for a neighbour that is not there asks three times, a second apart, and is woken for each', () => {
    const lab = new DirectorLab({ rules: ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.99:80 -m'] });
    lab.clientSegment('S');
    expect(sleepThrough(lab).slice(0, 3)).toEqual([1, 2, 3]);
  });

  test('a connection ends on time, for at most one waking a second (paper P15: a minute in SYN)', () => {
    const lab = new DirectorLab({ rules: NAT });
    lab.clientSegment('S');
    lab.advance(0.5);
    lab.clientSegment('S');
    const woken = sleepThrough(lab);
    expect(lab.connections()).toEqual([]);
    expect(woken.at(-1)).toBe(60.5);
    expect(woken.length).toBeLessThanOrEqual(62);
  });
});

describe('virtual addresses are exchanged', () => {
  test('the new one is answered for, the old one is not any more', () => {
    const lab = new DirectorLab({ rules: NAT });
    const ask = (address: string) =>
      lab.receive(
        CLIENT_SIDE,
        buildPacket([
          ethernet({ destination: 'ff:ff:ff:ff:ff:ff' }),
          arp({ senderMac: '02:00:0a:00:00:02', senderAddress: '10.0.0.2', targetAddress: address }),
        ]),
      ).length;
    expect([ask(VIP), ask('10.0.0.101')]).toEqual([1, 0]);
    lab.clientSegment('S');
    lab.director.setVirtualAddresses(['10.0.0.101']);
    expect([ask(VIP), ask('10.0.0.101'), ask('10.0.0.1')]).toEqual([0, 1, 1]);
    expect(() => lab.director.setVirtualAddresses(['10.0.0.102', '10.0.0.300'])).toThrow(MalformedInput);
    expect([ask('10.0.0.101'), ask('10.0.0.102')]).toEqual([1, 0]);
  });
});

describe('what is no director', () => {
  const made = (environment: object) => () => new DirectorLab({ environment });
  test.each([
    ['an address', { virtualAddresses: ['10.0.0.300'] }],
    ['a MAC', { ports: [{ name: 'a', mac: '1', addresses: [], mtu: 1500 }] }],
    ['a prefix', { ports: [{ name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1'], mtu: 1500 }] }],
    [
      'an MTU smaller than IP allows (RFC 791: 68)',
      { ports: [{ name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], mtu: 67 }] },
    ],
    [
      'an MTU beyond the largest datagram',
      { ports: [{ name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], mtu: 65536 }] },
    ],
    ['a gateway on no network of a port', { routes: [{ destination: '0.0.0.0/0', via: '172.16.0.1' }] }],
    ['a setting that is no number', { sysctls: { 'vs.conn_reuse_mode': 'x' } }],
  ])('%s is refused in one line', (_what, environment) => {
    expect(made(environment)).toThrow(MalformedInput);
    expect(made(environment)).toThrow(/^[^\n]+$/);
  });

  test('a setting that nobody knows is unsupported', () => {
    expect(made({ sysctls: { tcp_congestion_control: '1' } })).toThrow(UnsupportedFeature);
  });

  test.each([-1, NaN, Infinity])('time does not pass by %s milliseconds', (milliseconds) => {
    expect(() => new DirectorLab().director.advance(milliseconds)).toThrow(MalformedInput);
  });
});
