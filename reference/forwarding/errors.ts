import type { IcmpErrors } from './icmp-errors.ts';
import type { Icmpv6Errors } from './icmpv6-errors.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Why a packet goes no further, in words of either family. */
export type ErrorReason = 'hostUnreachable' | 'portUnreachable' | 'timeExceeded' | 'tooBig';

/** Tells senders why their packets went no further, in the family of the packet. */
export class Errors {
  readonly ipv4: IcmpErrors;
  readonly #ipv6: Icmpv6Errors;

  constructor(ipv4: IcmpErrors, ipv6: Icmpv6Errors) {
    this.ipv4 = ipv4;
    this.#ipv6 = ipv6;
  }

  /** `mtu` is what would have fitted, where the packet was too big. */
  send(about: PacketBuffer, reason: ErrorReason, mtu?: number): void {
    this.#of(about).report(about, reason, mtu);
  }

  /** Nobody answered for the packet's next hop. */
  unreachableNeighbour(packet: PacketBuffer): void {
    this.#of(packet).unreachableNeighbour(packet);
  }

  #of({ family }: PacketBuffer): IcmpErrors | Icmpv6Errors {
    return family === 4 ? this.ipv4 : this.#ipv6;
  }
}
