import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  arp,
  ethernet,
  fragment,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  tcp,
  udp,
  type FragmentFields,
  type IpFields,
  type Layer,
} from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import type { CapturedFrame } from './capture.ts';
import { compareFrames } from './compare-captures.ts';

const seen = (bytes: Uint8Array, fields: Partial<CapturedFrame> = {}): CapturedFrame => ({
  timeNs: 0n,
  interface: 0,
  direction: 'out',
  bytes,
  originalLength: bytes.length,
  ...fields,
});
const sent = (...layers: readonly Layer[]): CapturedFrame => seen(buildPacket([ethernet(), ...layers]));
const segment = (fields: IpFields = {}): CapturedFrame =>
  sent(
    ip({ source: '10.0.0.2', destination: '10.0.0.100', ...fields }),
    tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    payload('hello'),
  );
const changed = (frame: CapturedFrame, at: number, value: number): CapturedFrame => seen(frame.bytes.with(at, value));
const query = arp({ operation: 1, senderAddress: '10.0.0.1', targetAddress: '10.0.0.2' });

// Offsets: Ethernet 0, IP 14 (RFC 791 §3.1), TCP 34 (RFC 9293 §3.1), payload 54.
describe('the first difference is named by layer, field, byte offset and both values', () => {
  const base = segment();

  test.each([
    [
      'a MAC address',
      changed(base, 5, 7),
      {
        layer: '0 ethernet',
        field: 'destination',
        offset: 0,
        expected: '00:00:00:00:00:00',
        observed: '00:00:00:00:00:07',
      },
    ],
    ['TTL', changed(base, 22, 63), { layer: '1 ip', field: 'ttl', offset: 22, expected: '64', observed: '63' }],
    [
      'IP id',
      changed(base, 18, 0xab),
      { layer: '1 ip', field: 'id', offset: 18, expected: '0x1234', observed: '0xab34' },
    ],
    [
      'the reserved bit of the IP header',
      changed(base, 20, 0xc0),
      { layer: '1 ip', field: 'reserved', offset: 20, expected: '40', observed: 'c0' },
    ],
    [
      'a TCP port',
      changed(base, 37, 81),
      { layer: '2 tcp', field: 'destinationPort', offset: 36, expected: '80', observed: '81' },
    ],
    [
      'TCP flags',
      changed(base, 47, 0x12),
      { layer: '2 tcp', field: 'flags', offset: 47, expected: 'S', observed: 'AS' },
    ],
    [
      'payload',
      changed(base, 56, 0x4c),
      { layer: '3 payload', field: 'data', offset: 56, expected: '6c6c6f', observed: '4c6c6f' },
    ],
    [
      'bytes behind the datagram',
      seen(Uint8Array.of(...base.bytes, 9)),
      { layer: 'payload', field: 'padding', offset: 59, expected: 'end of data', observed: '09' },
    ],
    [
      'the length on the wire',
      seen(base.bytes, { originalLength: 1500 }),
      { layer: 'frame', field: 'length', offset: 0, expected: '59', observed: '1500' },
    ],
  ])('%s', (_, other, difference) => {
    expect(compareFrames([base, base], [base, other])).toEqual({ frame: 1, left: 1, right: 1, ...difference });
  });

  test('another protocol: the field that says so comes before the layer that follows from it', () => {
    const other = sent(
      ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
      udp({ sourcePort: 40001, destinationPort: 80 }),
    );
    expect(compareFrames([base], [other])).toMatchObject({ layer: '1 ip', field: 'totalLength', offset: 16 });
  });

  test('a checksum that is wrong is a difference of its own', () => {
    expect(compareFrames([base], [changed(base, 24, 0)])).toMatchObject({
      layer: '1 ip',
      field: 'checksum',
      offset: 24,
    });
  });
});

describe('frames are paired in order for each interface and direction', () => {
  const [a, b, c] = [segment({ ttl: 1 }), segment({ ttl: 2 }), segment({ ttl: 3 })];
  const on = (port: number, frame: CapturedFrame): CapturedFrame => ({ ...frame, interface: port });
  const received = (frame: CapturedFrame): CapturedFrame => ({ ...frame, direction: 'in' });

  test('how frames of two interfaces or directions lie between each other is not compared, nor are times', () => {
    const later = { ...on(1, b), timeNs: 5n };
    expect(compareFrames([on(0, a), on(1, b), received(c)], [received(c), later, on(0, a)])).toBeNull();
  });

  test('a frame on another interface is missing on its own', () => {
    expect(compareFrames([on(0, a)], [on(1, a)])).toMatchObject({ left: 0, right: null, observed: 'no frame' });
  });

  test('missing on the right', () => {
    expect(compareFrames([a, b, c], [a, c])).toEqual({
      frame: 1,
      left: 1,
      right: null,
      expected: '10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 data 5 ttl 2',
      observed: 'no frame',
    });
  });

  test('missing on the left', () => {
    expect(compareFrames([a, c], [a, b, c])).toMatchObject({ frame: 1, left: null, right: 1, expected: 'no frame' });
  });

  test('of several differences the earliest comes first, whatever its interface', () => {
    const left = [on(1, a), on(0, b), on(1, c)];
    expect(compareFrames(left, [on(1, a), on(0, c), on(1, b)])).toMatchObject({ frame: 1, left: 1, right: 1 });
    expect(compareFrames(left, [on(1, a), on(0, b), on(1, c), on(0, a)])).toMatchObject({
      frame: 3,
      left: null,
      right: 3,
    });
  });
});

describe('what is tolerated', () => {
  const error = (fields: IpFields = {}, rest = 0): CapturedFrame =>
    sent(
      ip({ source: '10.0.0.100', destination: '10.0.0.2', df: false, ...fields }),
      icmp({ type: 3, code: 3, rest }),
      ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
      udp({ sourcePort: 40001, destinationPort: 9 }),
    );
  const tunnelled = (outer: IpFields, inner: IpFields = {}): CapturedFrame =>
    sent(
      ip({ source: '192.168.1.1', destination: '192.168.1.11', df: false, ...outer }),
      ip({ source: '10.0.0.2', destination: '10.0.0.100', ...inner }),
      tcp({ sourcePort: 40001, destinationPort: 80 }),
    );

  test('ARP: when, how often, and what', () => {
    const ask = sent(query);
    expect(compareFrames([ask, segment(), ask], [segment()])).toBeNull();
    expect(compareFrames([ask, segment()], [segment({ ttl: 1 })])).toMatchObject({ frame: 0, left: 1, right: 0 });
  });

  test('the id of an ICMP error of the director, and the header checksum that goes with it', () => {
    expect(compareFrames([error({ id: 7 })], [error({ id: 0xfff0 })])).toBeNull();
  });

  test.each([
    ['with DF set: its id is no free choice', error({ df: true, id: 7 }), error({ df: true, id: 8 })],
    ["forwarded, one hop on: its id is the sender's", error({ ttl: 63, id: 7 }), error({ ttl: 63, id: 8 })],
    ['received', { ...error({ id: 7 }), direction: 'in' as const }, { ...error({ id: 8 }), direction: 'in' as const }],
  ])('but not the id of an ICMP error %s', (_, left, right) => {
    expect(compareFrames([left], [right])).toMatchObject({ layer: '1 ip', field: 'id' });
  });

  test('the id of a tunnel header without DF, also in fragments and quoted in an ICMP error', () => {
    const quoting = (id: number): CapturedFrame => ({
      ...sent(
        ip({ source: '192.168.1.254', destination: '192.168.1.1', ttl: 63 }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: '192.168.1.1', destination: '192.168.1.11', df: false, id }),
        ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
        tcp({ sourcePort: 40001, destinationPort: 80 }),
      ),
      direction: 'in',
    });
    const fragment = (id: number): CapturedFrame =>
      sent(ip({ protocol: 4, df: false, offset: 1480, id }), payload('rest'));
    expect(compareFrames([tunnelled({ id: 1 })], [tunnelled({ id: 2 })])).toBeNull();
    expect(compareFrames([fragment(1)], [fragment(2)])).toBeNull();
    expect(compareFrames([quoting(1)], [quoting(2)])).toBeNull();
  });

  test('but not that of a tunnel header with DF, nor that of the packet in the tunnel', () => {
    expect(compareFrames([tunnelled({ df: true, id: 1 })], [tunnelled({ df: true, id: 2 })])).toMatchObject({
      layer: '1 ip',
      field: 'id',
    });
    expect(compareFrames([tunnelled({ id: 1 }, { id: 1 })], [tunnelled({ id: 2 }, { id: 2 })])).toMatchObject({
      layer: '2 ip',
      field: 'id',
    });
  });

  test('a wrong header checksum shows beside a masked id, with the values that were on the wire', () => {
    const wrong = tunnelled({ id: 2, checksum: 0x1111 });
    expect(compareFrames([tunnelled({ id: 1 })], [wrong])).toMatchObject({
      layer: '1 ip',
      field: 'checksum',
      observed: '0x1111',
    });
  });

  test('neighbour discovery, as ARP', () => {
    const ask = sent(ip6({ hopLimit: 255 }), icmp6({ type: 135 }), neighbour({ target: '2001:db8::1' }));
    expect(compareFrames([ask, segment(), ask], [segment()])).toBeNull();
  });

  test('the flow label of a packet of the director, but not that of a forwarded or received one', () => {
    const labelled = (flowLabel: number, hopLimit = 64) => sent(ip6({ flowLabel, hopLimit }), icmp6({ type: 1 }));
    const received = (flowLabel: number) => ({ ...labelled(flowLabel), direction: 'in' as const });
    expect(compareFrames([labelled(1)], [labelled(2)])).toBeNull();
    expect(compareFrames([labelled(1, 63)], [labelled(2, 63)])).toMatchObject({ layer: '1 ip6', field: 'flowLabel' });
    expect(compareFrames([received(1)], [received(2)])).toMatchObject({ layer: '1 ip6', field: 'flowLabel' });
  });

  test('the id of fragments of the director, but nothing else of them', () => {
    const piece = (fields: FragmentFields) =>
      sent(ip6({ hopLimit: 63 }), fragment({ offset: 8, ...fields }), payload('x'));
    expect(compareFrames([piece({ id: 1 })], [piece({ id: 2 })])).toBeNull();
    expect(compareFrames([piece({ mf: true })], [piece({ mf: false })])).toMatchObject({ field: 'mf' });
  });

  test('nothing, when asked for a strict comparison', () => {
    expect(compareFrames([tunnelled({ id: 1 })], [tunnelled({ id: 2 })], { tolerated: [] })).toMatchObject({
      field: 'id',
    });
    expect(compareFrames([sent(query)], [], { tolerated: [] })).toMatchObject({ left: 0, right: null });
  });
});

const anyFrames = fc.array(
  fc
    .tuple(
      fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(segment().bytes, sent(query).bytes)),
      fc.nat(1),
      fc.constantFrom('in' as const, 'out' as const),
    )
    .map(([bytes, port, direction]) => seen(bytes, { interface: port, direction })),
  { maxLength: 20 },
);

test.prop([anyFrames])('a capture does not differ from itself', (frames) => {
  expect(compareFrames(frames, frames, { tolerated: [] })).toBeNull();
});

test.prop([anyFrames, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })])(
  'a strict comparison finds every changed byte',
  (frames, which, where, by) => {
    const index = frames.length === 0 ? 0 : which % frames.length;
    const frame = frames[index];
    if (frame === undefined || frame.bytes.length === 0) return;
    const at = where % frame.bytes.length;
    const other = { ...frame, bytes: frame.bytes.with(at, (frame.bytes[at] ?? 0) ^ by) };
    expect(compareFrames(frames, frames.with(index, other), { tolerated: [] })).not.toBeNull();
  },
);
