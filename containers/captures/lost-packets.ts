import type { Capture } from '../../conformance/captures/capture.ts';
import type { FoundHeader } from '../../reference/wire/find-headers.ts';
import { toHex } from '../../reference/wire/hex.ts';
import { TCP, TCP_FLAG } from '../../reference/wire/tcp.ts';
import type { Topology } from '../topologies/topology.ts';
import { directorPackets } from './director-pairs.ts';
import { flowsOf } from './flows.ts';
import type { Packet } from './packet.ts';

/**
 * The packets that a recorded director lost, as any does under load, by the indices of their frames. A packet that went in and never out was
 * lost, not refused, where no error answered it, others of its side of the flow were forwarded and, under TCP, what it said came through later: data of the
 * same numbers or beyond, an acknowledgement of as much.
 */
export function lostPackets(recording: Capture, topology: Topology): Set<number> {
  const lost = new Set<number>();
  for (const flow of flowsOf(recording, topology)) {
    const { pairs, own, kept } = directorPackets(flow, recording);
    if (kept.length === 0) continue;
    const refused = new Set(own.filter(({ isError }) => isError).map(beginningOfQuote));
    const progress = new Map<string, Progress>();
    for (const [before] of pairs) progress.set(before.side, furthest(progress.get(before.side), progressOf(before)));
    for (const packet of kept) {
      const isAnswered = refused.has(beginning(packet, packet.transport));
      if (!isAnswered && isSaid(progressOf(packet), progress.get(packet.side))) lost.add(packet.index);
    }
  }
  return lost;
}

/** What an ICMP error about the packet quotes of it at least: ports, and the number of TCP (RFC 792). */
const QUOTED = 8;

function beginningOfQuote(error: Packet): string {
  const quoted = error.headers.findLast(({ kind }) => kind === 'tcp' || kind === 'udp' || kind === 'sctp');
  return beginning(error, quoted);
}

function beginning({ frame: { bytes } }: Packet, header: FoundHeader | undefined): string {
  if (header === undefined) return '';
  return toHex(bytes.subarray(header.offset, header.offset + QUOTED));
}

/** How far a side of a TCP connection has come; undefined for what is no TCP. */
interface Progress {
  /** Sequence number behind its data, SYN and FIN. */
  readonly end: number;
  readonly acknowledgement: number;
  readonly isReset: boolean;
}

/** Numbers of TCP go round: what is less than half of the way ahead is further (RFC 9293 §3.4). */
function further(one: number, other: number): number {
  return ((other - one) | 0) > 0 ? other : one;
}

function furthest(before: Progress | undefined, said: Progress | undefined): Progress {
  if (before === undefined || said === undefined)
    return said ?? before ?? { end: 0, acknowledgement: 0, isReset: false };
  return {
    end: further(before.end, said.end),
    acknowledgement: further(before.acknowledgement, said.acknowledgement),
    isReset: before.isReset || said.isReset,
  };
}

function isSaid(said: Progress | undefined, progress: Progress | undefined): boolean {
  if (progress === undefined) return false;
  if (said === undefined) return true;
  const { end, acknowledgement, isReset } = progress;
  return (
    further(end, said.end) === end &&
    further(acknowledgement, said.acknowledgement) === acknowledgement &&
    (isReset || !said.isReset)
  );
}

function progressOf({ view, transport, isError }: Packet): Progress | undefined {
  if (transport?.kind !== 'tcp' || isError) return undefined;
  const { offset, length, end } = transport;
  const flags = view.getUint8(offset + TCP.flags);
  const counted = (flags & (TCP_FLAG.syn | TCP_FLAG.fin)) === 0 ? 0 : 1;
  return {
    end: (view.getUint32(offset + TCP.sequence) + end - offset - length + counted) >>> 0,
    acknowledgement: view.getUint32(offset + TCP.acknowledgement),
    isReset: (flags & TCP_FLAG.rst) !== 0,
  };
}
