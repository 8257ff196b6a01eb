import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { anyDatagram, anyFrame } from '../testing/any-packet.ts';
import { buildPacket } from './build-packet.ts';
import { dissect } from './dissect.ts';
import { fieldRange } from './field-range.ts';
import { fromHex } from './hex.ts';
import {
  arp,
  ethernet,
  icmp,
  icmp6,
  ip,
  ip6,
  hopByHop,
  fragment,
  neighbour,
  payload,
  tcp,
  udp,
  type DissectedLayer,
  type Layer,
} from './layer.ts';

const uint8 = fc.integer({ min: 0, max: 0xff });

/** Frames, frames with bytes overwritten, and noise. */
const hostileBytes = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .tuple(anyFrame, fc.array(fc.tuple(fc.nat(80), uint8), { maxLength: 4 }), fc.nat(200))
    .map(([layers, changes, cut]) => {
      const bytes = buildPacket(layers);
      for (const [index, value] of changes) if (index < bytes.length) bytes[index] = value;
      return bytes.subarray(0, cut);
    }),
);

const kinds = (layers: readonly DissectedLayer[]) => layers.map(({ layer }) => layer.kind);
const end = (layer: DissectedLayer | undefined) => (layer === undefined ? 0 : layer.offset + layer.length);

describe('dissected bytes', () => {
  test.prop([anyFrame], { numRuns: 500 })('of a built frame give its layers back', (layers) => {
    const dissected = dissect(buildPacket(layers));
    expect(kinds(dissected)).toEqual(layers.map(({ kind }) => kind));
    for (const [index, { layer }] of dissected.entries()) expect(layer).toMatchObject(layers[index] ?? {});
  });

  test.prop([anyFrame])('build into the same bytes again', (layers) => {
    const bytes = buildPacket(layers);
    expect(buildPacket(dissect(bytes).map(({ layer }) => layer))).toEqual(bytes);
  });

  test.prop([anyDatagram])('may begin with an IP header', (layers) => {
    const family = layers[0]?.kind === 'ip6' ? 'ip6' : 'ip';
    expect(kinds(dissect(buildPacket(layers), family))).toEqual(layers.map(({ kind }) => kind));
  });

  test.prop([hostileBytes, fc.constantFrom('ethernet' as const, 'ip' as const, 'ip6' as const)], { numRuns: 1000 })(
    'of any kind are layers without gap, overlap or empty layer',
    (bytes, outermost) => {
      const layers = dissect(bytes, outermost);
      let position = 0;
      for (const layer of layers) {
        expect(layer.offset).toBe(position);
        expect(layer.length).toBeGreaterThan(0);
        position += layer.length;
      }
      expect(position).toBeLessThanOrEqual(bytes.length);
      if (!kinds(layers).some((kind) => ['ip', 'ip6', 'arp'].includes(kind))) expect(position).toBe(bytes.length);
    },
  );

  test.prop([anyFrame, fc.nat(150)], { numRuns: 500 })(
    'cut short have exactly the fields that are wholly there, with the same values',
    (layers, cut) => {
      const bytes = buildPacket(layers);
      const left = dissect(bytes.subarray(0, cut));
      for (const [index, { layer, offset, length }] of dissect(bytes).entries()) {
        const { kind } = layer;
        // ARP is only known by its first 8 bytes, of which the operation is the last.
        if (kind === 'payload' || (kind === 'arp' && cut < offset + 8)) break;
        const whole = Object.entries(layer).filter(([name]) => {
          const range = fieldRange(kind, name);
          return range !== undefined && offset + range.offset + Math.min(range.length, length - range.offset) <= cut;
        });
        if (whole.length > 0) expect(left[index]?.layer).toEqual({ kind, ...Object.fromEntries(whole) });
        if (cut < offset + length) break;
      }
    },
  );

  test.prop([anyFrame, fc.nat(150)])('cut short all belong to a layer', (layers, cut) => {
    const bytes = buildPacket(layers);
    const left = bytes.subarray(0, cut);
    expect(end(dissect(left).at(-1))).toBe(Math.min(cut, end(dissect(bytes).at(-1))));
  });

  test.prop([anyFrame, fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 })])(
    'are the same from within a larger buffer',
    (layers, before, after) => {
      const bytes = buildPacket(layers);
      const larger = Uint8Array.from([...before, ...bytes, ...after]);
      expect(dissect(larger.subarray(before.length, before.length + bytes.length))).toEqual(dissect(bytes));
    },
  );
});

describe('a dissected frame', () => {
  const DATAGRAM = [ip({ source: '10.0.0.2', destination: '10.0.0.100' }), udp(), payload('abc')];

  it('of Linux 6.18 has the offsets, lengths and fields of its ICMP error and quote', () => {
    const error =
      '45c0003d920800004001e9f27f0000037f000002' +
      '0303fb2000000000' +
      '45000021caf74000401171cf7f0000027f000003' +
      '9cbba027000d811968656c6c6f';
    const header = { headerLength: 20, mf: false, offset: 0, ttl: 64, options: '' };
    const [client, server] = ['127.0.0.2', '127.0.0.3'];
    expect(dissect(fromHex(error, ''), 'ip')).toEqual([
      {
        layer: ip({
          ...header,
          tos: 0xc0,
          totalLength: 61,
          id: 0x9208,
          df: false,
          protocol: 1,
          checksum: 0xe9f2,
          source: server,
          destination: client,
        }),
        offset: 0,
        length: 20,
      },
      { layer: icmp({ type: 3, code: 3, checksum: 0xfb20, rest: 0 }), offset: 20, length: 8 },
      {
        layer: ip({
          ...header,
          tos: 0,
          totalLength: 33,
          id: 0xcaf7,
          df: true,
          protocol: 17,
          checksum: 0x71cf,
          source: client,
          destination: server,
        }),
        offset: 28,
        length: 20,
      },
      {
        layer: udp({ sourcePort: 40123, destinationPort: 40999, length: 13, checksum: 0x8119 }),
        offset: 48,
        length: 8,
      },
      { layer: payload('hello'), offset: 56, length: 5 },
    ]);
  });

  it('has no layer for the padding after an IP datagram or an ARP packet', () => {
    const pad = (layers: Layer[]) => Uint8Array.from([...buildPacket(layers), ...new Uint8Array(18)]);
    expect(kinds(dissect(pad([ethernet(), ...DATAGRAM])))).toEqual(['ethernet', 'ip', 'udp', 'payload']);
    expect(end(dissect(pad([ethernet(), ...DATAGRAM])).at(-1))).toBe(14 + 20 + 8 + 3);
    expect(kinds(dissect(pad([ethernet(), arp()])))).toEqual(['ethernet', 'arp']);
  });

  it('ends at the IP total length even within its headers', () => {
    expect(kinds(dissect(buildPacket([ip({ totalLength: 24 }), udp({ sourcePort: 7 })]), 'ip'))).toEqual(['ip', 'udp']);
    expect(dissect(buildPacket([ip({ totalLength: 24 }), udp({ sourcePort: 7 })]), 'ip').at(-1)).toEqual({
      layer: udp({ sourcePort: 7, destinationPort: 0 }),
      offset: 20,
      length: 4,
    });
  });

  it.each([0, 7, 19])('is read to its end where the IP total length %d cannot be', (totalLength) => {
    const [, ...contents] = DATAGRAM;
    expect(kinds(dissect(buildPacket([ip({ totalLength }), ...contents]), 'ip'))).toEqual(['ip', 'udp', 'payload']);
  });

  it('is read to its end where the IP total length is within the options', () => {
    const bytes = buildPacket([ip({ totalLength: 20, options: '01010101' }), udp()]);
    expect(dissect(bytes, 'ip')).toMatchObject([{ length: 24 }, { layer: { kind: 'udp' } }]);
  });

  it('has a payload where the IP header length is below 20 or beyond the end', () => {
    const build = (headerLength: number) => dissect(buildPacket([ip({ headerLength }), udp()]), 'ip');
    expect(kinds(build(16))).toEqual(['ip', 'payload']);
    expect(build(16)[0]?.layer).toMatchObject({ headerLength: 16 });
    expect(kinds(build(60))).toEqual(['ip', 'payload']);
  });

  it('has a payload where the TCP header length is below 20 or beyond the end', () => {
    const build = (headerLength: number) => dissect(buildPacket([ip(), tcp({ headerLength }), payload('abc')]), 'ip');
    for (const headerLength of [0, 16, 24, 60]) {
      expect(build(headerLength).slice(1)).toMatchObject([
        { layer: { kind: 'tcp', headerLength }, offset: 20, length: 20 },
        { layer: payload('abc'), offset: 40, length: 3 },
      ]);
    }
  });

  it('has a payload in a fragment other than the first, and TCP or UDP in the first', () => {
    const build = (offset: number) =>
      kinds(dissect(buildPacket([ip({ offset, mf: true, protocol: 17 }), udp()]), 'ip'));
    expect(build(8)).toEqual(['ip', 'payload']);
    expect(build(0)).toEqual(['ip', 'udp']);
  });

  it.each([5, 6, 15])('has a payload for IP version %d', (version) => {
    const bytes = buildPacket([ethernet(), ...DATAGRAM]);
    bytes[14] = (version << 4) | 5;
    expect(kinds(dissect(bytes))).toEqual(['ethernet', 'payload']);
  });

  it('has a payload for ARP of another hardware', () => {
    const bytes = buildPacket([ethernet(), arp()]);
    bytes[15] = 6;
    expect(kinds(dissect(bytes))).toEqual(['ethernet', 'payload']);
  });

  it('has the bytes of a field cut in two as payload', () => {
    const bytes = buildPacket([
      ip(),
      icmp({ type: 11 }),
      ip(),
      tcp({ sourcePort: 1, destinationPort: 2, sequence: 3 }),
    ]);
    expect(dissect(bytes.subarray(0, 48 + 9), 'ip').slice(3)).toEqual([
      { layer: tcp({ sourcePort: 1, destinationPort: 2, sequence: 3 }), offset: 48, length: 8 },
      { layer: payload('\0'), offset: 56, length: 1 },
    ]);
  });

  it('of Linux 6.18 has the extension headers of IPv6 and what they carry', () => {
    const datagram =
      '6030fc66001b004020010db800000001000000000000000220010db8000000010000000000000001' +
      '3c000502000001001100010400000000' +
      '9cbba026000b8e06657874';
    expect(dissect(fromHex(datagram, ''), 'ip6')).toMatchObject([
      { layer: { kind: 'ip6', payloadLength: 27, nextHeader: 0, source: '2001:db8:0:1::2' }, length: 40 },
      { layer: { kind: 'hopByHop', nextHeader: 60, options: '050200000100' }, offset: 40, length: 8 },
      { layer: { kind: 'destinationOptions', nextHeader: 17 }, offset: 48, length: 8 },
      { layer: { kind: 'udp', sourcePort: 40123, destinationPort: 40998, length: 11 }, offset: 56 },
      { layer: payload('ext') },
    ]);
  });

  it.each<[string, Layer[], string[]]>([
    ['IPv6 in IPv4', [ip(), ip6(), udp()], ['ip', 'ip6', 'udp']],
    ['IPv4 in IPv6', [ip6(), ip(), tcp()], ['ip6', 'ip', 'tcp']],
    ['a first fragment', [ip6(), fragment({ mf: true }), udp()], ['ip6', 'fragment', 'udp']],
    ['a later fragment', [ip6(), fragment({ offset: 8 }), udp()], ['ip6', 'fragment', 'payload']],
    ['a quote', [ip6(), icmp6({ type: 1 }), ip6(), udp()], ['ip6', 'icmp6', 'ip6', 'udp']],
    ['a solicitation', [ip6(), icmp6({ type: 135 }), neighbour()], ['ip6', 'icmp6', 'neighbour']],
    ['ICMP of the other family', [ip6({ nextHeader: 1 }), icmp()], ['ip6', 'payload']],
    ['an extension header in IPv4', [ip({ protocol: 0 }), hopByHop()], ['ip', 'payload']],
    ['nothing', [ip6()], ['ip6']],
    ['no length', [ip6({ payloadLength: 0 }), udp()], ['ip6']],
    ['a jumbogram', [ip6({ payloadLength: 0 }), hopByHop(), udp()], ['ip6', 'hopByHop', 'udp']],
    ['an extension header beyond the end', [ip6(), hopByHop({ headerLength: 16 })], ['ip6', 'hopByHop', 'payload']],
  ])('of IPv6 has its layers: %s', (_what, layers, expected) => {
    const [frame, ...found] = kinds(dissect(buildPacket([ethernet(), ...layers])));
    expect([frame, ...found]).toEqual(['ethernet', ...expected]);
  });

  it('has for no bytes no layers', () => {
    expect(dissect(new Uint8Array(0))).toEqual([]);
    expect(dissect(new Uint8Array(0), 'ip')).toEqual([]);
  });

  it('of 64 KiB of headers within headers has them all', () => {
    const depth = 3000;
    expect(dissect(buildPacket(Array.from({ length: depth }, () => ip())), 'ip')).toHaveLength(depth);
  });
});
