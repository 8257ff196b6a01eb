import { isIpv6, type Address } from '../wire/ip-address.ts';

/** What the order of a listing goes by; servers have neither mark nor protocol. */
interface Ordered {
  readonly fwmark?: number;
  readonly protocol?: number;
  readonly address: Address;
  readonly port: number;
}

const WORD = 0xffff_ffffn;
const WORDS = [96n, 64n, 32n, 0n] as const;

/**
 * Services or servers in the order in which ipvsadm lists them: by mark, family, protocol, address, port
 * (`libipvs.c:ipvs_cmp_services, ipvs_cmp_dests`).
 */
export function inListingOrder<Row extends Ordered>(rows: Iterable<Row>): readonly Row[] {
  return [...rows].sort(compare);
}

function compare(a: Ordered, b: Ordered): number {
  return (
    difference(a.fwmark ?? 0, b.fwmark ?? 0) ||
    family(a) - family(b) ||
    (a.protocol ?? 0) - (b.protocol ?? 0) ||
    compareAddresses(a.address, b.address) ||
    a.port - b.port
  );
}

/** Servers of both families stand among one another. */
const family = ({ protocol, address }: Ordered): number => (protocol !== undefined && isIpv6(address) ? 1 : 0);

function compareAddresses(a: Address, b: Address): number {
  if (!isIpv6(a) && !isIpv6(b)) return difference(a, b);
  const [left, right] = [inWords(a), inWords(b)];
  for (const shift of WORDS) {
    const found = difference(Number((left >> shift) & WORD), Number((right >> shift) & WORD));
    if (found !== 0) return found;
  }
  return 0;
}

/** Four words; an IPv4 address is the first. */
const inWords = (address: Address): bigint => (isIpv6(address) ? address : BigInt(address) << 96n);

/** ipvsadm takes the difference of two words for a signed number, so 192.168.0.1 comes before 10.0.0.1. */
const difference = (a: number, b: number): number => (a - b) | 0;
