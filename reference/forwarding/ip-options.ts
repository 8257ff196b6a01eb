import { IPV4 } from '../wire/ipv4.ts';
import { rewriteHeader16 } from './ip-header.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Option types of RFC 791 §3.1. */
const END = 0;
const NO_OPERATION = 1;
const RECORD_ROUTE = 7;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;

/** `source-routed` packets are dropped (`accept_source_route` 0). `problemAt` is the header byte that is no option (RFC 792). */
export type OptionsVerdict = 'accepted' | 'source-routed' | { readonly problemAt: number };

/**
 * Looks at the options of a packet that came in, and records `own`, the director's address, where the packet asks for its route. Without
 * `own` it only looks.
 */
export function readOptions(packet: PacketBuffer, own?: number): OptionsVerdict {
  const { view, start, headerLength } = packet;
  let hasRecord = false;
  for (let at = IPV4.headerLength; at < headerLength;) {
    const type = view.getUint8(start + at);
    if (type === END) {
      // Nothing that looks like an option may stand behind the end (net/ipv4/ip_options.c:__ip_options_compile).
      for (let rest = at + 1; rest < headerLength; rest++) rewriteByte(packet, rest, END);
      return 'accepted';
    }
    if (type === NO_OPERATION) {
      at++;
      continue;
    }
    const length = at + 1 < headerLength ? view.getUint8(start + at + 1) : 0;
    if (length < 2 || at + length > headerLength) return { problemAt: at };
    if (type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE) return 'source-routed';
    if (type === RECORD_ROUTE) {
      // One is enough (net/ipv4/ip_options.c:__ip_options_compile).
      const problem = hasRecord ? at : recordRoute(packet, at, length, own);
      if (problem !== undefined) return { problemAt: problem };
      hasRecord = true;
    }
    at += length;
  }
  return 'accepted';
}

/** Fills the next free slot, if there is one. Says which byte is wrong (net/ipv4/ip_options.c:__ip_options_compile). */
function recordRoute(packet: PacketBuffer, option: number, length: number, address?: number): number | undefined {
  if (length < 3) return option + 1;
  const pointer = packet.view.getUint8(packet.start + option + 2);
  if (pointer > length) return undefined;
  if (pointer < 4 || pointer + 3 > length) return option + 2;
  if (address === undefined) return undefined;
  const slot = option + pointer - 1;
  for (let i = 0; i < 4; i++) rewriteByte(packet, slot + i, (address >>> (24 - 8 * i)) & 0xff);
  rewriteByte(packet, option + 2, pointer + 4);
  return undefined;
}

function rewriteByte({ view, start }: PacketBuffer, offset: number, value: number): void {
  const word = offset & ~1;
  const other = view.getUint16(start + word);
  rewriteHeader16(view, start, word, offset % 2 === 0 ? (value << 8) | (other & 0xff) : (other & 0xff00) | value);
}
