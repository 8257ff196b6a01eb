import { findCallId } from '../applications/sip-call-id.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { UDP } from '../wire/udp.ts';

/** What a persistence engine knows a client by besides his network. */
export interface EngineData {
  /** The engine's name. */
  readonly name: string;
  /** Each byte a character. */
  readonly data: string;
}

/** What each engine reads in a packet; undefined where it finds nothing. */
const ENGINES: ReadonlyMap<string, (packet: PacketBuffer) => string | undefined> = new Map([['sip', callIdOf]]);

export function isPersistenceEngine(name: string): boolean {
  return ENGINES.has(name);
}

export function engineDataOf(name: string, packet: PacketBuffer): EngineData | undefined {
  const data = ENGINES.get(name)?.(packet);
  return data === undefined ? undefined : { name, data };
}

/** SIP over UDP only (ip_vs_pe_sip.c:ip_vs_sip_fill_param). */
function callIdOf(packet: PacketBuffer): string | undefined {
  if (packet.protocol !== PROTOCOL.udp) return undefined;
  return findCallId(packet.bytes.subarray(packet.transport + UDP.headerLength, packet.end));
}
