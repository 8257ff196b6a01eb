import type { CapturedFrame } from '../../conformance/captures/capture.ts';
import type { Direction } from '../../reference/connections/state-machine.ts';
import type { LayerOf } from '../../reference/wire/layer.ts';
import { dissect } from '../../reference/wire/packet.ts';

/** A TCP segment that came to the director and left it on the other side. */
export interface ForwardedSegment {
  /** Index in the capture, as it came. */
  readonly frame: number;
  /** Nanoseconds. */
  readonly time: bigint;
  /** `address:port` as the client knows them. */
  readonly client: string;
  readonly virtual: string;
  readonly direction: Direction;
  /** Byte 13 of the TCP header. */
  readonly flags: number;
}

const CLIENT_PORT = 0;
/** Bits from the highest (RFC 9293 §3.1, RFC 3168 §6.1). */
const FLAG_LETTERS = 'CEUAPRSF';

interface Segment {
  readonly index: number;
  readonly frame: CapturedFrame;
  readonly isTunnelled: boolean;
  readonly source: string;
  readonly destination: string;
  /** What forwarding leaves alone. */
  readonly kept: string;
  readonly flags: number;
}

/**
 * Segments that were forwarded, in the order in which they came. What came is found again in what left by its sequence number, flags and the
 * end that forwarding does not touch; a segment that nobody got has moved no connection and is left out.
 */
export function forwardedSegments(frames: readonly CapturedFrame[]): readonly ForwardedSegment[] {
  const segments = frames.flatMap((frame, index) => segmentOf(frame, index) ?? []);
  const taken = new Set<Segment>();
  const found: ForwardedSegment[] = [];
  for (const came of segments.filter(({ frame }) => frame.direction === 'in')) {
    const isRequest = came.frame.interface === CLIENT_PORT;
    const left = segments.find(
      (other) =>
        other.index > came.index &&
        other.frame.direction === 'out' &&
        other.frame.interface !== came.frame.interface &&
        other.kept === came.kept &&
        (isRequest ? other.source === came.source : other.destination === came.destination) &&
        !taken.has(other),
    );
    if (left === undefined) {
      continue;
    }
    taken.add(left);
    const place = { frame: came.index, time: came.frame.timeNs, flags: came.flags };
    if (isRequest) {
      const isTranslated = !left.isTunnelled && left.destination !== came.destination;
      found.push({
        ...place,
        client: came.source,
        virtual: came.destination,
        direction: isTranslated ? 'input' : 'inputOnly',
      });
    } else {
      found.push({ ...place, client: came.destination, virtual: left.source, direction: 'output' });
    }
  }
  return found;
}

function segmentOf(frame: CapturedFrame, index: number): Segment | undefined {
  const [, ...layers] = dissect(frame.bytes).map(({ layer }) => layer);
  const [outer, second, third] = layers;
  const isTunnelled = outer?.kind === 'ip' && second?.kind === 'ip';
  const header = isTunnelled ? second : outer;
  const tcp = isTunnelled ? third : second;
  if (header?.kind !== 'ip' || tcp?.kind !== 'tcp') {
    return undefined;
  }
  return {
    index,
    frame,
    isTunnelled,
    source: endpoint(header.source, tcp.sourcePort),
    destination: endpoint(header.destination, tcp.destinationPort),
    kept: `${tcp.sequence ?? ''} ${tcp.flags ?? ''}`,
    flags: flagsByte(tcp),
  };
}

const endpoint = (address = '?', port = 0): string => `${address}:${port}`;

function flagsByte({ flags = '' }: LayerOf<'tcp'>): number {
  return Array.from(flags).reduce((byte, letter) => byte | (0x80 >> FLAG_LETTERS.indexOf(letter)), 0);
}
