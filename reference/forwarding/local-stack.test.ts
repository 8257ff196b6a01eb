import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { CLIENT, DirectorLab, VIP, type Sent } from '../testing/director-lab.ts';
import { wrongChecksums } from '../testing/packets.ts';
import { icmp, ip, payload, tcp, udp, type Layer, type TcpFields } from '../wire/layer.ts';

const only = (sent: readonly Sent[]): readonly Layer[] => {
  expect(sent).toHaveLength(1);
  expect(sent.flatMap(({ frame }) => wrongChecksums(frame.subarray(14)))).toEqual([]);
  return sent[0]?.layers ?? [];
};
const ask = (...layers: readonly Layer[]): Sent[] =>
  new DirectorLab().fromClient(ip({ source: CLIENT, destination: VIP }), ...layers);

describe('a segment for no connection (RFC 9293 §3.10.7.1)', () => {
  const segment = (fields: TcpFields, data = '') =>
    ask(tcp({ sourcePort: 40001, destinationPort: 80, ...fields }), payload(data));
  const number = fc.integer({ min: 0, max: 0xffff_ffff });

  property.prop([number, number, fc.constantFrom('A', 'AP', 'AF', 'AS', 'ASF')])(
    'with an acknowledgement is answered by a reset that has that number',
    (sequence, acknowledgement, flags) => {
      expect(only(segment({ sequence, acknowledgement, flags }, 'data'))).toMatchObject([
        {},
        { source: VIP, destination: CLIENT, ttl: 64, id: 0, df: true, totalLength: 40 },
        {
          sourcePort: 80,
          destinationPort: 40001,
          flags: 'R',
          sequence: acknowledgement,
          acknowledgement: 0,
          window: 0,
        },
      ]);
    },
  );

  property.prop([number, fc.constantFrom('', 'S', 'F', 'SF', 'P'), fc.nat(20)])(
    'without one, by a reset that acknowledges all it occupies',
    (sequence, flags, length) => {
      const occupied = length + (flags.includes('S') ? 1 : 0) + (flags.includes('F') ? 1 : 0);
      expect(only(segment({ sequence, flags }, 'x'.repeat(length)))).toMatchObject([
        {},
        {},
        { flags: 'AR', sequence: 0, acknowledgement: (sequence + occupied) % 2 ** 32 },
      ]);
    },
  );

  test.each(['R', 'AR', 'RS', 'ARSF'])('%s: a reset is not answered', (flags) => {
    expect(segment({ flags })).toEqual([]);
  });

  test.each([
    ['a wrong checksum', { flags: 'S', checksum: 1 }],
    ['a header shorter than a header is', { flags: 'S', headerLength: 16 }],
    ['a header longer than the segment', { flags: 'S', headerLength: 60 }],
  ])('with %s is not answered', (_what, fields) => {
    expect(segment(fields)).toEqual([]);
  });

  test('has its type of service in the answer, but is no sign that the director speaks ECN', () => {
    const sent = new DirectorLab().fromClient(ip({ source: CLIENT, destination: VIP, tos: 0xbb }), tcp({ flags: 'S' }));
    expect(only(sent)).toMatchObject([{}, { tos: 0xb8 }, {}]);
  });
});

describe('a datagram for no service', () => {
  test('is answered by port unreachable (RFC 1122 §4.1.3.1)', () => {
    expect(only(ask(udp({ destinationPort: 9 }), payload('x')))).toMatchObject([
      {},
      { source: VIP },
      { type: 3, code: 3 },
      {},
      {},
      {},
    ]);
  });

  test('without checksum too; with a wrong one, or a length that cannot be, it is not', () => {
    expect(ask(udp({ checksum: 0 }))).toHaveLength(1);
    expect(ask(udp({ checksum: 1 }))).toEqual([]);
    expect(ask(udp({ length: 7 }))).toEqual([]);
    expect(ask(udp({ length: 9 }))).toEqual([]);
  });

  test('is quoted without what stands behind its end', () => {
    const [, , , quoted] = only(ask(udp({ length: 8, checksum: 0 }), payload('more')));
    expect(quoted).toMatchObject({ totalLength: 32 });
    const [, outer] = only(ask(udp({ length: 8, checksum: 0 }), payload('more')));
    expect(outer).toMatchObject({ totalLength: 28 + 28 });
  });
});

describe('an echo request (RFC 1122 §3.2.2.6)', () => {
  property.prop([
    fc.uint8Array({ maxLength: 3000, size: 'max' }),
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc.nat(255),
  ])('is answered with the same data, from where it was sent', (data, rest, tos) => {
    const sent = new DirectorLab().fromClient(
      ip({ source: CLIENT, destination: VIP, tos }),
      icmp({ type: 8, rest }),
      payload(data),
    );
    const expected = [{}, { source: VIP, destination: CLIENT, ttl: 64, tos, df: false }, { type: 0, code: 0, rest }];
    expect(only(sent)).toMatchObject(data.length === 0 ? expected : [...expected, payload(data)]);
  });

  test('with a wrong checksum is not answered', () => {
    expect(ask(icmp({ type: 8, checksum: 1 }))).toEqual([]);
  });

  test.each([0, 3, 5, 11, 14])('is the only message answered: type %i is not', (type) => {
    expect(ask(icmp({ type }), payload(new Uint8Array(28)))).toEqual([]);
  });
});

describe('another protocol', () => {
  test('is answered by protocol unreachable (RFC 1122 §3.2.2.1)', () => {
    const sent = new DirectorLab().fromClient(
      ip({ source: CLIENT, destination: VIP, protocol: 253 }),
      payload('12345678'),
    );
    expect(only(sent)).toMatchObject([{}, { source: VIP }, { type: 3, code: 2 }, { protocol: 253 }, {}]);
  });

  test.each([2, 103])('that is multicast’s own (%i) is not, as a live kernel', (protocol) => {
    expect(
      new DirectorLab().fromClient(ip({ source: CLIENT, destination: VIP, protocol }), payload('12345678')),
    ).toEqual([]);
  });
});
