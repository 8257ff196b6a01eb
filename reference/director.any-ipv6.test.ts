import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { Director } from './director.ts';
import type { Environment } from './environment.ts';
import { PROFILES } from './profile.ts';
import { buildPacket } from './wire/build-packet.ts';
import { dissect } from './wire/dissect.ts';
import {
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp6,
  ip6,
  neighbour,
  payload,
  routing,
  tcp,
  udp,
  type Layer,
} from './wire/layer.ts';

const CLIENT = '2001:db8::2';
const VIP = '2001:db8::100';
const SERVER = '2001:db8:1::11';
const MACS = ['02:00:00:00:00:c1', '02:00:00:00:00:51'] as const;
const ENVIRONMENT: Environment = {
  ports: [
    { name: 'client', mac: MACS[0], addresses: ['2001:db8::1/64'], mtu: 1500 },
    { name: 'server', mac: MACS[1], addresses: ['2001:db8:1::1/64', '192.168.1.1/24'], mtu: 1400 },
  ],
  virtualAddresses: [VIP],
  routes: [{ destination: '::/0', via: '2001:db8::fe' }],
  neighbours: 'arp',
  sysctls: { 'ipv6.icmp.ratelimit': '0', 'vs.schedule_icmp': '1' },
};
const RULES = [
  `-A -t [${VIP}]:80 -s rr`,
  `-a -t [${VIP}]:80 -r [${SERVER}]:8080 -m`,
  `-A -t [${VIP}]:81 -s rr`,
  `-a -t [${VIP}]:81 -r [${SERVER}]:81 -i`,
  `-A -t [${VIP}]:82 -s rr`,
  `-a -t [${VIP}]:82 -r [${SERVER}]:82 -g`,
  `-A -t [${VIP}]:83 -s rr`,
  `-a -t [${VIP}]:83 -r 192.168.1.11:83 -i`,
  `-A -t [${VIP}]:21 -s rr`,
  `-a -t [${VIP}]:21 -r [${SERVER}]:21 -m`,
  `-A -u [${VIP}]:53 -s rr`,
  `-a -u [${VIP}]:53 -r [${SERVER}]:53 -m`,
];

const address = fc.constantFrom(
  ...[CLIENT, VIP, VIP, SERVER, '2001:db8::1', '2001:db8:1::1', '2001:db8::', '2001:db8:9::9'],
  ...['fe80::ff:fe00:c1', 'fe80::2', 'ff02::1', 'ff02::1:ff00:100', 'ff01::1', '::1', '::'],
);
const port = fc.constantFrom(0, 20, 21, 53, 80, 81, 82, 83, 8080, 40_001);
const flags = fc.constantFrom('S', 'AS', 'A', 'AP', 'AF', 'R', '');
const datagram = fc
  .record({ source: address, destination: address, hopLimit: fc.constantFrom(0, 1, 2, 64, 255), flowLabel: fc.nat(9) })
  .map((fields) => ip6(fields));
const options = fc.constantFrom('', '01040000000001', 'c20400000010', '050200000100', '9e0100', 'de0100', '0701');
const extension = fc.oneof(
  options.map((text) => hopByHop({ options: text })),
  options.map((text) => destinationOptions({ options: text })),
  fc.record({ routingType: fc.constantFrom(0, 2, 4, 9), segmentsLeft: fc.nat(2) }).map((fields) => routing(fields)),
  fc
    .record({ offset: fc.constantFrom(0, 0, 8, 24), mf: fc.boolean(), id: fc.nat(2) })
    .map((fields) => fragment(fields)),
);
const extensions = fc.array(extension, { maxLength: 3 });
const transport = fc.oneof(
  fc.record({ sourcePort: port, destinationPort: port, flags }).map((fields) => tcp(fields)),
  fc.record({ sourcePort: port, destinationPort: port }).map((fields) => udp(fields)),
);
const message = fc
  .record({ type: fc.constantFrom(1, 2, 3, 4, 100, 128, 129, 137), code: fc.nat(4), rest: fc.constantFrom(0, 1280) })
  .map((fields) => icmp6(fields));
const data = fc.oneof(
  fc
    .constantFrom('', 'EPSV\r\n', '229 ok (|||51210|)\r\n', 'EPRT |2|2001:db8::2|40002|\r\n')
    .map((text) => payload(text)),
  fc.uint8Array({ maxLength: 1500, size: 'max' }).map((bytes) => payload(bytes)),
);
const layers = fc.oneof(
  fc.tuple(datagram, extensions, transport, data).map(([ip, more, ...rest]): Layer[] => [ip, ...more, ...rest]),
  fc
    .tuple(datagram, extensions, message, datagram, extensions, transport, data)
    .map(([ip, more, error, quoted, others, ...rest]): Layer[] => [ip, ...more, error, quoted, ...others, ...rest]),
  fc
    .tuple(datagram, fc.constantFrom(135, 136), address, fc.boolean())
    .map(([ip, type, target, withMac]): Layer[] => [
      ip,
      icmp6({ type, rest: 0x6000_0000 }),
      neighbour(withMac ? { target, mac: '02:00:00:00:00:09' } : { target }),
    ]),
);
const damage = fc.oneof(
  { weight: 4, arbitrary: fc.constant((frame: Uint8Array) => frame) },
  { weight: 1, arbitrary: fc.nat().map((at) => (frame: Uint8Array) => frame.slice(0, at % (frame.length + 1))) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => (frame: Uint8Array) => {
      const damaged = frame.slice();
      damaged[at % 80] = value;
      return damaged;
    }),
  },
);
const frame = fc.record({ port: fc.nat(1), layers, damage }).map(({ port, layers, damage }) => ({
  port,
  frame: damage(buildPacket([ethernet({ destination: MACS[port] ?? '', source: '02:00:00:00:00:09' }), ...layers])),
}));
const step = fc.oneof(
  { weight: 6, arbitrary: frame },
  { weight: 1, arbitrary: fc.constantFrom(0.5, 3, 61).map((seconds) => ({ seconds })) },
);
type Step = { readonly port: number; readonly frame: Uint8Array } | { readonly seconds: number };

function play(steps: readonly Step[]): { readonly port: number; readonly frame: Uint8Array }[] {
  const sent: { port: number; frame: Uint8Array }[] = [];
  const director = new Director({
    environment: ENVIRONMENT,
    profile: PROFILES.linux,
    transmit: (port, frame) => sent.push({ port, frame: frame.slice() }),
  });
  for (const rule of RULES) director.administer(rule);
  const introduction = neighbour({ target: '2001:db8:1::1', mac: '02:00:00:00:00:11' });
  const group = 'ff02::1:ff00:1';
  const asked = [ip6({ source: SERVER, destination: group, hopLimit: 255 }), icmp6({ type: 135 }), introduction];
  director.receive(1, buildPacket([ethernet({ destination: '33:33:ff:00:00:01' }), ...asked]));
  for (const one of steps) {
    if ('seconds' in one) director.advance(one.seconds * 1000);
    else director.receive(one.port, one.frame);
  }
  const syn = [
    ip6({ source: '2001:db8::7', destination: VIP }),
    tcp({ sourcePort: 7, destinationPort: 80, flags: 'S' }),
  ];
  director.receive(0, buildPacket([ethernet({ destination: MACS[0] }), ...syn]));
  return sent;
}

describe('any IPv6 input', () => {
  property.prop([fc.array(step, { maxLength: 40, size: 'max' })], { numRuns: 300 })(
    'throws nothing, sends nothing longer than a link carries, and leaves the director able to forward the next packet',
    (steps) => {
      const sent = play(steps);
      for (const { port, frame } of sent) {
        expect(frame.length - 14).toBeLessThanOrEqual(ENVIRONMENT.ports[port]?.mtu ?? 0);
      }
      const last = sent.at(-1)?.frame ?? new Uint8Array();
      const [, header, segment] = dissect(last).map(({ layer }) => layer);
      expect([header, segment]).toMatchObject([
        { source: '2001:db8::7', destination: SERVER, hopLimit: 63 },
        { sourcePort: 7, destinationPort: 8080 },
      ]);
    },
  );

  property.prop([fc.array(step, { maxLength: 40, size: 'max' })])(
    'gives the same output for the same input',
    (steps) => {
      expect(play(steps)).toEqual(play(steps));
    },
  );
});
