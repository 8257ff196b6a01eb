import type { Settings } from '../administration/settings.ts';
import type { ConnectionTracker } from '../connections/connection-tracker.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';

/** What the balancer must know of a protocol (kernel `ip_vs.h`, `struct ip_vs_protocol`). */
export interface BalancedProtocol {
  /** Bytes of the header, which must be there before ports and checksum are touched. */
  readonly headerLength: number;
  /** The protocol and both ports of the connections that its packets belong to, where these are not their own. */
  readonly borrowed?: { readonly protocol: number; readonly port: number };
  /** What may become of a packet of no connection: one, nothing of the balancer's business, or nothing at all. */
  begins(packet: PacketBuffer, settings: Settings): 'schedule' | 'pass' | 'drop';
  /** Whether the packet asks for a new connection, on ports that one may have (ip_vs_core.c:is_new_conn). */
  isFirst(packet: PacketBuffer): boolean;
  /** Whether a connection in this state is over, so that its ports may be used again (ip_vs_core.c:is_new_conn_expected). */
  isOver(state: number): boolean;
  /** Whether the packet says that there is no connection, which needs no answer. */
  isAbort(packet: PacketBuffer): boolean;
  /** The packet passes on its connection; its state machine finds the header at `at`. */
  passes(
    tracker: ConnectionTracker,
    connection: number,
    direction: 'input' | 'output',
    packet: PacketBuffer,
    at: number,
  ): void;
}
