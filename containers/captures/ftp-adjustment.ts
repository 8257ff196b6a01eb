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
      ...rest,
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

function layerOf({ headers, transport }: SidedPacket): string {
  return `${transport === undefined ? 0 : headers.indexOf(transport)} tcp`;
}
