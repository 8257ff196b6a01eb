import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { Clock } from '../../reference/clock.ts';
import { ethernet, icmp, ip, payload, tcp, udp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { ModelServer } from './model-server.ts';
import { RIGHT_SETUPS } from './right-setups.ts';
import { SERVER_NETWORK } from './server-network.ts';
import { WRONG_SETUPS } from './wrong-setups.ts';

const setups = fc.constantFrom(...RIGHT_SETUPS, ...WRONG_SETUPS.map(({ setup }) => setup));
const { server, client, virtualAddress, director } = SERVER_NETWORK;
const toServer = ethernet({ destination: server.mac });
const header = ip({ source: client, destination: virtualAddress });
const wellFormed: readonly (readonly Layer[])[] = [
  [toServer, header, tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S', options: '020405b4' })],
  [toServer, header, udp({ sourcePort: 40001, destinationPort: 80 }), payload('hello')],
  [
    toServer,
    header,
    icmp({ type: 3, code: 4 }),
    ip({ source: virtualAddress, destination: client }),
    payload('12345678'),
  ],
  [toServer, ip({ source: director.address, destination: server.address }), header, icmp({}), payload('ping')],
  [toServer, ip({ source: client, destination: virtualAddress, mf: true, df: false }), payload('12345678')],
];

/** Any bytes, and frames that a server would take with some of their bytes changed and their end cut off. */
const frames = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(fc.constantFrom(...wellFormed), fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 4 }), fc.nat(200))
    .map(([layers, changes, length]) => {
      const frame = buildPacket(layers);
      for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
      return frame.subarray(0, Math.max(length, 14));
    }),
);

describe('a model server', () => {
  test.prop([setups, fc.array(frames, { maxLength: 30 })])(
    'takes any bytes, and sends only frames of its own',
    (setup, arriving) => {
      const clock = new Clock();
      const sent: Uint8Array[] = [];
      const machine = new ModelServer({ setup, clock, transmit: (frame) => sent.push(frame.slice()) });
      for (const frame of arriving) machine.receive(frame);
      clock.advance(600_000, () => undefined);
      const source = server.mac.replaceAll(':', '');
      for (const frame of sent) expect(Buffer.from(frame.subarray(6, 12)).toString('hex')).toBe(source);
    },
  );
});
