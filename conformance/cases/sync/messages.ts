import type { SyncEntry } from '../../../reference/synchronisation/sync-entry.ts';
import { encodeSyncMessage, type SyncVersion } from '../../../reference/synchronisation/sync-message.ts';
import { parseIpv4 } from '../../../reference/wire/address.ts';
import type { Lab, Packet } from '../../harness/lab.ts';
import { ethernet, ip, payload, udp } from '../../harness/layers.ts';

/** Where directors tell each other of connections (ip_vs_sync.c: `IP_VS_SYNC_GROUP`, `IP_VS_SYNC_PORT`). */
export const GROUP = '224.0.0.81';
export const GROUP_MAC = '01:00:5e:00:00:51';
export const PORT = 8848;

/** The cases' group of directors. */
export const SYNC_ID = 3;

/** Flags of a connection (`linux/ip_vs.h`, `IP_VS_CONN_F_…`). */
export const FLAGS = {
  nat: 0,
  tunnel: 0x82,
  'direct-route': 0x83,
  synchronised: 0x20,
  inactive: 0x100,
  template: 0x1000,
} as const;

/** States of a TCP connection by number (`ip_vs.h`, `IP_VS_TCP_S_…`). */
export const STATE = {
  NONE: 0,
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT: 4,
  TIME_WAIT: 5,
  CLOSE: 6,
  CLOSE_WAIT: 7,
  LAST_ACK: 8,
  LISTEN: 9,
  SYNACK: 10,
} as const;

export interface MessageOptions {
  readonly version?: SyncVersion;
  readonly syncId?: number;
}

/** An established connection of the client's port 40001 to server 1 under VS/NAT, with changes. */
export function entry(changes: Partial<SyncEntry> = {}): SyncEntry {
  return {
    protocol: 6,
    clientAddress: parseIpv4('10.0.0.2'),
    clientPort: 40001,
    virtualAddress: parseIpv4('10.0.0.100'),
    virtualPort: 80,
    destinationAddress: parseIpv4('192.168.1.11'),
    destinationPort: 80,
    flags: FLAGS.nat,
    state: STATE.ESTABLISHED,
    timeout: 900,
    mark: 0,
    ...changes,
  };
}

export function message(
  entries: readonly SyncEntry[],
  { version = 1, syncId = SYNC_ID }: MessageOptions = {},
): Uint8Array {
  return encodeSyncMessage({ version, syncId, entries });
}

/** The peer, a master, tells the director. */
export async function tell(
  lab: Lab,
  data: Uint8Array,
  { port = PORT, checksum }: { readonly port?: number; readonly checksum?: number } = {},
): Promise<void> {
  await lab.peer.sends(
    ethernet({ destination: GROUP_MAC }),
    ip({ destination: GROUP, ttl: 1 }),
    udp({ sourcePort: 50000, destinationPort: port, ...(checksum === undefined ? {} : { checksum }) }),
    payload(data),
  );
}

/** The peer, a backup, is told exactly this by the director. */
export function isTold(lab: Lab, data: Uint8Array): Packet {
  return lab.peer.receives(
    ethernet({ source: lab.director.server.mac, destination: GROUP_MAC }),
    ip({ source: lab.director.server.address, destination: GROUP, ttl: 1, df: false }),
    udp({ destinationPort: PORT }),
    payload(data),
  );
}
