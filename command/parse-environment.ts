import type {
  Environment,
  LocalRoute,
  MarkRule,
  PortConfiguration,
  RouteConfiguration,
} from '../reference/environment.ts';
import { MalformedInput } from '../reference/errors.ts';
import { parseMac, parsePrefix } from '../reference/wire/address.ts';
import { parseAddress, parseNetwork } from '../reference/wire/ip-address.ts';
import { IPV6_MINIMUM_MTU } from '../reference/wire/ipv6.ts';
import { speaksIpv6 } from '../reference/environment.ts';

/**
 * The text of an environment file: JSON in the shape of {@link Environment}. `ports` must be there; what else is left out is empty, and
 * neighbours are asked by ARP. Throws MalformedInput `FILE: PATH: what is wrong`.
 */
export function parseEnvironment(text: string, file: string): Environment {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new MalformedInput(`${file}: is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  return new Reader(file).environment(parsed);
}

class Reader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  environment(value: unknown): Environment {
    const fields = this.#fields(value, 'the file', [
      'ports',
      'virtualAddresses',
      'routes',
      'neighbours',
      'marks',
      'localRoutes',
      'sysctls',
    ]);
    const ports = this.#list(fields['ports'], 'ports', (port, path) => this.#port(port, path));
    if (ports.length === 0) {
      throw this.#wrong('ports', 'give at least one port');
    }
    const environment = {
      ports,
      virtualAddresses: this.#list(fields['virtualAddresses'] ?? [], 'virtualAddresses', (item, path) =>
        this.#address(item, path, parseAddress),
      ),
      routes: this.#list(fields['routes'] ?? [], 'routes', (route, path) => this.#route(route, path)),
      neighbours: this.#neighbours(fields['neighbours'] ?? 'arp'),
      marks: this.#list(fields['marks'] ?? [], 'marks', (rule, path) => this.#markRule(rule, path)),
      localRoutes: this.#list(fields['localRoutes'] ?? [], 'localRoutes', (route, path) =>
        this.#localRoute(route, path),
      ),
      sysctls: this.#sysctls(fields['sysctls'] ?? {}),
    };
    // RFC 8200 §5.
    const narrow = ports.findIndex(({ mtu }) => mtu < IPV6_MINIMUM_MTU);
    if (narrow >= 0 && speaksIpv6(environment)) {
      throw this.#wrong(`ports[${narrow}].mtu`, `a host with IPv6 addresses needs at least ${IPV6_MINIMUM_MTU} bytes`);
    }
    return environment;
  }

  #port(value: unknown, path: string): PortConfiguration {
    const fields = this.#fields(value, path, ['name', 'mac', 'addresses', 'mtu']);
    const mtu = fields['mtu'] ?? 1500;
    // 68 bytes are the least an IPv4 link may carry (RFC 791 §3.2).
    if (typeof mtu !== 'number' || !Number.isInteger(mtu) || mtu < 68 || mtu > 65535) {
      throw this.#wrong(`${path}.mtu`, 'give a whole number of bytes from 68 to 65535');
    }
    return {
      name: this.#text(fields['name'], `${path}.name`),
      mac: this.#address(fields['mac'], `${path}.mac`, parseMac),
      addresses: this.#list(fields['addresses'] ?? [], `${path}.addresses`, (item, at) =>
        this.#address(item, at, parseNetwork),
      ),
      mtu,
    };
  }

  #route(value: unknown, path: string): RouteConfiguration {
    const fields = this.#fields(value, path, ['destination', 'via']);
    const route = {
      destination: this.#address(fields['destination'], `${path}.destination`, parseNetwork),
      via: this.#address(fields['via'], `${path}.via`, parseAddress),
    };
    if (route.destination.includes(':') !== route.via.includes(':')) {
      throw this.#wrong(path, `'${route.via}' is no next hop to '${route.destination}': give one of the same family`);
    }
    return route;
  }

  #markRule(value: unknown, path: string): MarkRule {
    const fields = this.#fields(value, path, ['mark', 'protocol', 'source', 'destination', 'destinationPorts']);
    const { protocol, source, destination, destinationPorts } = fields;
    if (protocol !== undefined && protocol !== 'tcp' && protocol !== 'udp') {
      throw this.#wrong(`${path}.protocol`, 'give "tcp" or "udp"');
    }
    return {
      mark: this.#number(fields['mark'], `${path}.mark`, 1, 0xffff_ffff),
      ...(protocol === undefined ? {} : { protocol }),
      ...(source === undefined ? {} : { source: this.#address(source, `${path}.source`, parsePrefix) }),
      ...(destination === undefined
        ? {}
        : { destination: this.#address(destination, `${path}.destination`, parsePrefix) }),
      ...(destinationPorts === undefined
        ? {}
        : { destinationPorts: this.#ports(destinationPorts, `${path}.destinationPorts`) }),
    };
  }

  #ports(value: unknown, path: string): readonly [number, number] {
    const [first, last, ...more] = this.#list(value, path, (item, at) => this.#number(item, at, 0, 65535));
    if (first === undefined || last === undefined || more.length > 0) {
      throw this.#wrong(path, 'give the first port and the last');
    }
    return [first, last];
  }

  #localRoute(value: unknown, path: string): LocalRoute {
    const fields = this.#fields(value, path, ['destination', 'mark']);
    const { mark } = fields;
    return {
      destination: this.#address(fields['destination'], `${path}.destination`, parsePrefix),
      ...(mark === undefined ? {} : { mark: this.#number(mark, `${path}.mark`, 1, 0xffff_ffff) }),
    };
  }

  #number(value: unknown, path: string, least: number, most: number): number {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw this.#wrong(path, `give a whole number from ${least} to ${most}`);
    }
    return value;
  }

  #neighbours(value: unknown): 'arp' | 'derived' {
    if (value !== 'arp' && value !== 'derived') {
      throw this.#wrong('neighbours', 'give "arp" or "derived"');
    }
    return value;
  }

  #sysctls(value: unknown): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.#fields(value, 'sysctls')).map(([name, setting]) => [
        name,
        this.#text(setting, `sysctls.${name}`),
      ]),
    );
  }

  /** An object; with `known`, one that has no other fields, so that a misspelt name is not lost. */
  #fields(value: unknown, path: string, known?: readonly string[]): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong(path, 'give an object');
    }
    const unknown = known === undefined ? undefined : Object.keys(value).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw this.#wrong(path, `has no field ${JSON.stringify(unknown)}, only ${known?.join(', ') ?? ''}`);
    }
    return { ...value };
  }

  #list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): T[] {
    if (!Array.isArray(value)) {
      throw this.#wrong(path, 'give a list');
    }
    return value.map((item: unknown, index) => read(item, `${path}[${index}]`));
  }

  #text(value: unknown, path: string): string {
    if (typeof value !== 'string') {
      throw this.#wrong(path, 'give a text in double quotes');
    }
    return value;
  }

  #address(value: unknown, path: string, parse: (text: string) => unknown): string {
    const text = this.#text(value, path);
    try {
      parse(text);
    } catch (error) {
      throw error instanceof MalformedInput ? this.#wrong(path, error.message) : error;
    }
    return text;
  }

  #wrong(path: string, what: string): MalformedInput {
    return new MalformedInput(`${this.#file}: ${path}: ${what}`);
  }
}
