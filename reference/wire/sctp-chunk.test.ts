import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildPacket } from './build-packet.ts';
import { dissect } from './dissect.ts';
import { fromHex, toHex } from './hex.ts';
import { chunk, ip, payload, sctp, type ChunkFields, type Layer } from './layer.ts';
import { buildChunk, chunkLength, describeChunk, parseChunk } from './sctp-chunk.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

function build(fields: ChunkFields): string {
  const bytes = new Uint8Array(chunkLength(fields)).fill(0xa5);
  buildChunk(view(bytes), 0, fields);
  return toHex(bytes);
}

const chunksOf = (bytes: Uint8Array) => dissect(bytes, 'ip').slice(2);
const packet = (...layers: Layer[]) => buildPacket([ip(), sctp(), ...layers]);

describe('an SCTP chunk', () => {
  it('is built with its length, and filled up with zeros to a multiple of 4 that do not count', () => {
    expect(build({ type: 10, data: 'aabbcc' })).toBe('0a000007aabbcc00');
    expect(build({})).toBe('00000004');
  });

  it('is parsed with its value, without what fills it up', () => {
    const fields = { type: 10, flags: 3, length: 7, data: 'aabbcc' };
    expect(parseChunk(view(fromHex('0a030007aabbcc00', '')), 0, 8)).toEqual({ kind: 'chunk', ...fields });
  });

  it('follows another in one packet', () => {
    const echo = chunk({ type: 10, data: '0102030405' });
    const data = chunk({ type: 0, flags: 3, data: 'aabbccdd' });
    expect(chunksOf(packet(echo, data))).toMatchObject([
      { layer: echo, offset: 32, length: 12 },
      { layer: data, offset: 44, length: 8 },
    ]);
  });

  it('may be the last one without what would fill it up', () => {
    const bytes = packet(chunk({ data: '01' }));
    bytes[3] = 20 + 12 + 5;
    expect(chunksOf(bytes.subarray(0, 37))).toMatchObject([{ layer: chunk({ data: '01' }), length: 5 }]);
  });

  it.each([0, 3, 13, 65535])('of stated length %d, which cannot be, ends the list: a payload follows', (length) => {
    expect(chunksOf(packet(chunk({ length }), payload('12345678')))).toEqual([
      { layer: { kind: 'chunk', type: 0, flags: 0, length }, offset: 32, length: 4 },
      { layer: payload('12345678'), offset: 36, length: 8 },
    ]);
  });

  it.each([
    [{ type: 256 }, 'chunk.type: 256'],
    [{ length: 65536 }, 'chunk.length: 65536'],
    [{ data: 'x' }, 'chunk.data'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [{ type: 1, data: '00000000' }, '[INIT 4]'],
    [{ type: 14 }, '[SHUTDOWN_COMPLETE]'],
    [{ type: 99 }, '[type 99]'],
    [{}, '[?]'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeChunk(fields)).toBe(text);
  });
});
