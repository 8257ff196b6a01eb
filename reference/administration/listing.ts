import type { EngineData } from '../connections/persistence-engine.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { ipv6Groups } from '../wire/ipv6-address.ts';
import type { ForwardingMethod, ServiceAddress, ServiceSettings } from './command.ts';

/** A service as a listing shows it. */
export interface ServiceRow extends ServiceAddress {
  readonly settings: ServiceSettings;
  readonly servers: readonly ServerRow[];
}

export interface ServerRow {
  readonly address: Address;
  readonly port: number;
  readonly method: ForwardingMethod;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

/** A connection as a listing shows it. Ports in host order. */
export interface ConnectionRow {
  readonly protocol: number;
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly virtualAddress: Address;
  readonly virtualPort: number;
  readonly destinationAddress: Address;
  readonly destinationPort: number;
  /** A name of `TCP_STATE_NAMES`, or `UDP`. */
  readonly state: string;
  /** Who made it: this director, or another that told of it. */
  readonly origin: 'LOCAL' | 'SYNC';
  /** Seconds left, not necessarily whole; what is less than 0 shows as 0. */
  readonly expires: number;
  /** Of a template that a persistence engine made. */
  readonly engine?: EngineData | undefined;
}

/** How the kernel was built, as far as a listing shows it. */
export interface KernelBuild {
  /** What persistence is counted in (HZ). */
  readonly ticksPerSecond: number;
  /** Buckets of the connection table. */
  readonly tableSize?: number;
}

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'IP'],
  [6, 'TCP'],
  [17, 'UDP'],
  [132, 'SCTP'],
]);

const METHOD_NAMES: Readonly<Record<ForwardingMethod, string>> = {
  nat: 'Masq',
  tunnel: 'Tunnel',
  'direct-route': 'Route',
};

/** `%08X:%04X`, and `[%pI6]:%04X`; in the table of connections `%08X %04X` and `%pI6 %04X`. */
function endpoint(address: Address, port: number, separator: ':' | ' '): string {
  const text = isIpv6(address) ? fullIpv6(address) : hex(address, 8);
  return `${isIpv6(address) && separator === ':' ? `[${text}]` : text}${separator}${hex(port, 4)}`;
}

/** `%pI6` of the kernel's printk: all groups, all digits. */
function fullIpv6(address: bigint): string {
  return ipv6Groups(address)
    .map((group) => group.toString(16).padStart(4, '0'))
    .join(':');
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** `ip_vs_proto.c:ip_vs_proto_name` */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `IP_${protocol}`;
}

/**
 * The text of `/proc/net/ip_vs` (kernel `ip_vs_ctl.c:ip_vs_info_seq_show`), to the byte: a service's line ends with two
 * spaces, between which a flag would stand.
 */
export function servicesText(
  services: Iterable<ServiceRow>,
  { ticksPerSecond, tableSize = 4096 }: KernelBuild,
): string {
  const lines = [
    `IP Virtual Server version 1.2.1 (size=${tableSize})`,
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
  ];
  for (const service of inOrder(services)) {
    lines.push(serviceText(service) + persistenceText(service, ticksPerSecond));
    for (const server of service.servers) {
      const columns = [
        METHOD_NAMES[server.method].padEnd(7),
        String(server.weight).padEnd(6),
        String(server.active).padEnd(10),
        String(server.inactive).padEnd(10),
      ];
      lines.push(`  -> ${endpoint(server.address, server.port, ':')}      ${columns.join(' ')}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Those of marks are in a table of their own, which is shown last. */
function inOrder(services: Iterable<ServiceRow>): readonly ServiceRow[] {
  const all = [...services];
  return [...all.filter(({ fwmark }) => fwmark === 0), ...all.filter(({ fwmark }) => fwmark > 0)];
}

function serviceText({ protocol, address, port, fwmark, settings: { scheduler, onePacket } }: ServiceRow): string {
  const flag = onePacket ? 'ops ' : '';
  if (fwmark > 0) return `FWM  ${hex(fwmark, 8)} ${scheduler} ${flag}`;
  const name = `${protocolName(protocol)}  ${endpoint(address, port, ':')} ${scheduler}`;
  // IPv6 has no room for a flag.
  return isIpv6(address) ? `${name} ` : `${name} ${flag} `;
}

function persistenceText({ address, settings: { persistence } }: ServiceRow, ticksPerSecond: number): string {
  if (persistence === undefined) return '';
  const { timeout, netmask } = persistence;
  // A prefix length stands where the mask would, and is turned round like it.
  const mask = isIpv6(address) ? netmask * 2 ** 24 : netmask;
  return `persistent ${timeout * ticksPerSecond} ${hex(mask, 8)}`;
}

/** The text of `/proc/net/ip_vs_conn` (kernel `ip_vs_conn.c:ip_vs_conn_seq_show`), to the byte. */
export function connectionsText(connections: Iterable<ConnectionRow>): string {
  const lines = ['Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData'];
  for (const row of connections) {
    const engine = row.engine === undefined ? [] : [row.engine.name, row.engine.data];
    lines.push([...connectionColumns(row), secondsLeft(row), ...engine].join(' '));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The text of `/proc/net/ip_vs_conn_sync` (kernel `ip_vs_conn.c:ip_vs_conn_sync_seq_show`), to the byte. */
export function originsText(connections: Iterable<ConnectionRow>): string {
  const lines = ['Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires'];
  for (const row of connections) {
    lines.push([...connectionColumns(row), row.origin.padEnd(6), secondsLeft(row)].join(' '));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function connectionColumns(row: ConnectionRow): readonly string[] {
  return [
    protocolName(row.protocol).padEnd(3),
    endpoint(row.clientAddress, row.clientPort, ' '),
    endpoint(row.virtualAddress, row.virtualPort, ' '),
    endpoint(row.destinationAddress, row.destinationPort, ' '),
    row.state.padEnd(11),
  ];
}

function secondsLeft({ expires }: ConnectionRow): string {
  return String(Math.max(0, Math.floor(expires))).padStart(7);
}
