import type { PacketBuffer } from './packet-buffer.ts';

/**
 * Bytes of data in each fragment of a packet with `total` of them, none with more than `most`. What came in fragments leaves in the same
 * ones if they fit (net/ipv4/ip_output.c:ip_do_fragment, net/ipv6/ip6_output.c:ip6_fragment); else it is cut anew.
 */
export function fragmentSizes({ fragments }: PacketBuffer, total: number, most: number): readonly number[] {
  // What stands before the data in its first fragment, as the packet inside a tunnel has a header there.
  const before = total - fragments.reduce((sum, size) => sum + size, 0);
  const [first = 0, ...others] = fragments;
  const same = [first + before, ...others];
  const fits = same.every((size) => size >= 0 && size <= most);
  if (others.length > 0 && (first + before) % 8 === 0 && fits) return same;
  const size = most & ~7;
  if (size <= 0) return [];
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => Math.min(size, total - index * size));
}
