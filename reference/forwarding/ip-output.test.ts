import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { bufferOf, bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { ip, payload } from '../wire/layer.ts';
import { Errors } from './errors.ts';
import { IcmpErrors } from './icmp-errors.ts';
import { Icmpv6Errors } from './icmpv6-errors.ts';
import { IpOutput } from './ip-output.ts';
import { Neighbours } from './neighbours.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import { RateLimit } from './rate-limit.ts';
import { ipv4ReassemblyRules } from './reassembly-rules.ts';
import { Reassembly } from './reassembly.ts';
import type { UnicastRoute } from './route.ts';
import { Routes } from './routes.ts';

const clock = new Clock();

/** The datagrams that leave when `packet` is sent over a link of this MTU. */
function sent(packet: PacketBuffer, mtu: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const port = { name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/8'], mtu };
  const routes = new Routes(
    { ports: [port], virtualAddresses: [], routes: [], neighbours: 'derived', sysctls: {} },
    clock,
  );
  const neighbours = new Neighbours({
    macs: [1],
    routes,
    clock,
    derived: true,
    transmit: (_port, frame) => frames.push(frame.slice(14)),
    ask: () => undefined,
    unreachable: () => undefined,
  });
  const route: UnicastRoute = { kind: 'unicast', port: 0, nextHop: 0x0a000002, source: 0x0a000001, mtu };
  const icmp = { routes, limit: new RateLimit(clock), interval: () => 0, send: () => undefined };
  const errors = new Errors(
    new IcmpErrors({ ...icmp, nextId: () => 7 }),
    new Icmpv6Errors({ ...icmp, routes: routes.ipv6 }),
  );
  new IpOutput({ neighbours, errors, nextId: () => 7 }).send(packet, route);
  return frames;
}

const header = (datagram: Uint8Array) => layerOf(layersOf(datagram), 'ip');
const headerBytes = (datagram: Uint8Array): number => ((datagram[0] ?? 0) & 0x0f) * 4;
const content = (datagram: Uint8Array): Uint8Array => datagram.subarray(headerBytes(datagram));

/** Joins fragments by the letter of RFC 791 §3.2: each one's data goes where its offset says. */
function joined(fragments: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(Math.max(...fragments.map((each) => (header(each).offset ?? 0) + content(each).length)));
  for (const fragment of fragments) whole.set(content(fragment), header(fragment).offset);
  return whole;
}

// Options of every kind (RFC 791 §3.1): copied (security, 0x82) or not (record route, 7), padding, none at all.
const options = fc
  .constantFrom('', '01010101', '0707 0400 0000 0000', '820b 0000 0000 0000 0000 00', '0703 0482 0400 0001')
  .map((hex) => hex.replaceAll(' ', ''));
const anyDatagram = fc
  .record({
    data: fc.uint8Array({ minLength: 1, maxLength: 2000, size: 'max' }),
    options,
    id: fc.nat(0xffff),
    df: fc.boolean(),
    tos: fc.nat(255),
  })
  .map(({ data, ...fields }) =>
    packetOf(ip({ source: '10.0.0.9', destination: '10.0.0.2', protocol: 99, ...fields }), payload(data)),
  );
const mtu = fc.oneof(fc.integer({ min: 68, max: 300 }), fc.integer({ min: 68, max: 2100 }));

describe('output of a datagram', () => {
  property.prop([anyDatagram, mtu])(
    'no larger than the MTU is the datagram itself; of a larger one, fragments that fit and are the datagram again',
    (packet, mtu) => {
      const before = bytesOf(packet);
      const fragments = sent(packet, mtu);
      if (before.length <= mtu) {
        expect(fragments).toEqual([before]);
        return;
      }
      expect(fragments.length).toBeGreaterThan(1);
      for (const [index, fragment] of fragments.entries()) {
        const last = index === fragments.length - 1;
        expect(fragment.length).toBeLessThanOrEqual(mtu);
        expect(header(fragment)).toMatchObject({ totalLength: fragment.length, mf: !last });
        if (!last) expect(content(fragment).length % 8).toBe(0);
        // None smaller than it must be: the next eight bytes would not have fitted.
        if (!last) expect(fragment.length + 8).toBeGreaterThan(mtu);
        expect(wrongChecksums(fragment)).toEqual([]);
        const { id, tos, ttl, protocol, source, destination } = header(before);
        // What may not be fragmented and is (an ICMP error) is in pieces that may be.
        expect(header(fragment)).toMatchObject({ id, tos, ttl, protocol, source, destination, df: false });
      }
      expect(joined(fragments)).toEqual(content(before));
    },
  );

  property.prop([anyDatagram, mtu])('is joined again by the director’s own reassembly', (packet, mtu) => {
    const before = bytesOf(packet);
    const fragments = sent(packet, mtu);
    if (fragments.length === 1 || packet.dontFragment) return;
    const reassembly = new Reassembly(
      clock,
      ipv4ReassemblyRules(() => undefined),
    );
    const results = fragments.map((fragment) => reassembly.add(bufferOf(fragment)));
    const whole = results.at(-1);
    expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
    expect(whole && bytesOf(whole)).toEqual(before);
  });

  test('ipvs-cases B04: 3000 bytes over MTU 1500 are 1500, 1500 and 40', () => {
    const packet = packetOf(ip({ id: 0x4242, protocol: 6 }), payload(new Uint8Array(2980)));
    expect(sent(packet, 1500).map(header)).toMatchObject([
      { totalLength: 1500, offset: 0, mf: true, id: 0x4242 },
      { totalLength: 1500, offset: 0xb9 * 8, mf: true, id: 0x4242 },
      { totalLength: 40, offset: 0x172 * 8, mf: false, id: 0x4242 },
    ]);
  });

  test('options without the copied flag are in the first fragment alone, no-operations stand in their place (RFC 791 §3.1)', () => {
    // Record route (7, not copied), router alert (0x94, copied), end.
    const packet = packetOf(ip({ protocol: 99, options: '070704000000009404000000' }), payload(new Uint8Array(100)));
    const [first, ...later] = sent(packet, 80).map((fragment) => header(fragment).options);
    expect(first).toBe('070704000000009404000000');
    expect(later.length).toBeGreaterThan(0);
    for (const options of later) expect(options).toBe('010101010101019404000000');
  });

  property.prop([
    fc.integer({ min: 1, max: 100 }),
    fc.boolean(),
    mtu,
    fc.uint8Array({ minLength: 9, maxLength: 1500, size: 'max' }),
  ])(
    'of a fragment too large for the next link: its pieces keep their place in the whole (RFC 791 §3.2)',
    (eighths, more, mtu, bytes) => {
      const data = more ? bytes.subarray(0, bytes.length & ~7) : bytes;
      const packet = packetOf(ip({ protocol: 99, offset: eighths * 8, mf: more }), payload(data));
      const pieces = sent(packet, mtu);
      expect(joined(pieces).subarray(eighths * 8)).toEqual(data);
      expect(pieces.map((piece) => header(piece).mf)).toEqual(
        pieces.map((_, index) => more || index < pieces.length - 1),
      );
    },
  );

  property.prop([
    fc.integer({ min: 1, max: 150 }),
    fc.uint8Array({ minLength: 20, maxLength: 1300, size: 'max' }),
    fc.boolean(),
  ])(
    'that came in fragments leaves in fragments no larger than the largest, though more would fit (ipvs-cases B13 to B15)',
    (eighths, data, df) => {
      const packet = packetOf(ip({ protocol: 17, df }), payload(data));
      packet.largestFragment = 20 + eighths * 8;
      const fragments = sent(packet, 9000);
      expect(Math.max(...fragments.map((fragment) => fragment.length))).toBeLessThanOrEqual(20 + eighths * 8);
      expect(fragments.map((fragment) => header(fragment).df)).toEqual(fragments.map(() => df));
      expect(joined(fragments)).toEqual(data);
    },
  );
});
