import { MalformedInput } from '../errors.ts';
import { isIpv6 } from '../wire/ip-address.ts';
import type { ForwardingMethod, ServerAddress, ServerSettings, ServiceAddress, Tunnel } from './command.ts';
import type { OptionName } from './option-syntax.ts';
import { parseEndpoint, parseNumber, type Options } from './parse-options.ts';

/** What of a command line is about the real server. */

const MAX_INT = 2 ** 31 - 1;

export const TUNNEL_OPTIONS = ['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const;

/** Which options each type of tunnel may have (`ipvsadm.c:tunnel_types_v_options`). */
const TUNNEL_GRAMMAR: Readonly<Record<Tunnel['type'], readonly OptionName[]>> = {
  ipip: [],
  gue: ['tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'],
  gre: ['tun-nocsum', 'tun-csum'],
};

/** Without a port it is the service's, provided that the service was named before (`ipvsadm.c:parse_options`). */
export function parseServerAddress(options: Options, service: ServiceAddress): ServerAddress {
  const given = options.get('real-server');
  const serviceOrder = options.get('service-address')?.order ?? 0;
  const { address, port } = parseEndpoint(given?.argument ?? '', 'real server');
  return { address, port: port ?? ((given?.order ?? 0) > serviceOrder ? service.port : 0) };
}

/** What `-a` and `-e` say of the server (`ipvsadm.c:process_options`). */
export function parseServer(
  options: Options,
  service: ServiceAddress,
): { readonly server: ServerAddress; readonly settings: ServerSettings } {
  const settings = parseServerSettings(options);
  const { address, port } = parseServerAddress(options, service);
  if (isIpv6(address) !== isIpv6(service.address) && settings.method !== 'tunnel') {
    throw new MalformedInput('Different address family is allowed only for tunneling servers; add -i');
  }
  // The packet keeps its port on the way to a server of VS/TUN or VS/DR.
  const keepsPort = settings.method !== 'nat' && service.fwmark === 0;
  return { server: { address, port: keepsPort ? service.port : port }, settings };
}

function parseServerSettings(options: Options): ServerSettings {
  const method = parseMethod(options.get('forwarding-method')?.spelling);
  const tunnelOption = TUNNEL_OPTIONS.find((name) => options.has(name));
  if (tunnelOption !== undefined && method !== 'tunnel') {
    throw new MalformedInput(`Tunnel options conflict with forward method; add -i or leave out --${tunnelOption}`);
  }
  return {
    method,
    weight: parseLimit(options, 'weight', 1),
    upperThreshold: parseLimit(options, 'u-threshold', 0),
    lowerThreshold: parseLimit(options, 'l-threshold', 0),
    tunnel: parseTunnel(options),
  };
}

function parseMethod(spelling: string | undefined): ForwardingMethod {
  switch (spelling) {
    case '-m':
    case '--masquerading':
      return 'nat';
    case '-i':
    case '--ipip':
      return 'tunnel';
    default:
      return 'direct-route';
  }
}

function parseTunnel(options: Options): Tunnel {
  const type = options.get('tun-type')?.argument ?? 'ipip';
  if (!isTunnelType(type)) {
    throw new MalformedInput(`illegal tunnel type specified: '${type}'; use ipip, gue or gre`);
  }
  const port = parseTunnelPort(options.get('tun-port')?.argument);
  const given = TUNNEL_OPTIONS.filter((name) => name !== 'tun-type' && options.has(name));
  const illegal = given.find((name) => !TUNNEL_GRAMMAR[type].includes(name));
  if (illegal !== undefined) {
    throw new MalformedInput(`Illegal '${illegal}' option with the '${type}' tunnel type; leave it out`);
  }
  if (type === 'gue' && port === 0) {
    throw new MalformedInput("You need to supply the 'tun-port' option for the 'gue' tunnel type");
  }
  const [first, second] = given.filter((name) => name !== 'tun-port');
  if (first !== undefined && second !== undefined) {
    throw new MalformedInput(
      `The option '${second}' conflicts with the '${first}' option in the '${type}' tunnel type; leave one out`,
    );
  }
  return { type, port, checksum: options.has('tun-csum') ? 'csum' : options.has('tun-remcsum') ? 'remcsum' : 'none' };
}

const isTunnelType = (text: string): text is Tunnel['type'] => Object.hasOwn(TUNNEL_GRAMMAR, text);

/** 0 where none is given. */
function parseTunnelPort(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = parseNumber(text, 1, 65535);
  if (port === undefined) throw new MalformedInput(`illegal tunnel port specified: '${text}'; use 1 to 65535`);
  return port;
}

function parseLimit(options: Options, name: 'weight' | 'u-threshold' | 'l-threshold', otherwise: number): number {
  const given = options.get(name);
  if (given === undefined) return otherwise;
  const value = parseNumber(given.argument, 0, MAX_INT);
  if (value === undefined) {
    const known = name === 'weight' ? 'weight' : name.replace('-', '_');
    throw new MalformedInput(`illegal ${known} specified: '${given.argument}'; use 0 to ${MAX_INT}`);
  }
  return value;
}
