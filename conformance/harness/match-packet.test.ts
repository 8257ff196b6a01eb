import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Layer } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import { arp, ethernet, icmp, ip, payload, tcp, udp } from './layers.ts';
import { describeDifference, matchPacket } from './match-packet.ts';
import type { Packet } from './lab.ts';

const ADDRESSES = { source: '10.0.0.2', destination: '10.0.0.100' };
const SYN = [ethernet(), ip(ADDRESSES), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' })];

function packetOf(...layers: readonly Layer[]): Packet {
  const bytes = buildPacket(layers);
  return { bytes, layers: dissect(bytes) };
}

const differences = (...args: Parameters<typeof matchPacket>) =>
  matchPacket(...args).differences.map(describeDifference);

describe('a template', () => {
  test('that states nothing of a layer takes any', () => {
    expect(matchPacket([ip(), tcp()], packetOf(...SYN))).toEqual({ differences: [], deviations: [] });
  });

  test('names every field that is another, with its place in the frame and both values', () => {
    // RFC 791 §3.1 and RFC 9293 §3.1: TTL is byte 8 of the IP header, the destination port byte 2 of the TCP header, flags byte 13
    expect(
      differences([ip({ ttl: 63, tos: 0 }), tcp({ destinationPort: 8080, flags: 'AS' })], packetOf(...SYN)),
    ).toEqual([
      'ip.ttl (byte 22): expected 63, observed 64',
      'tcp.destinationPort (byte 36): expected 8080, observed 80',
      'tcp.flags (byte 47): expected AS, observed S',
    ]);
  });

  test('of IP and TCP does not fit a tunnelled segment, nor does one of a tunnel fit a plain one', () => {
    const tunnelled = packetOf(ethernet(), ip(ADDRESSES), ...SYN.slice(1));
    expect(differences([ip(), tcp()], tunnelled)).toEqual(['layer 2: expected tcp, observed ip']);
    expect(differences([ip(), ip(), tcp()], packetOf(...SYN))).toEqual(['layer 2: expected ip, observed tcp']);
    expect(differences([ip(), ip(), tcp()], tunnelled)).toEqual([]);
  });

  test('may begin at Ethernet, ARP or IP, and leave the inner layers out', () => {
    expect(differences([ethernet({ type: 0x0800 })], packetOf(...SYN))).toEqual([]);
    expect(differences([arp({ operation: 1 })], packetOf(ethernet(), arp({ operation: 1 })))).toEqual([]);
    expect(differences([ip()], packetOf(...SYN))).toEqual([]);
  });

  test('with a payload asks for exactly this one, without it for none in particular', () => {
    const data = packetOf(...SYN, payload('GET /'));
    expect(differences([ip(), tcp()], data)).toEqual([]);
    expect(differences([ip(), tcp(), payload('GET /')], data)).toEqual([]);
    expect(differences([ip(), tcp(), payload('GET')], data)).toEqual([
      'payload.data of layer 3 (byte 54): expected 474554, observed 474554202f',
    ]);
    expect(differences([ip(), tcp(), payload('')], packetOf(...SYN))).toEqual([
      'layer 3: expected payload, observed nothing',
    ]);
  });

  test('takes one of several values', () => {
    expect(differences([ip({ ttl: { oneOf: [63, 64] } })], packetOf(...SYN))).toEqual([]);
    expect(differences([ip({ ttl: { oneOf: [62, 63] } })], packetOf(...SYN))).toEqual([
      'ip.ttl (byte 22): expected one of 62, 63, observed 64',
    ]);
  });

  test('tells the required value, the documented deviation and anything else apart', () => {
    const ttl = (required: number, deviates: number) => [
      ip({ ttl: { required, deviates, deviation: 'ttl-decremented' } }),
    ];
    expect(matchPacket(ttl(64, 63), packetOf(...SYN))).toEqual({ differences: [], deviations: [] });
    expect(matchPacket(ttl(65, 64), packetOf(...SYN))).toEqual({ differences: [], deviations: ['ttl-decremented'] });
    expect(differences(ttl(66, 65), packetOf(...SYN))).toEqual([
      'ip.ttl (byte 22): expected 66 (or 65: ttl-decremented), observed 64',
    ]);
  });

  test('with a field that the packet cannot have fits no packet', () => {
    const misspelt = { kind: 'ip', timeToLive: 64 } as const;
    expect(differences([misspelt], packetOf(...SYN))).toEqual(['ip.timeToLive: expected 64, observed nothing']);
  });
});

describe('a literal', () => {
  test('for sending is right for expecting too, whatever the case of its digits, options filled up', () => {
    const options = ip({ ...ADDRESSES, options: '070B0400000000' });
    expect(differences([options, tcp()], packetOf(ethernet(), options, tcp()))).toEqual([]);
    expect(
      differences(
        [ethernet({ source: '02:00:00:00:00:AB' })],
        packetOf(ethernet({ source: '02:00:00:00:00:ab' }), ...SYN.slice(1)),
      ),
    ).toEqual([]);
  });

  test('with much data is told from the first byte that differs, which is named', () => {
    const [message] = differences(
      [ip(), tcp(), payload(`${'x'.repeat(1000)}abc`)],
      packetOf(...SYN, payload(`${'x'.repeat(1000)}aBc`)),
    );
    expect(message).toBe(`payload.data of layer 3 (byte ${54 + 1001}): expected 6263, observed 4263`);
  });
});

describe('checksums', () => {
  test.for([
    ['ip', [ethernet(), ip({ ...ADDRESSES, checksum: 1 }), tcp()]],
    ['tcp', [ethernet(), ip(ADDRESSES), tcp({ checksum: 1 })]],
    ['udp', [ethernet(), ip(ADDRESSES), udp({ checksum: 1 })]],
    ['icmp', [ethernet(), ip(ADDRESSES), icmp({ type: 8, checksum: 1 })]],
    ['tcp', [ethernet(), ip(ADDRESSES), ip(ADDRESSES), tcp({ checksum: 1 })]],
  ] as const)('a wrong one of %s is a difference, also where the template ends before it', ([kind, layers]) => {
    const [message] = differences([ip()], packetOf(...layers));
    expect(message).toMatch(new RegExp(`^${kind}\\.checksum.*observed 0x0001 \\(wrong\\)$`));
  });

  test('a wrong one that the template states, or leaves open by name, is right', () => {
    const packet = packetOf(ethernet(), ip(ADDRESSES), tcp({ checksum: 0x1111 }));
    expect(differences([ip(), tcp({ checksum: 0x1111 })], packet)).toEqual([]);
    expect(differences([ip(), tcp({ checksum: { any: true } })], packet)).toEqual([]);
    expect(differences([ip(), tcp({ checksum: 0x1112 })], packet)).toEqual([
      'tcp.checksum (byte 50): expected 4370, observed 4369',
    ]);
  });

  test("a stale one in a packet quoted by an ICMP error is nobody's business", () => {
    const packet = packetOf(ethernet(), ip(ADDRESSES), icmp({ type: 3, code: 3 }), ip(ADDRESSES), udp({ checksum: 1 }));
    expect(differences([ip(), icmp(), ip(), udp()], packet)).toEqual([]);
  });
});

describe('invariants', () => {
  const segment = fc.record({
    ttl: fc.integer({ min: 0, max: 255 }),
    id: fc.integer({ min: 0, max: 0xffff }),
    sourcePort: fc.integer({ min: 0, max: 0xffff }),
    sequence: fc.integer({ min: 0, max: 0xffffffff }),
    data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  });

  property.prop([segment])(
    'what a packet dissects into, taken as a template, fits the packet',
    ({ ttl, id, sourcePort, sequence, data }) => {
      const packet = packetOf(ethernet(), ip({ ...ADDRESSES, ttl, id }), tcp({ sourcePort, sequence }), payload(data));
      expect(
        differences(
          packet.layers.map(({ layer }) => layer),
          packet,
        ),
      ).toEqual([]);
    },
  );

  property.prop([segment, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'no bit of a datagram can change unseen by its own template, if it leaves the checksums to be right',
    ({ ttl, id, sourcePort, sequence, data }, position, flip) => {
      const { bytes, layers } = packetOf(
        ethernet(),
        ip({ ...ADDRESSES, ttl, id }),
        tcp({ sourcePort, sequence }),
        payload(data),
      );
      const changed = bytes.slice();
      const at = position % bytes.length;
      changed[at] = (changed[at] ?? 0) ^ flip;
      const template = layers.map(({ layer }) => {
        const copy: Layer & { checksum?: number } = { ...layer };
        delete copy.checksum;
        return copy;
      });
      expect(differences(template, { bytes: changed, layers: dissect(changed) })).not.toEqual([]);
    },
  );
});
