import { formatEndpoint, isIpv6 } from '../wire/ip-address.ts';
import type { ForwardingMethod, ServerAddress, ServiceAddress, ServiceSettings, Tunnel } from './command.ts';
import { inListingOrder } from './listing-order.ts';
import { maskText, schedulerFlagNames } from './listing-words.ts';
import type { Figures } from './statistics.ts';

interface ListedFigures {
  readonly totals: Figures;
  readonly rates: Figures;
}

/** A service as ipvsadm lists it, whatever the form. */
export interface ListedService extends ServiceAddress {
  readonly settings: ServiceSettings;
  readonly statistics: ListedFigures;
  /** In the kernel's order. */
  readonly servers: readonly ListedServer[];
}

export interface ListedServer extends ServerAddress {
  readonly method: ForwardingMethod;
  readonly tunnel: Tunnel;
  readonly weight: number;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly active: number;
  readonly inactive: number;
  /** Persistence templates that name it. */
  readonly persistent: number;
  readonly statistics: ListedFigures;
}

/** What a listing shows of services and servers. */
export type ListingForm = 'plain' | 'totals' | 'rates' | 'thresholds' | 'persistent connections' | 'tunnels';

export interface ListingOptions {
  readonly form: ListingForm;
  /** Whether large numbers are written out. */
  readonly exact: boolean;
  /** Whether in the order of addresses, or in that of the kernel. */
  readonly sorted: boolean;
}

const METHOD_NAMES: Readonly<Record<ForwardingMethod, string>> = {
  nat: 'Masq',
  tunnel: 'Tunnel',
  'direct-route': 'Route',
};
const PROTOCOL_NAMES: Readonly<Record<ServiceAddress['protocol'], string>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const CHECKSUM_MARKS: Readonly<Record<Tunnel['checksum'], string>> = { none: '-c', csum: '+c', remcsum: 'r+c' };

/** Columns of the forms that have them behind the service's name, with their widths. */
const TITLES: Readonly<Partial<Record<ListingForm, readonly (readonly [string, number])[]>>> = {
  thresholds: [
    ['Uthreshold', 10],
    ['Lthreshold', 10],
    ['ActiveConn', 10],
    ['InActConn', 10],
  ],
  'persistent connections': [
    ['Weight', 9],
    ['PersistConn', 11],
    ['ActiveConn', 10],
    ['InActConn', 10],
  ],
};
const NAME_WIDTH = 33;
const SERVER_WIDTH = 28;

/**
 * What `ipvsadm -L -n` and its forms print (`ipvsadm.c:print_title, print_service_entry`), to the byte. Names of hosts and ports are
 * never looked up, as with `-n`.
 */
export function ipvsadmListing(services: Iterable<ListedService>, options: ListingOptions): string {
  const listed = options.sorted ? inListingOrder(services) : [...services];
  return [...title(options.form), ...listed.flatMap((service) => entry(service, options)), ''].join('\n');
}

function title(form: ListingForm): readonly string[] {
  const remote = '  -> RemoteAddress:Port';
  const columns = TITLES[form];
  if (form === 'totals' || form === 'rates') {
    const names =
      form === 'totals'
        ? ['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']
        : ['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS'];
    return [
      `${'Prot LocalAddress:Port'.padEnd(NAME_WIDTH)} ${names.map((name) => name.padStart(8)).join(' ')}`,
      remote,
    ];
  }
  if (columns !== undefined) {
    const names = columns.map(([name, width]) => name.padEnd(width)).join(' ');
    return [`${'Prot LocalAddress:Port'.padEnd(NAME_WIDTH)} ${names}`, remote];
  }
  const tunnel = form === 'tunnels' ? 'TunnelInfo    ' : '';
  return ['Prot LocalAddress:Port Scheduler Flags', `${remote}           Forward ${tunnel}Weight ActiveConn InActConn`];
}

function entry(service: ListedService, options: ListingOptions): readonly string[] {
  const servers = options.sorted ? inListingOrder(service.servers) : service.servers;
  return [serviceLine(service, options), ...servers.map((server) => serverLine(server, options))];
}

function serviceLine(service: ListedService, { form, exact }: ListingOptions): string {
  const name = serviceName(service);
  if (form === 'totals' || form === 'rates') {
    return name.padEnd(NAME_WIDTH) + figuresText(service.statistics[form], exact);
  }
  const { scheduler, schedulerFlags, persistence, onePacket, engine } = service.settings;
  const words = [name, scheduler];
  if (schedulerFlags !== 0) words.push(`(${schedulerFlagNames(scheduler, schedulerFlags)})`);
  if (persistence !== undefined) {
    words.push(`persistent ${persistence.timeout}`);
    const mask = maskText(service.address, persistence.netmask);
    if (mask !== '') words.push(`mask ${mask}`);
    if (engine !== '') words.push(`pe ${engine}`);
  }
  if (onePacket) words.push('ops');
  return words.join(' ');
}

function serviceName({ protocol, address, port, fwmark }: ServiceAddress): string {
  // A mark is printed as a signed number.
  if (fwmark > 0) return `FWM  ${fwmark | 0}${isIpv6(address) ? ' IPv6' : ''}`;
  return `${PROTOCOL_NAMES[protocol].padEnd(4)} ${formatEndpoint(address, port)}`;
}

function serverLine(server: ListedServer, { form, exact }: ListingOptions): string {
  const name = `  -> ${formatEndpoint(server.address, server.port).padEnd(SERVER_WIDTH)}`;
  const { weight, active, inactive } = server;
  const method = METHOD_NAMES[server.method].padEnd(7);
  const load = `${String(weight).padEnd(6)} ${counts(10, active, inactive)}`;
  switch (form) {
    case 'totals':
      return name + figuresText(server.statistics.totals, exact);
    case 'rates':
      return name + ratesText(server.statistics.rates, exact);
    case 'thresholds':
      return `${name} ${counts(10, server.upperThreshold, server.lowerThreshold, active, inactive)}`;
    case 'persistent connections':
      return `${name} ${counts(9, weight)} ${counts(11, server.persistent)} ${counts(10, active, inactive)}`;
    case 'tunnels':
      return `${name} ${method} ${tunnelText(server).padEnd(13)} ${load}`;
    case 'plain':
      return `${name} ${method} ${load}`;
  }
}

const counts = (width: number, ...numbers: readonly number[]): string =>
  numbers.map((number) => String(number).padEnd(width)).join(' ');

function tunnelText({ method, tunnel: { type, port, checksum } }: ListedServer): string {
  if (method !== 'tunnel') return 'n/a';
  if (type === 'ipip') return type;
  return type === 'gue' ? `${type}:${port}:${CHECKSUM_MARKS[checksum]}` : `${type}:${CHECKSUM_MARKS[checksum]}`;
}

function figuresText({ connections, inPackets, outPackets, inBytes, outBytes }: Figures, exact: boolean): string {
  return [connections, inPackets, outPackets, inBytes, outBytes].map((number) => largeNumber(number, exact)).join('');
}

/** Of a server's rates only those of bytes are shortened. */
function ratesText({ connections, inPackets, outPackets, inBytes, outBytes }: Figures, exact: boolean): string {
  const packets = [connections, inPackets, outPackets].map((number) => ` ${String(number).padStart(8)}`);
  return [...packets, largeNumber(inBytes, exact), largeNumber(outBytes, exact)].join('');
}

/** In nine columns, from 100 million on in thousands, and so on (`ipvsadm.c:print_largenum`). */
function largeNumber(number: number, exact: boolean): string {
  if (exact) return ` ${String(number).padStart(8)}`;
  if (number < 1e8) return String(number).padStart(9);
  const [unit, letter] =
    number < 1e9 ? [1e3, 'K'] : number < 1e11 ? [1e6, 'M'] : number < 1e14 ? [1e9, 'G'] : [1e12, 'T'];
  return `${String(Math.floor(number / unit)).padStart(8)}${letter}`;
}
