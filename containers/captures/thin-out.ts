import type { Capture } from '../../conformance/captures/capture.ts';
import { passagesOf } from '../../conformance/captures/passages-of.ts';
import { tapsOf } from '../../conformance/captures/taps-of.ts';
import { PORT } from '../../reference/wire/port.ts';
import { TCP, TCP_FLAG } from '../../reference/wire/tcp.ts';
import type { Topology } from '../topologies/topology.ts';
import { flowsOf, type Flow, type SidedPacket } from './flows.ts';
import { groupBy } from './group-by.ts';

/** Frames kept at the beginning and at the end of what an interface sees of one side of a flow. */
const ENDS = 3;
/** Flows kept at the beginning and at the end of those between one client and one virtual port. */
const FLOWS = 3;

export interface ThinCapture {
  readonly capture: Capture;
  /** Index here of a frame of the whole capture, by its index there; undefined where it is left out. */
  readonly placeOf: (index: number) => number | undefined;
}

/**
 * The capture for a reader's eyes: of long transfers the beginning and the end at each interface, of many flows alike the first and the last
 * ones. Always kept of a kept flow: SYN, FIN and RST, ICMP, later fragments, lines of FTP; and whatever belongs to no flow. What is left out
 * is counted: in the comment of the frame that follows the gap, and in that of the capture.
 *
 * @param spoken indexes of frames that are spoken of elsewhere: these are kept
 */
export function thinOut(capture: Capture, topology: Topology, spoken: readonly number[] = []): ThinCapture {
  const flows = flowsOf(capture, topology);
  const keptFlows = new Set([...groupBy(flows, peersOf).values()].flatMap((alike) => ends(alike, FLOWS)));
  const longStreams = [...keptFlows].flatMap(streamsOf);
  const dropped = new Set(flows.flatMap((flow) => (keptFlows.has(flow) ? [] : flow.packets.map(({ index }) => index))));
  for (const stream of longStreams) for (const { index } of stream.slice(ENDS, -ENDS)) dropped.add(index);
  for (const index of spoken) dropped.delete(index);
  if (dropped.size === 0) return { capture, placeOf: (index) => index };
  keepWhole(capture, dropped);
  const gaps = new Map(longStreams.flatMap((stream) => gapsIn(stream, dropped)));
  const places = new Map<number, number>();
  const frames = capture.frames.flatMap((frame, index) => {
    if (dropped.has(index)) return [];
    places.set(index, places.size);
    const gap = gaps.get(index);
    return [gap === undefined ? frame : { ...frame, comment: gap }];
  });
  const flowsLeft = flows.length - keptFlows.size;
  const told = `${dropped.size} of ${capture.frames.length} frames are left out here: the middle of long transfers${
    flowsLeft === 0 ? '' : `, and ${flowsLeft} of ${flows.length} flows, whole`
  }.`;
  return {
    capture: { ...capture, frames, comment: [capture.comment, told].filter(Boolean).join('\n') },
    placeOf: (index) => places.get(index),
  };
}

function peersOf({ protocol, client, virtual }: Flow): string {
  return `${protocol} ${client.name} ${virtual.address} ${virtual.port >= PORT.firstUnprivileged ? 'high' : virtual.port}`;
}

/** What each interface sees of each side of a flow, but for what is always kept. */
function streamsOf(flow: Flow): (readonly SidedPacket[])[] {
  if (flow.protocol === 'tcp' && flow.virtual.port === PORT.ftp) return [];
  const plain = flow.packets.filter((packet) => !isSpecial(packet));
  return [...groupBy(plain, streams()).values()];
}

/** What is kept at one end of a cable is kept at the other: a reader would take it for lost. */
function keepWhole(capture: Capture, dropped: Set<number>): void {
  for (const { sent, arrived } of passagesOf(capture, tapsOf(capture) ?? [])) {
    const places = sent === null ? arrived : [sent, ...arrived];
    if (places.some((index) => !dropped.has(index))) for (const index of places) dropped.delete(index);
  }
}

/** What is to be said of the first frame behind each gap in a stream, by its index. */
function gapsIn(stream: readonly SidedPacket[], dropped: ReadonlySet<number>): (readonly [number, string])[] {
  const gaps: (readonly [number, string])[] = [];
  let left = 0;
  for (const { index } of stream) {
    if (dropped.has(index)) {
      left += 1;
    } else {
      if (left > 0) gaps.push([index, `${left} frames of this flow are left out before this one.`]);
      left = 0;
    }
  }
  return gaps;
}

/** Tells packets of a flow apart by interface, direction and side. Retransmissions are a stream of their own: few are all kept. */
function streams(): (packet: SidedPacket) => string {
  const ends = new Map<string, number>();
  return ({ frame, side, transport, view }) => {
    const stream = `${frame.interface} ${frame.direction ?? ''} ${side}`;
    if (transport?.kind !== 'tcp') return stream;
    const length = transport.end - transport.offset - transport.length;
    const end = view.getUint32(transport.offset + TCP.sequence) + length;
    const before = ends.get(stream) ?? end - length;
    const isAgain = length > 0 && ((end - before) | 0) <= 0;
    if (!isAgain) ends.set(stream, end);
    return isAgain ? `${stream} again` : stream;
  };
}

function isSpecial({ view, transport, conversation, isError }: SidedPacket): boolean {
  if (isError || conversation.protocol === 'icmp' || transport === undefined) return true;
  if (transport.kind !== 'tcp') return false;
  const flags = view.getUint8(transport.offset + TCP.flags);
  return (flags & (TCP_FLAG.syn | TCP_FLAG.fin | TCP_FLAG.rst)) !== 0;
}

/** The first and the last so many. */
function ends<T>(items: readonly T[], count: number): readonly T[] {
  return items.length <= 2 * count ? items : [...items.slice(0, count), ...items.slice(-count)];
}
