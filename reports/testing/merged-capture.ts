import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import { ethernet, ip, tcp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';

/** The machines' interfaces and their IPv4 addresses, which their MAC addresses hold. */
export const ADDRESSES = {
  'client1/eth0': '10.1.0.11',
  'router/eth0': '10.1.0.1',
  'router/eth1': '10.2.0.1',
  'director/eth0': '10.2.0.2',
  'server1/eth0': '10.2.0.11',
} as const;

export type InterfaceName = keyof typeof ADDRESSES;

const NAMES = Object.keys(ADDRESSES) as readonly InterfaceName[];
export const CLIENT = '10.1.0.11';
export const VIRTUAL = '10.2.0.100';

export interface Sent {
  readonly from: InterfaceName;
  /** Or to everybody. */
  readonly to: InterfaceName | 'all';
  /** Milliseconds. */
  readonly at: number;
  readonly layers: readonly Layer[];
  /** Interfaces where it is seen to arrive; default: where it is sent to. */
  readonly arrives?: readonly InterfaceName[];
  /** Default true. */
  readonly isSeenSent?: boolean;
  readonly comment?: string;
}

export const macOf = (name: InterfaceName): string =>
  `02:00:${ADDRESSES[name]
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join(':')}`;

/** A capture as the containers' taps give: each frame as it left, and a tenth of a millisecond later as it came. */
export function mergedCapture(sent: readonly Sent[], comment?: string): Capture {
  const frames = sent.flatMap(
    ({ from, to, at, layers, arrives, isSeenSent = true, comment: text }): CapturedFrame[] => {
      const bytes = buildPacket([
        ethernet({ source: macOf(from), destination: to === 'all' ? 'ff:ff:ff:ff:ff:ff' : macOf(to) }),
        ...layers,
      ]);
      const frame = (name: InterfaceName, direction: 'in' | 'out', time: number): CapturedFrame => ({
        timeNs: BigInt(Math.round(time * 1e6)),
        interface: NAMES.indexOf(name),
        direction,
        bytes,
        originalLength: bytes.length,
        ...(direction === 'out' ? { comment: text } : {}),
      });
      const receivers = arrives ?? (to === 'all' ? [] : [to]);
      return [...(isSeenSent ? [frame(from, 'out', at)] : []), ...receivers.map((name) => frame(name, 'in', at + 0.1))];
    },
  );
  return {
    interfaces: NAMES.map((name) => ({ name, snaplen: 0 })),
    frames: frames.sort((one, other) => Number(one.timeNs - other.timeNs)),
    comment,
  };
}

const segment = (source: string, destination: string, flags: string): readonly Layer[] => [
  ip({ source, destination }),
  tcp({ sourcePort: source === CLIENT ? 40001 : 80, destinationPort: source === CLIENT ? 80 : 40001, flags }),
];

/** A handshake's beginning under VS/DR: the SYN by way of the director, its answer past it. */
export function directRoute(): readonly Sent[] {
  const [request, answer] = [segment(CLIENT, VIRTUAL, 'S'), segment(VIRTUAL, CLIENT, 'AS')];
  return [
    { from: 'client1/eth0', to: 'router/eth0', at: 0, layers: request },
    { from: 'router/eth1', to: 'director/eth0', at: 1, layers: request },
    { from: 'director/eth0', to: 'server1/eth0', at: 2, layers: request },
    { from: 'server1/eth0', to: 'router/eth1', at: 3, layers: answer },
    { from: 'router/eth0', to: 'client1/eth0', at: 4, layers: answer },
  ];
}
