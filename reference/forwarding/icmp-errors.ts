import { internetChecksum } from '../wire/checksum.ts';
import type { Address } from '../wire/ip-address.ts';
import { ICMP, ICMP_TYPE, UNREACHABLE } from '../wire/icmp.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { writeHeader } from './ip-header.ts';
import { PacketBuffer } from './packet-buffer.ts';
import type { ErrorReason } from './errors.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Routes } from './routes.ts';

/** Type and code in one number, as they stand in the header: `type << 8 | code` (RFC 792). */
export const ICMP_ERROR = {
  networkUnreachable: (ICMP_TYPE.unreachable << 8) | UNREACHABLE.network,
  hostUnreachable: (ICMP_TYPE.unreachable << 8) | UNREACHABLE.host,
  protocolUnreachable: (ICMP_TYPE.unreachable << 8) | UNREACHABLE.protocol,
  portUnreachable: (ICMP_TYPE.unreachable << 8) | UNREACHABLE.port,
  fragmentationNeeded: (ICMP_TYPE.unreachable << 8) | UNREACHABLE.fragmentationNeeded,
  timeExceeded: ICMP_TYPE.timeExceeded << 8,
  parameterProblem: ICMP_TYPE.parameterProblem << 8,
  reassemblyTimeExceeded: (ICMP_TYPE.timeExceeded << 8) | 1,
} as const;

const REASON: Readonly<Record<ErrorReason, number>> = {
  hostUnreachable: ICMP_ERROR.hostUnreachable,
  portUnreachable: ICMP_ERROR.portUnreachable,
  timeExceeded: ICMP_ERROR.timeExceeded,
  tooBig: ICMP_ERROR.fragmentationNeeded,
};

/** Bytes of the whole error (RFC 1812 §4.3.2.3). */
const LARGEST_ERROR = 576;
const DEFAULT_TTL = 64;
/** Of the message types that there are (`NR_ICMP_TYPES`). */
const HIGHEST_TYPE = 18;
/** Message types under the rate limit: 3, 4, 11, 12 (`icmp_ratemask`). */
const RATE_MASK = 0x1818;

export interface IcmpErrorsOptions {
  readonly routes: Routes;
  readonly limit: RateLimit;
  /** Milliseconds between errors to one host; 0 for no limit (`icmp_ratelimit`). */
  readonly interval: () => number;
  /** Next identification of a packet of the director's own. */
  readonly nextId: () => number;
  /** Sends a packet of the director's own. */
  readonly send: (packet: PacketBuffer) => void;
}

/** The ICMP errors that the director itself sends (net/ipv4/icmp.c:__icmp_send). */
export class IcmpErrors {
  readonly #options: IcmpErrorsOptions;

  constructor(options: IcmpErrorsOptions) {
    this.#options = options;
  }

  report(about: PacketBuffer, reason: ErrorReason, mtu = 0): void {
    this.send(about, REASON[reason], mtu);
  }

  /** Tells the sender of `about` why it went no further. `rest` is bytes 4–7, e.g. the next-hop MTU. */
  send(about: PacketBuffer, typeAndCode: number, rest = 0): void {
    const { routes } = this.#options;
    // RFC 1122 §3.2.2: no error about an ICMP error, a later fragment, a broadcast.
    if (about.fragmentOffset !== 0 || routes.isBroadcast(about.destination) || isIcmpError(about)) return;
    const back = routes.lookup(about.source);
    if (back.kind !== 'unicast') return;
    if (!this.#allowed(about.source, typeAndCode)) return;
    const source = about.local ? about.destination : back.source;
    const quoted = Math.min(about.length, Math.min(back.mtu, LARGEST_ERROR) - IPV4.headerLength - ICMP.headerLength);
    const error = new PacketBuffer(IPV4.headerLength + ICMP.headerLength + quoted);
    const { view, start } = error;
    error.end = start + IPV4.headerLength + ICMP.headerLength + quoted;
    const icmp = start + IPV4.headerLength;
    error.bytes.set(about.bytes.subarray(about.start, about.start + quoted), icmp + ICMP.headerLength);
    view.setUint16(icmp + ICMP.type, typeAndCode);
    view.setUint32(icmp + ICMP.rest, rest);
    view.setUint16(icmp + ICMP.checksum, internetChecksum(view, icmp, error.end - icmp));
    writeHeader(error, {
      source,
      destination: about.source,
      protocol: PROTOCOL.icmp,
      // RFC 1812 §4.3.2.5: precedence "internetwork control"; the type of service is the packet's own.
      tos: (about.tos & 0x1e) | 0xc0,
      ttl: DEFAULT_TTL,
      id: this.#options.nextId(),
      dontFragment: false,
    });
    this.#options.send(error);
  }

  /** Nobody answered for the packet's next hop: its sender hears of it from the director's address on the way back to him. */
  unreachableNeighbour(packet: PacketBuffer): void {
    packet.local = false;
    this.send(packet, ICMP_ERROR.hostUnreachable);
  }

  /** RFC 1122 §3.3.2: whoever reassembles says that the rest did not come; here a balancer of responses too (net/ipv4/ip_fragment.c:ip_expire). */
  reassemblyTimedOut(first: PacketBuffer): void {
    this.send(first, ICMP_ERROR.reassemblyTimeExceeded);
  }

  /** "Fragmentation needed" is exempt from the limit (net/ipv4/icmp.c:icmpv4_xrlim_allow). */
  #allowed(destination: Address, typeAndCode: number): boolean {
    const limited = ((RATE_MASK >> (typeAndCode >> 8)) & 1) === 1 && typeAndCode !== ICMP_ERROR.fragmentationNeeded;
    return !limited || this.#options.limit.allows(destination, this.#options.interval());
  }
}

/** Error messages in contrast to queries (RFC 1122 §3.2.2). A type that nobody knows may be one (net/ipv4/icmp.c:__icmp_send). */
function isIcmpError(packet: PacketBuffer): boolean {
  if (packet.protocol !== PROTOCOL.icmp) return false;
  if (packet.transportLength < 1) return true;
  const type = packet.view.getUint8(packet.transport + ICMP.type);
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12 || type > HIGHEST_TYPE;
}
