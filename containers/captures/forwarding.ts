import type { Capture } from '../../conformance/captures/capture.ts';
import { describePacket, dissect } from '../../reference/wire/packet.ts';
import type { Topology } from '../topologies/topology.ts';
import { changesOf, type Change } from './changes.ts';
import { directorPackets, isFtpControl } from './director-pairs.ts';
import { flowsOf, type Flow, type Side, type SidedPacket } from './flows.ts';
import { FtpAdjustment } from './ftp-adjustment.ts';
import { Names } from './names.ts';

/** One of the ways in which the director forwarded packets of a flow. */
export interface Way {
  readonly side: Side;
  readonly changes: readonly Change[];
  /** All changes in a line: `ip.destination VIP → server1, ip.ttl -1, ethernet.destination → server1`. */
  readonly text: string;
  readonly packets: number;
  /** The first packet of them, in and out: indices of frames. */
  readonly before: number;
  readonly after: number;
}

/** Something of a flow at the director other than forwarding. */
export interface Event {
  /** `icmp 3/3 port unreachable to client1` */
  readonly text: string;
  readonly packets: number;
  /** Index of the first frame. */
  readonly frame: number;
}

/** What the director did with a flow. */
export interface FlowForwarding {
  readonly flow: Flow;
  /** In the order in which they were first seen. */
  readonly ways: readonly Way[];
  /** What it sent by itself: ICMP errors, resets, echo replies. */
  readonly own: readonly Event[];
  /** What went in and never came out. Of a flow whose end is the director itself that is nothing. */
  readonly kept: readonly Event[];
}

/** How the director of a merged capture forwarded each flow; those that never came to it are not among them. */
export function forwardingOf(capture: Capture, topology: Topology): FlowForwarding[] {
  const names = new Names(topology);
  return flowsOf(capture, topology).flatMap((flow) => {
    const { pairs, own, kept } = directorPackets(flow, capture);
    if (pairs.length + own.length + kept.length === 0) return [];
    const isForDirector = [flow.client, flow.virtual].some(({ address }) => names.roleOf(address) === 'director');
    return [
      {
        flow,
        ways: waysOf(flow, pairs, names),
        own: isForDirector ? [] : eventsOf(own, (packet) => ownText(packet, names)),
        kept: isForDirector ? [] : eventsOf(kept, ({ side }) => `from the ${side}, not forwarded`),
      },
    ];
  });
}

function waysOf(
  flow: Flow,
  pairs: readonly (readonly [before: SidedPacket, after: SidedPacket])[],
  names: Names,
): Way[] {
  const adjustment = isFtpControl(flow) ? new FtpAdjustment() : undefined;
  const ways = new Map<string, Way>();
  for (const [before, after] of pairs) {
    const found = changesOf(before, after, names);
    const changes = adjustment === undefined ? found : adjustment.judged(before, after, found);
    const text = textOf(changes);
    const key = `${before.side} ${text}`;
    const way = ways.get(key) ?? {
      side: before.side,
      changes,
      text,
      packets: 0,
      before: before.index,
      after: after.index,
    };
    ways.set(key, { ...way, packets: way.packets + 1 });
  }
  return [...ways.values()];
}

/** All changes in a line, those of a header that was put around together. */
export function textOf(changes: readonly Change[]): string {
  const words: string[] = [];
  const wrappers = new Map<string, string[]>();
  for (const { around, layer, text } of changes) {
    if (around === undefined) words.push(text);
    else wrappers.set(layer, [...(wrappers.get(layer) ?? []), text]);
  }
  const wrapped = [...wrappers].map(
    ([layer, texts]) => `wrapped in ${layer.replace(/^\d+ /, '')} (${texts.join(', ')})`,
  );
  return [...wrapped, ...words].join(', ') || 'as it came';
}

function eventsOf(packets: readonly SidedPacket[], textOfPacket: (packet: SidedPacket) => string): Event[] {
  const events = new Map<string, Event>();
  for (const packet of packets) {
    const text = textOfPacket(packet);
    const event = events.get(text) ?? { text, packets: 0, frame: packet.index };
    events.set(text, { ...event, packets: event.packets + 1 });
  }
  return [...events.values()];
}

/** What somebody else chose is not told: numbers and ports. */
function ownText(packet: SidedPacket, names: Names): string {
  const { transport, frame, conversation, side, isError } = packet;
  const to = names.ofAddress(conversation.destination);
  if (transport?.kind === 'tcp' && !isError) {
    const layer = dissect(frame.bytes).find(({ layer: { kind } }) => kind === 'tcp')?.layer;
    const flags = layer?.kind === 'tcp' ? (layer.flags ?? '') : '';
    return `tcp ${flags} of its own to ${to}, as if from the ${side}`;
  }
  const message = dissect(frame.bytes).find(({ layer: { kind } }) => kind === 'icmp' || kind === 'icmp6');
  const what = message === undefined ? conversation.protocol : describePacket([message]).replace(/ id \d+ seq \d+/, '');
  return `${what} of its own to ${to}`;
}
