import { adjust16 } from '../wire/checksum.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { rewriteHeader16 } from './ip-header.ts';
import type { Errors } from './errors.ts';
import { fragmentSizes } from './fragment-sizes.ts';
import { ipv6Fragments } from './ipv6-fragments.ts';
import type { Neighbours } from './neighbours.ts';
import { PacketBuffer } from './packet-buffer.ts';
import type { UnicastRoute } from './route.ts';

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;

export interface IpOutputOptions {
  readonly neighbours: Neighbours;
  readonly errors: Errors;
  /** Next identification of fragments of the director's own. */
  readonly nextId: () => number;
}

/** The last step of the IP layer: a datagram leaves whole, or in fragments no larger than the route's MTU (RFC 791 §3.2). */
export class IpOutput {
  readonly #options: IpOutputOptions;
  readonly #neighbours: Neighbours;
  /** Made for the first datagram that needs it: most directors never fragment. */
  #fragment: PacketBuffer | undefined;

  constructor(options: IpOutputOptions) {
    this.#options = options;
    this.#neighbours = options.neighbours;
  }

  /** Sends the datagram. Whether it may be fragmented was decided before. */
  send(packet: PacketBuffer, route: UnicastRoute): void {
    if (packet.family === 6) {
      this.#sendIpv6(packet, route);
      return;
    }
    // What came in fragments leaves in fragments of the size they had, even where more would fit (ip_do_fragment).
    const limit = packet.largestFragment === 0 ? route.mtu : Math.min(route.mtu, packet.largestFragment);
    if (packet.length <= limit && packet.largestFragment === 0) {
      this.#neighbours.send(packet, route);
      return;
    }
    this.#sendFragments(packet, route, limit);
  }

  #sendIpv6(packet: PacketBuffer, route: UnicastRoute): void {
    const { errors, nextId } = this.#options;
    const { length, largestFragment } = packet;
    if (length <= route.mtu && (largestFragment === 0 || length <= largestFragment)) {
      this.#neighbours.send(packet, route);
      return;
    }
    // Only its sender may make the fragments of an IPv6 datagram smaller (RFC 8200 §5).
    if (largestFragment > route.mtu) {
      errors.send(packet, 'tooBig', route.mtu);
      return;
    }
    for (const fragment of ipv6Fragments(packet, route.mtu, nextId())) this.#neighbours.send(fragment, route);
  }

  #sendFragments(packet: PacketBuffer, route: UnicastRoute, limit: number): void {
    const { headerLength, transport } = packet;
    const dataLength = packet.length - headerLength;
    const header = packet.bytes.subarray(packet.start, transport);
    const options = optionsForLaterFragments(packet);
    // An ICMP error is cut up in spite of DF, which its pieces then cannot have; what came in fragments with DF keeps it (ip_frag_next).
    const dontFragment = packet.dontFragment && packet.largestFragment > 0 ? DONT_FRAGMENT : 0;
    const fragment = (this.#fragment ??= new PacketBuffer());
    let from = 0;
    for (const size of fragmentSizes(packet, dataLength, limit - headerLength)) {
      const data = packet.bytes.subarray(transport + from, transport + from + size);
      fragment.load(header, 0, packet.port);
      fragment.bytes.set(data, fragment.end);
      fragment.end += data.length;
      const { view, start } = fragment;
      // The packet may itself be a fragment: then its pieces begin where it does, and the last is not the whole's last.
      const more = from + data.length < dataLength || packet.moreFragments ? MORE_FRAGMENTS : 0;
      rewriteHeader16(view, start, IPV4.totalLength, fragment.length);
      rewriteHeader16(view, start, IPV4.fragment, dontFragment | more | ((packet.fragmentOffset + from) / 8));
      if (from > 0 && options !== undefined) {
        fragment.bytes.set(options, start + IPV4.headerLength);
        adjustForOptions(packet, fragment);
      }
      this.#neighbours.send(fragment, route);
      from += size;
    }
  }
}

/** RFC 791 §3.1: only options with the copied flag are in fragments but the first; the others become no-operations. */
function optionsForLaterFragments(packet: PacketBuffer): Uint8Array | undefined {
  const { view, start, transport } = packet;
  if (transport - start === IPV4.headerLength) return undefined;
  const options = packet.bytes.slice(start + IPV4.headerLength, transport);
  for (let at = start + IPV4.headerLength; at < transport;) {
    const type = view.getUint8(at);
    if (type === 0) break;
    const length = type === 1 ? 1 : at + 1 < transport ? view.getUint8(at + 1) : 0;
    if (length === 0 || at + length > transport) break;
    const relative = at - start - IPV4.headerLength;
    if ((type & 0x80) === 0) options.fill(1, relative, relative + length);
    at += length;
  }
  return options;
}

function adjustForOptions(packet: PacketBuffer, fragment: PacketBuffer): void {
  const { view, start } = fragment;
  let checksum = view.getUint16(start + IPV4.checksum);
  for (let at = IPV4.headerLength; at < packet.headerLength; at += 2) {
    checksum = adjust16(checksum, packet.view.getUint16(packet.start + at), view.getUint16(start + at));
  }
  view.setUint16(start + IPV4.checksum, checksum);
}
