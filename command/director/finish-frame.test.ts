import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { wrongChecksums } from '../../reference/testing/packets.ts';
import { finish, pseudoHeaderSum } from '../../reference/wire/checksum.ts';
import { ethernet, ip, payload, tcp, udp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket, dissect } from '../../reference/wire/packet.ts';
import { finishFrame } from './finish-frame.ts';

const TRANSPORT = 34;
const [SOURCE, DESTINATION] = [0x0a000002, 0x0a000064];

function finished(frame: Uint8Array, unfinished: Parameters<typeof finishFrame>[1]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  finishFrame(frame.slice(), unfinished, (each) => frames.push(each.slice()));
  return frames;
}

function frameOf(transport: Layer, data: Uint8Array): Uint8Array {
  const network = ip({ source: '10.0.0.2', destination: '10.0.0.100', id: 7 });
  return buildPacket([ethernet(), network, transport, payload(data)]);
}

function view(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}

describe('a checksum left to hardware', () => {
  property.prop([fc.uint8Array({ maxLength: 1460 }), fc.constantFrom('tcp', 'udp')])(
    'is filled in where the sum of the pseudo header stands',
    (data, protocol) => {
      const whole = frameOf(protocol === 'tcp' ? tcp() : udp(), data);
      const [number, offset] = protocol === 'tcp' ? [6, 16] : [17, 6];
      const left = whole.slice();
      const pseudo = pseudoHeaderSum(SOURCE, DESTINATION, number, whole.length - TRANSPORT);
      view(left).setUint16(TRANSPORT + offset, ~finish(pseudo));
      expect(finished(left, { checksum: { start: TRANSPORT, offset }, segmentSize: 0 })).toEqual([whole]);
    },
  );

  test('of a field beyond the end is none: the frame is lost', () => {
    expect(finished(frameOf(tcp(), new Uint8Array()), { checksum: { start: 60, offset: 16 }, segmentSize: 0 })).toEqual(
      [],
    );
  });
});

describe('segments left to hardware', () => {
  property.prop([fc.uint8Array({ minLength: 1, maxLength: 9000 }), fc.integer({ min: 1, max: 1460 })])(
    'of TCP carry all data once, in order, with right headers; FIN and PSH with the last, CWR with the first',
    (data, segmentSize) => {
      const sequence = 0xffff_fff0;
      const frames = finished(frameOf(tcp({ flags: 'CAPF', sequence }), data), { checksum: undefined, segmentSize });
      expect(frames.flatMap((frame) => wrongChecksums(frame.subarray(14)))).toEqual([]);
      expect(Buffer.concat(frames.map((frame) => frame.subarray(54)))).toEqual(Buffer.from(data));
      const seen = frames.map((frame) => {
        const [, network, transport] = dissect(frame).map(({ layer }) => layer);
        return [
          network?.kind === 'ip' && network.id,
          transport?.kind === 'tcp' && transport.sequence,
          transport?.kind === 'tcp' && transport.flags,
        ];
      });
      const flags = (index: number): string => `${index === 0 ? 'C' : ''}${index === frames.length - 1 ? 'APF' : 'A'}`;
      expect(seen).toEqual(frames.map((_, index) => [7 + index, (sequence + index * segmentSize) >>> 0, flags(index)]));
      expect(frames.length).toBe(Math.ceil(data.length / segmentSize));
    },
  );

  property.prop([fc.uint8Array({ minLength: 1, maxLength: 9000 }), fc.integer({ min: 1, max: 1472 })])(
    'of UDP are datagrams of their own',
    (data, segmentSize) => {
      const frames = finished(frameOf(udp(), data), { checksum: undefined, segmentSize });
      expect(frames.flatMap((frame) => wrongChecksums(frame.subarray(14)))).toEqual([]);
      expect(Buffer.concat(frames.map((frame) => frame.subarray(42)))).toEqual(Buffer.from(data));
      expect(frames.map((frame) => view(frame).getUint16(38))).toEqual(frames.map((frame) => frame.length - TRANSPORT));
    },
  );

  property.prop([fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 65535 })])(
    'of any bytes are nothing worse than lost',
    (frame, segmentSize) => {
      for (const each of finished(frame, { checksum: undefined, segmentSize })) {
        expect(each.length).toBeLessThanOrEqual(frame.length);
      }
    },
  );
});
