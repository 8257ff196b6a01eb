import type { Packet } from './lab.ts';

/** RFC 791 §3.1: the high bit of the flags; RFC 9293 §3.1: the bits behind the data offset. Neither is a field of a layer. */
const RESERVED = {
  ip: { byte: 6, mask: 0x80 },
  tcp: { byte: 12, mask: 0x0f },
} as const;

/** Says which reserved bits of a packet are set; empty where, as in everything that a layer's literal can send, none is. */
export function reservedBits({ bytes, layers }: Packet): readonly string[] {
  return layers.flatMap(({ layer: { kind }, offset }) => {
    if (kind !== 'ip' && kind !== 'tcp') return [];
    const at = offset + RESERVED[kind].byte;
    const set = (bytes[at] ?? 0) & RESERVED[kind].mask;
    return set === 0 ? [] : [`${kind} reserved bits (byte ${at}): expected 0, observed 0x${set.toString(16)}`];
  });
}
