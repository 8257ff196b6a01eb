import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { ip, payload, tcp, type TcpFields } from '../wire/layer.ts';
import { SequenceAdjustment } from './sequence-adjustment.ts';
import { adjustNumbers, payloadText, replaceInPayload } from './tcp-payload.ts';

const segment = (data: string | Uint8Array, fields: TcpFields = {}, options = '') =>
  packetOf(
    ip({ source: '192.168.1.11', destination: '10.0.0.2', options }),
    tcp({ sourcePort: 21, destinationPort: 40001, flags: 'AP', ...fields }),
    payload(data),
  );

const text = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});

describe('the payload of a segment', () => {
  property.prop([text, fc.constantFrom('', '01010101', '020405b4')])(
    'is read one character a byte',
    (data, options) => {
      expect(payloadText(segment(data, { options }))).toBe(data);
    },
  );

  test('may be as long as a datagram', () => {
    expect(payloadText(segment(new Uint8Array(65495).fill(65)))).toHaveLength(65495);
  });

  test.each([0, 4, 16, 60])('is nothing where the header’s length is none: %i bytes of 50', (headerLength) => {
    expect(payloadText(segment('x'.repeat(30), { headerLength }))).toBe('');
  });

  property.prop([text, fc.nat(60), fc.nat(60), text, fc.constantFrom('', '01010101')])(
    'with a part replaced is the segment that would have been built with it',
    (data, a, b, replacement, options) => {
      const [from = 0, to = 0] = [a, b].map((at) => at % (data.length + 1)).sort((x, y) => x - y);
      const packet = segment(data, {}, options);
      const difference = replaceInPayload(packet, from, to, replacement);
      expect(difference).toBe(replacement.length - (to - from));
      const changed = data.slice(0, from) + replacement + data.slice(to);
      expect(bytesOf(packet)).toEqual(bytesOf(segment(changed, {}, options)));
    },
  );

  test('does not grow beyond the longest datagram: nothing happens', () => {
    const packet = segment(new Uint8Array(65495).fill(65));
    const before = bytesOf(packet);
    expect(replaceInPayload(packet, 0, 1, 'AA')).toBeUndefined();
    expect(bytesOf(packet)).toEqual(before);
    expect(replaceInPayload(packet, 0, 2, 'B')).toBe(-1);
  });
});

describe('the numbers of a segment', () => {
  const shifted = (difference: number) => {
    const adjustment = new SequenceAdjustment();
    adjustment.resize(0, difference);
    return adjustment;
  };

  property.prop([
    fc.integer({ min: 1, max: 2 ** 31 - 2000 }),
    fc.integer({ min: 1000, max: 2 ** 31 - 2000 }),
    fc.integer({ min: -500, max: 500 }),
    fc.integer({ min: -500, max: 500 }),
  ])(
    'are shifted, those acknowledged back, selective acknowledgements too, and the checksum with them',
    (sequence, acknowledgement, own, other) => {
      // No-operation, no-operation, SACK of two blocks (RFC 2018 §3); and one more that stands on an odd byte.
      const edges = [acknowledgement + 100, acknowledgement + 200, acknowledgement + 300, acknowledgement + 400];
      const sack = (shift: number) => edges.map((edge) => (edge - shift).toString(16).padStart(8, '0')).join('');
      for (const [before, after] of [
        ['0101', ''],
        ['01', '01'],
      ] as const) {
        const fields = (shift: number): TcpFields => ({ options: `${before}0512${sack(shift)}${after}` });
        const packet = segment('data', { ...fields(0), sequence, acknowledgement });
        adjustNumbers(packet, shifted(own), shifted(other));
        const expected = {
          ...fields(other),
          sequence: (sequence + own) >>> 0,
          acknowledgement: (acknowledgement - other) >>> 0,
        };
        expect(layerOf(layersOf(bytesOf(packet)), 'tcp')).toMatchObject(expected);
        expect(wrongChecksums(bytesOf(packet))).toEqual([]);
      }
    },
  );

  property.prop([fc.uint8Array({ minLength: 20, maxLength: 80, size: 'max' })])(
    'of any bytes: the length stays',
    (bytes) => {
      const packet = packetOf(ip({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 6 }), payload(bytes));
      adjustNumbers(packet, shifted(5), shifted(7));
      expect(packet.length).toBe(20 + bytes.length);
    },
  );
});
