import { buildPacket } from '../../../reference/wire/packet.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import { payload } from '../../harness/layers.ts';

type IpLayer = Extract<Layer, { kind: 'ip' }>;

/** What stands in each fragment: its IP header and the bytes behind it. */
export type Fragment = readonly [IpLayer, Layer];

/**
 * The datagram of `header` around `contents` in fragments (RFC 791 §3.2), one that begins at 0 and one at each of `cuts`, bytes behind the
 * IP header. `header` must name both addresses, on which the transport checksum depends.
 */
export function fragmentsOf<const Cuts extends readonly number[]>(
  header: IpLayer & { readonly protocol: number },
  contents: readonly Layer[],
  cuts: Cuts,
): readonly [Fragment, ...{ [Cut in keyof Cuts]: Fragment }] {
  const data = buildPacket([header, ...contents]).subarray(20);
  const fragment = (offset: number, end: number | undefined): Fragment => [
    { ...header, offset, mf: end !== undefined },
    payload(data.subarray(offset, end)),
  ];
  const later = (cut: number, index: number): Fragment => fragment(cut, cuts[index + 1]);
  return [fragment(0, cuts[0]), ...(cuts.map(later) as { [Cut in keyof Cuts]: Fragment })];
}
