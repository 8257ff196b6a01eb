import { describe, expect, test } from 'vitest';
import type { CapturedFrame } from '../../conformance/captures/capture.ts';
import { ethernet, ip, tcp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { connectionStates } from './connection-states.ts';

const client = { address: '10.0.0.2', port: 40001 };
const virtual = { address: '10.0.0.100', port: 80 };
const server = { address: '192.168.1.11', port: 80 };
type End = typeof client;

function frame(seconds: number, wire: number, direction: 'in' | 'out', ...layers: readonly Layer[]): CapturedFrame {
  const bytes = buildPacket([ethernet({}), ...layers]);
  return { timeNs: BigInt(seconds * 1e9), interface: wire, direction, bytes, originalLength: bytes.length };
}

function segment(from: End, to: End, flags: string): readonly Layer[] {
  return [
    ip({ source: from.address, destination: to.address }),
    tcp({ sourcePort: from.port, destinationPort: to.port, sequence: 7, flags }),
  ];
}

/** In by the client's wire and out to the server, or the other way round, translated. */
const request = (seconds: number, flags: string): readonly CapturedFrame[] => [
  frame(seconds, 0, 'in', ...segment(client, virtual, flags)),
  frame(seconds, 1, 'out', ...segment(client, server, flags)),
];
const response = (seconds: number, flags: string): readonly CapturedFrame[] => [
  frame(seconds, 1, 'in', ...segment(server, client, flags)),
  frame(seconds, 0, 'out', ...segment(virtual, client, flags)),
];

const told = (frames: readonly CapturedFrame[], listings: Parameters<typeof connectionStates>[1] = []): string[] =>
  connectionStates(frames, listings, 'linux').map(
    ({ direction, event, before, after, beforeSeen, afterSeen }) =>
      `${direction} ${event} ${before}${beforeSeen ? '!' : ''} > ${after}${afterSeen ? '!' : ''}`,
  );

describe('the states of a connection', () => {
  test('follow the handshake and the close of VS/NAT (ip_vs_proto_tcp.c:tcp_states)', () => {
    expect(told([...request(0, 'S'), ...response(0, 'AS'), ...request(0, 'A'), ...request(0, 'AF')])).toEqual([
      'input SYN NONE > SYN_RECV',
      'output SYN SYN_RECV > SYN_RECV',
      'input ACK SYN_RECV > ESTABLISHED',
      'input FIN ESTABLISHED > CLOSE_WAIT',
    ]);
  });

  test('are those of the half connection where the segment arrives under the virtual address', () => {
    const tunnelled = [
      frame(0, 0, 'in', ...segment(client, virtual, 'S')),
      frame(0, 1, 'out', ip({ destination: server.address }), ...segment(client, virtual, 'S')),
    ];
    expect(told(tunnelled)).toEqual(['inputOnly SYN NONE > SYN_RECV']);
  });

  test('do not move by a segment that nobody gets', () => {
    expect(told([frame(0, 0, 'in', ...segment(client, virtual, 'S'))])).toEqual([]);
  });

  test('begin anew when the timeout has passed: SYN_RECV lasts 60 s', () => {
    expect(told([...request(0, 'S'), ...request(59, 'A')]).at(-1)).toBe('input ACK SYN_RECV > ESTABLISHED');
    expect(told([...request(0, 'S'), ...request(61, 'A')]).at(-1)).toBe('input ACK NONE > ESTABLISHED');
  });

  test("are the director's own where it lists them, also when it says no news", () => {
    const news = { protocol: 'TCP', client: '10.0.0.2:40001', virtual: '10.0.0.100:80', state: 'CLOSE', expires: 10 };
    const listings = [
      { frames: 2, time: 0, news: [news] },
      { frames: 4, time: 0, news: [] },
    ];
    expect(told([...request(0, 'S'), ...request(0, 'A')], listings)).toEqual([
      'input SYN NONE > CLOSE!',
      'input ACK CLOSE! > CLOSE!',
    ]);
  });
});
