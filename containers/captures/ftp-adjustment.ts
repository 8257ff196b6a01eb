import { TCP } from '../../reference/wire/tcp.ts';
import type { Change } from './changes.ts';
import type { Side, SidedPacket } from './flows.ts';

/** Data of one side that left with another length than it came. */
interface Rewriting {
  /** Sequence number of what follows it, as it came and as it left. */
  readonly before: number;
  readonly after: number;
}

/**
 * What the sequence and acknowledgement numbers of a connection must become once data with another length stood in for some: all that
 * follows is moved by as much, and so are the acknowledgements of the other side (kernel `ip_vs_proto_tcp`, `nf_ct_seqadj`).
 */
export class FtpAdjustment {
  readonly #rewritings: Readonly<Record<Side, Rewriting[]>> = { client: [], server: [] };

  /** The changes of a packet, with numbers that are right told as such, and numbers that are not beside what is right. */
  judged(before: SidedPacket, after: SidedPacket, changes: readonly Change[]): Change[] {
    const [one, other] = [numbersOf(before), numbersOf(after)];
    const start = after.transport?.offset ?? 0;
    if (one === undefined || other === undefined) return [...changes];
    const own = this.#rewritings[before.side];
    const others = this.#rewritings[before.side === 'client' ? 'server' : 'client'];
    const moved = {
      sequence: { is: (other.sequence - one.sequence) | 0, right: shift(own, one.sequence, 'before') },
      acknowledgement: {
        is: (other.acknowledgement - one.acknowledgement) | 0,
        right: -shift(others, one.acknowledgement, 'after'),
      },
    };
    const isNew = !own.some(({ before: end }) => end === one.end);
    if (one.length !== other.length && isNew)
      own.push({ before: one.end, after: one.end + moved.sequence.right + other.length - one.length });
    const rest = changes.filter(({ field }) => field !== 'sequence' && field !== 'acknowledgement');
    return [
      ...rest.map((change) =>
        change.field === 'options' && isMoved(before, after, moved.acknowledgement.right)
          ? { ...change, text: 'tcp.options: SACK moved by what was rewritten', isFree: true }
          : change,
      ),
      ...(['sequence', 'acknowledgement'] as const).flatMap((field): Change[] => {
        const { is, right } = moved[field];
        if (is === 0 && right === 0) return [];
        const text =
          is === right ? `tcp.${field} moved by what was rewritten` : `tcp.${field} ${is} where ${right} was rewritten`;
        return [
          { layer: layerOf(after), field, offset: start + TCP[field], text, ...(is === right && { isFree: true }) },
        ];
      }),
    ];
  }
}

/** By how much a number of the side that is rewritten is moved. */
function shift(rewritings: readonly Rewriting[], number: number, as: keyof Rewriting): number {
  const last = rewritings.findLast((rewriting) => ((number - rewriting[as]) | 0) >= 0);
  return last === undefined ? 0 : (last.after - last.before) | 0;
}

function numbersOf({ transport, view, isError }: SidedPacket) {
  if (transport?.kind !== 'tcp' || isError) return undefined;
  const { offset, length, end } = transport;
  const data = end - offset - length;
  const sequence = view.getUint32(offset + TCP.sequence);
  return {
    sequence,
    acknowledgement: view.getUint32(offset + TCP.acknowledgement),
    length: data,
    end: (sequence + data) >>> 0,
  };
}

/** Kind of the option that names what arrived out of order (RFC 2018 §3). */
const SACK = 5;

/** Whether the options differ in nothing but the numbers of SACK, and these by as much as the acknowledgement, or not at all. */
function isMoved(before: SidedPacket, after: SidedPacket, by: number): boolean {
  const [one, other] = [before.transport, after.transport];
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  for (let at = TCP.headerLength; at < one.length;) {
    const kind = before.view.getUint8(one.offset + at);
    const length = kind < 2 ? 1 : Math.max(before.view.getUint8(one.offset + at + 1), 2);
    for (let byte = at; byte < Math.min(at + (kind === SACK ? 2 : length), one.length); byte += 1) {
      if (before.view.getUint8(one.offset + byte) !== after.view.getUint8(other.offset + byte)) return false;
    }
    for (let edge = at + 2; kind === SACK && edge + 4 <= at + length; edge += 4) {
      const difference = (after.view.getUint32(other.offset + edge) - before.view.getUint32(one.offset + edge)) | 0;
      if (difference !== by && difference !== 0) return false;
    }
    at += length;
  }
  return true;
}

function layerOf({ headers, transport }: SidedPacket): string {
  return `${transport === undefined ? 0 : headers.indexOf(transport)} tcp`;
}
