import { existsSync, readFileSync } from 'node:fs';
import type { Environment, RouteConfiguration } from '../../reference/environment.ts';
import { MalformedInput } from '../../reference/errors.ts';
import { isLinkLocal6 } from '../../reference/forwarding/ipv6-scope.ts';
import { formatIpv4 } from '../../reference/wire/address.ts';
import { isIpv6, parseNetwork } from '../../reference/wire/ip-address.ts';
import { formatIpv6 } from '../../reference/wire/ipv6-address.ts';
import type { Host } from './host.ts';

const ROUTE_TABLES = { ipv4: '/proc/net/route', ipv6: '/proc/net/ipv6_route' } as const;
/** The route has a gateway (`RTF_GATEWAY`); one that is merely up leads to a network of the interface itself. */
const GATEWAY = 0x2;

/** The environment that the interfaces have in the host's own stack: MAC and IP addresses, MTU, routes through them. */
export function hostEnvironment(host: Host, interfaces: readonly string[]): Environment {
  const addresses = host.addresses();
  return {
    ports: interfaces.map((name) => {
      const { mac, mtu } = host.describe(name);
      // The director makes a link-local address of the MAC address, as the host does.
      const prefixes = (addresses.get(name) ?? []).filter((text) => !isLinkLocal(text));
      return { name, mac, mtu, addresses: prefixes };
    }),
    virtualAddresses: [],
    routes: [
      ...parseRoutes(readRouteTable(ROUTE_TABLES.ipv4), interfaces),
      ...(existsSync(ROUTE_TABLES.ipv6) ? parseRoutes6(readRouteTable(ROUTE_TABLES.ipv6), interfaces) : []),
    ],
    neighbours: 'arp',
    sysctls: {},
  };
}

function readRouteTable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedInput(`${path}: cannot be read (${reason}); describe the host with --environment`);
  }
}

/** The routes through a gateway on one of the interfaces, of a text like `/proc/net/route`, the lowest metric first. */
export function parseRoutes(text: string, interfaces: readonly string[]): RouteConfiguration[] {
  const [, ...lines] = text.trimEnd().split('\n');
  const routes = lines.map((line) => {
    const [name = '', destination = '', via = '', flags = '', , , metric = '', mask = ''] = line.trim().split(/\s+/);
    return { name, destination, via, flags: Number.parseInt(flags, 16), metric: Number(metric), mask };
  });
  return routes
    .filter(({ name, flags }) => interfaces.includes(name) && (flags & GATEWAY) !== 0)
    .sort((a, b) => a.metric - b.metric)
    .map(({ destination, via, mask }) => ({
      destination: `${formatIpv4(numberOf(destination))}/${Math.clz32(~numberOf(mask))}`,
      via: formatIpv4(numberOf(via)),
    }));
}

/** The table holds addresses as the processor does: byte by byte from the low end. */
function numberOf(text: string): number {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, Number.parseInt(text, 16), true);
  return bytes.getUint32(0);
}

/** The same of a text like `/proc/net/ipv6_route`. A gateway with a link-local address is on no network that an environment can name. */
export function parseRoutes6(text: string, interfaces: readonly string[]): RouteConfiguration[] {
  const routes = text.split('\n').map((line) => {
    const [destination = '', length = '', , , via = '', metric = '', , , flags = '', name = ''] = line
      .trim()
      .split(/\s+/);
    return { name, destination, length, via, flags: Number.parseInt(flags, 16), metric: Number.parseInt(metric, 16) };
  });
  return routes
    .filter(({ name, flags, via }) => interfaces.includes(name) && (flags & GATEWAY) !== 0 && !via.startsWith('fe8'))
    .sort((a, b) => a.metric - b.metric)
    .map(({ destination, length, via }) => ({
      destination: `${formatIpv6(BigInt(`0x${destination}`))}/${Number.parseInt(length, 16)}`,
      via: formatIpv6(BigInt(`0x${via}`)),
    }));
}

function isLinkLocal(prefix: string): boolean {
  const { address } = parseNetwork(prefix);
  return isIpv6(address) && isLinkLocal6(address);
}
