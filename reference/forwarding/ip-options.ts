import { IPV4 } from '../wire/ipv4.ts';
import { rewriteHeader16 } from './ip-header.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Option types of RFC 791 §3.1. */
const END = 0;
const NO_OPERATION = 1;
const RECORD_ROUTE = 7;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;

/**
 * Looks at the options of a packet that came in, and records `own`, the director's address, where the packet asks for its route.
 * Says no for a source-routed packet, which is dropped (`accept_source_route` 0), and for options that are no options.
 */
export function acceptOptions(packet: PacketBuffer, own: number): boolean {
  const { view, start, transport } = packet;
  for (let at = start + IPV4.headerLength; at < transport;) {
    const type = view.getUint8(at);
    if (type === END) return true;
    if (type === NO_OPERATION) {
      at++;
      continue;
    }
    const length = at + 1 < transport ? view.getUint8(at + 1) : 0;
    if (length < 2 || at + length > transport) return false;
    if (type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE) return false;
    if (type === RECORD_ROUTE && !recordRoute(packet, at, length, own)) return false;
    at += length;
  }
  return true;
}

/** Fills the next free slot, if there is one (net/ipv4/ip_options.c:__ip_options_compile). */
function recordRoute(packet: PacketBuffer, option: number, length: number, address: number): boolean {
  const { view, start } = packet;
  if (length < 3) return false;
  const pointer = view.getUint8(option + 2);
  if (pointer < 4) return false;
  if (pointer > length) return true;
  if (pointer + 3 > length) return false;
  const slot = option + pointer - 1;
  for (let i = 0; i < 4; i++) rewriteByte(packet, slot + i - start, (address >>> (24 - 8 * i)) & 0xff);
  rewriteByte(packet, option + 2 - start, pointer + 4);
  return true;
}

function rewriteByte({ view, start }: PacketBuffer, offset: number, value: number): void {
  const word = offset & ~1;
  const other = view.getUint16(start + word);
  rewriteHeader16(view, start, word, offset % 2 === 0 ? (value << 8) | (other & 0xff) : (other & 0xff00) | value);
}
