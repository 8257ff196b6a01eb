import { EXTENSION } from '../wire/ipv6-options.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { ICMPV6_ERROR } from './icmpv6-errors.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Option types (RFC 8200 §4.2, RFC 2711, RFC 2675, RFC 9486, RFC 5570). */
const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const CALIPSO = 7;
const JUMBO = 0xc2;
const IOAM = 0x31;
const HOME_ADDRESS = 0xc9;

/** More padding than aligns anything is a covert channel (RFC 4942 §2.1.9.5). */
const MOST_PADDING = 7;
/** Options that are none of padding (`max_hbh_opts_number`, `max_dst_opts_number`). */
const MOST_OPTIONS = 8;
const LARGEST_LENGTH = 0xffff;

/** `drop`: without a word. `error` is an ICMPv6 one about the byte at `pointer` of the packet. */
export type ExtensionVerdict = 'accepted' | 'drop' | { readonly error: number; readonly pointer: number };

/** Looks at the options of the header at `at`, whether it is hop-by-hop or for the destination (net/ipv6/exthdrs.c:ip6_parse_tlv). */
export function readExtensionOptions(packet: PacketBuffer, at: number, isHopByHop: boolean): ExtensionVerdict {
  const { view, start } = packet;
  if (at + EXTENSION.unit > packet.end) return 'drop';
  const end = at + (view.getUint8(at + EXTENSION.length) + 1) * EXTENSION.unit;
  if (end > packet.end) return 'drop';
  let padding = 0;
  let options = 0;
  let option = at + EXTENSION.options;
  while (option < end) {
    const type = view.getUint8(option);
    if (type === PAD1) {
      if (++padding > MOST_PADDING) return 'drop';
      option++;
      continue;
    }
    const length = option + 1 < end ? view.getUint8(option + 1) + 2 : Infinity;
    if (option + length > end) return 'drop';
    if (type === PADN) {
      padding += length;
      if (padding > MOST_PADDING || !isZero(view, option + 2, option + length)) return 'drop';
    } else {
      if (++options > MOST_OPTIONS) return 'drop';
      const verdict = isHopByHop ? hopByHop(packet, option, type) : forDestination(type, option - start);
      if (verdict !== 'accepted') return verdict;
      padding = 0;
    }
    option += length;
  }
  return 'accepted';
}

function hopByHop(packet: PacketBuffer, option: number, type: number): ExtensionVerdict {
  const { view, start } = packet;
  switch (type) {
    case ROUTER_ALERT:
      return view.getUint8(option + 1) === 2 ? 'accepted' : 'drop';
    case CALIPSO:
      return 'drop';
    case IOAM:
      return ((option - start) & 3) === 0 ? 'accepted' : 'drop';
    case JUMBO:
      return jumbo(packet, option);
    default:
      return unknown(type, option - start);
  }
}

/** RFC 2675 §3. No link of the director's carries what is longer than the header's own field can say. */
function jumbo({ view, start }: PacketBuffer, option: number): ExtensionVerdict {
  const pointer = option - start;
  if (view.getUint8(option + 1) !== 4 || (pointer & 3) !== 2) return 'drop';
  if (view.getUint32(option + 2) <= LARGEST_LENGTH) {
    return { error: ICMPV6_ERROR.erroneousField, pointer: pointer + 2 };
  }
  if (view.getUint16(start + IPV6.payloadLength) !== 0) return { error: ICMPV6_ERROR.erroneousField, pointer };
  return 'drop';
}

/** A home address is believed of nobody (RFC 6275 §6.3: only with a binding). */
function forDestination(type: number, pointer: number): ExtensionVerdict {
  return type === HOME_ADDRESS ? 'drop' : unknown(type, pointer);
}

/** RFC 8200 §4.2: the first two bits say what becomes of a packet with an option that is not known. */
function unknown(type: number, pointer: number): ExtensionVerdict {
  switch (type >> 6) {
    case 0:
      return 'accepted';
    case 1:
      return 'drop';
    default:
      // 11 forbids an error about a multicast, which the sender of errors sees to.
      return { error: ICMPV6_ERROR.unknownOption, pointer };
  }
}

function isZero(view: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (view.getUint8(at) !== 0) return false;
  return true;
}
