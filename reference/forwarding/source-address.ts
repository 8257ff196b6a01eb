import { commonPrefix6, scope6 } from './ipv6-scope.ts';

/** An address of a port, as a candidate for the source of a packet. */
export interface Candidate {
  readonly address: bigint;
  readonly length: number;
  /** Good for answers to what was sent to it, and else only where there is no other (RFC 4862 §5.5.4). */
  readonly deprecated?: true;
}

/** Addresses that belong together (RFC 6724 §2.1; net/ipv6/addrlabel.c), the longest prefix first. */
const LABELS: readonly (readonly [prefix: bigint, length: number, label: number])[] = [
  [1n, 128, 0],
  [0xffffn << 32n, 96, 4],
  [0n, 96, 3],
  [0x2001_0000n << 96n, 32, 6],
  [0x2001_0010n << 96n, 28, 7],
  [0x3ffen << 112n, 16, 12],
  [0x2002n << 112n, 16, 2],
  [0xfec0n << 112n, 10, 11],
  [0xfc00n << 112n, 7, 5],
  [0n, 0, 1],
];

/**
 * The address a packet to `destination` goes out with: of the port's the best by the rules of RFC 6724 §5, of equals the first
 * (net/ipv6/addrconf.c:ipv6_dev_get_saddr). `::` where there is none.
 */
export function sourceAddress(candidates: readonly Candidate[], destination: bigint): bigint {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (best === undefined || isBetter(candidate, best, destination)) best = candidate;
  }
  return best?.address ?? 0n;
}

function isBetter(one: Candidate, other: Candidate, destination: bigint): boolean {
  // Rule 1: the destination itself.
  if ((one.address === destination) !== (other.address === destination)) return one.address === destination;
  // Rule 2: reach as far as the destination, and no further than needed.
  const reach = compareScope(scope6(one.address), scope6(other.address), scope6(destination));
  if (reach !== 0) return reach > 0;
  // Rule 3: be preferred.
  if (one.deprecated !== other.deprecated) return other.deprecated === true;
  // Rule 6: be of its kind.
  const label = labelOf(destination);
  if ((labelOf(one.address) === label) !== (labelOf(other.address) === label)) return labelOf(one.address) === label;
  // Rule 8: share the longest prefix, as far as it is the address's own network.
  return shared(one, destination) > shared(other, destination);
}

/** Above 0 where the scope `one` suits better. */
function compareScope(one: number, other: number, destination: number): number {
  if (one === other) return 0;
  if (one < other) return one >= destination ? 1 : -1;
  return other < destination ? 1 : -1;
}

function labelOf(address: bigint): number {
  return LABELS.find(([prefix, length]) => commonPrefix6(prefix, address) >= length)?.[2] ?? 1;
}

const shared = ({ address, length }: Candidate, destination: bigint): number =>
  Math.min(commonPrefix6(address, destination), length);
