import { readFileSync } from 'node:fs';
import type { Environment, RouteConfiguration } from '../../reference/environment.ts';
import { MalformedInput } from '../../reference/errors.ts';
import { formatIpv4 } from '../../reference/wire/address.ts';
import type { Host } from './host.ts';

const ROUTE_TABLE = '/proc/net/route';
/** The route has a gateway (`RTF_GATEWAY`); one that is merely up leads to a network of the interface itself. */
const GATEWAY = 0x2;

/** The environment that the interfaces have in the host's own stack: MAC and IP addresses, MTU, routes through them. */
export function hostEnvironment(host: Host, interfaces: readonly string[]): Environment {
  const addresses = host.addresses();
  return {
    ports: interfaces.map((name) => {
      const { mac, mtu } = host.describe(name);
      return { name, mac, mtu, addresses: addresses.get(name) ?? [] };
    }),
    virtualAddresses: [],
    routes: parseRoutes(readRouteTable(), interfaces),
    neighbours: 'arp',
    sysctls: {},
  };
}

function readRouteTable(): string {
  try {
    return readFileSync(ROUTE_TABLE, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedInput(`${ROUTE_TABLE}: cannot be read (${reason}); describe the host with --environment`);
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
