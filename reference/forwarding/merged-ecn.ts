/** Bits of ECN code points seen: 1 not capable, 2 ECT(1), 4 ECT(0), 8 congestion experienced. */
const CONGESTION = 8;
const NOT_CAPABLE = 1;

/** RFC 3168 §5.3: congestion that one fragment met the datagram met; a mix of capable and not capable is refused. */
export function mergedEcn(seen: number): number | undefined {
  if ((seen & NOT_CAPABLE) !== 0 && seen !== NOT_CAPABLE) return undefined;
  return (seen & CONGESTION) !== 0 ? 3 : 0;
}
