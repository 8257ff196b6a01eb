import type { IcmpErrors } from './icmp-errors.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Why a packet goes no further, in words of either family. */
export type ErrorReason = 'hostUnreachable' | 'portUnreachable' | 'timeExceeded' | 'tooBig';

/** Tells senders why their packets went no further, in the family of the packet. */
export class Errors {
  readonly ipv4: IcmpErrors;

  constructor(ipv4: IcmpErrors) {
    this.ipv4 = ipv4;
  }

  /** `mtu` is what would have fitted, where the packet was too big. */
  send(about: PacketBuffer, reason: ErrorReason, mtu?: number): void {
    if (about.family === 4) this.ipv4.report(about, reason, mtu);
  }

  /** Nobody answered for the packet's next hop. */
  unreachableNeighbour(packet: PacketBuffer): void {
    if (packet.family === 4) this.ipv4.unreachableNeighbour(packet);
  }
}
