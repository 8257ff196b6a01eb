import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import type { DissectedLayer, Layer } from '../../reference/wire/layer.ts';
import { describePacket, dissect } from '../../reference/wire/packet.ts';
import type { Arrow, Ladder, Lane, Mark } from './ladder.ts';

/** What a lane is called where the MAC address is a known host's. */
export interface KnownHost {
  readonly name: string;
  readonly address: string;
  readonly address6: string;
}

interface Peer {
  readonly interface: number;
  readonly key: string;
  readonly lane: Lane;
}

interface Seen {
  readonly frame: CapturedFrame;
  readonly layers: readonly DissectedLayer[];
  /** MAC address of the host at the other end; a group address stands for every host on the wire. */
  readonly peer: string;
}

/**
 * A capture as a ladder. `hosts` by MAC address: others are called by the address they speak from. Hosts of the first interface stand
 * left of the director, all others right of it.
 */
export function ladderOf(capture: Capture, hosts: ReadonlyMap<string, KnownHost>, director: string): Ladder {
  const seen = capture.frames.map((frame): Seen => {
    const layers = dissect(frame.bytes);
    const outer = layers[0]?.layer;
    const ethernet = outer?.kind === 'ethernet' ? outer : undefined;
    return { frame, layers, peer: (frame.direction === 'out' ? ethernet?.destination : ethernet?.source) ?? '?' };
  });
  const peers = peersOf(seen, capture, hosts);
  const left = peers.filter((peer) => peer.interface === 0);
  const right = peers.filter((peer) => peer.interface !== 0);
  const lanes = [
    ...left.map(({ lane }) => lane),
    { name: director, detail: '', isDirector: true },
    ...right.map(({ lane }) => lane),
  ];
  const columns = new Map<string, number>([
    ...left.map(({ key }, index) => [key, index] as const),
    ...right.map(({ key }, index) => [key, left.length + 1 + index] as const),
  ]);
  const start = capture.frames[0]?.timeNs ?? 0n;
  const arrows = seen.map(({ frame, layers, peer }, index): Arrow => {
    const outermost = frame.interface === 0 ? 0 : lanes.length - 1;
    const column = columns.get(keyOf(frame.interface, peer)) ?? outermost;
    const ends = frame.direction === 'out' ? { from: left.length, to: column } : { from: column, to: left.length };
    return {
      number: index + 1,
      arrivals: [],
      time: Number(frame.timeNs - start) / 1e9,
      ...ends,
      alsoTo: [],
      text: describePacket(layers),
      mark: markOf(frame),
      note: frame.comment ?? '',
    };
  });
  return { lanes, arrows, isMerged: false };
}

/** Known hosts in the order of `hosts`, then others as they appear. */
function peersOf(seen: readonly Seen[], capture: Capture, hosts: ReadonlyMap<string, KnownHost>): Peer[] {
  const peers = new Map<string, Peer>();
  for (const { frame, layers, peer } of seen) {
    const key = keyOf(frame.interface, peer);
    if (isGroup(peer) || peers.has(key)) {
      continue;
    }
    const known = hosts.get(peer);
    const address = known === undefined ? addressOf(layers, frame) : addressOfKnown(known, layers);
    const lane = { name: known?.name ?? address ?? peer, detail: known === undefined ? peer : (address ?? peer) };
    peers.set(key, { interface: frame.interface, key, lane: { ...lane, isDirector: false } });
  }
  // A wire on which only the director spoke, to everybody.
  for (const { frame, peer } of seen) {
    if (isGroup(peer) && !Array.from(peers.values()).some((other) => other.interface === frame.interface)) {
      const name = capture.interfaces[frame.interface]?.name ?? '';
      const key = keyOf(frame.interface, peer);
      peers.set(key, { interface: frame.interface, key, lane: { name, detail: peer, isDirector: false } });
    }
  }
  const order = Array.from(hosts.keys());
  const rank = ({ key }: Peer): number => {
    const index = order.findIndex((mac) => key.endsWith(mac));
    return index === -1 ? order.length : index;
  };
  return Array.from(peers.values()).sort((one, other) => rank(one) - rank(other));
}

function keyOf(port: number, mac: string): string {
  return `${port} ${mac}`;
}

/** The lowest bit of the first byte marks broadcast and multicast (IEEE 802). */
function isGroup(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** Of the family that the host is first seen to speak. */
function addressOfKnown({ address, address6 }: KnownHost, layers: readonly DissectedLayer[]): string {
  return layers[1]?.layer.kind === 'ip6' ? address6 : address;
}

/** The host's own address, where the frame shows it. */
function addressOf(layers: readonly DissectedLayer[], frame: CapturedFrame): string | undefined {
  const inner: Layer | undefined = layers[1]?.layer;
  switch (inner?.kind) {
    case 'arp':
      return frame.direction === 'out' ? inner.targetAddress : inner.senderAddress;
    case 'ip':
    case 'ip6':
      return frame.direction === 'out' ? inner.destination : inner.source;
    default:
      return undefined;
  }
}

/** The runner's comments: `expected: TEMPLATE — ok`, `expected: TEMPLATE — what differs`, `unexpected frame`. */
function markOf({ direction, comment = '' }: CapturedFrame): Mark {
  if (direction !== 'out') {
    return 'stimulus';
  }
  if (comment === '') {
    return 'unjudged';
  }
  return comment.startsWith('expected') && / — ok(, [^—]*)?$/.test(comment) ? 'expected' : 'unexpected';
}
