import { MalformedInput, UnsupportedFeature } from '../errors.ts';
import { parseIpv4 } from '../wire/address.ts';
import { SCHEDULER_FLAG, type SchedulerFlags } from '../schedulers/scheduler.ts';
import type {
  Command,
  ForwardingMethod,
  ServerAddress,
  ServerSettings,
  ServiceAddress,
  ServiceSettings,
} from './command.ts';
import { readTokens, type CommandName, type OptionName } from './option-syntax.ts';

const MAX_INT = 2 ** 31 - 1;
/** 31 days in seconds, ipvsadm's longest timeout. */
const MAX_TIMEOUT = 31 * 86400;

const SERVICE_OPTIONS = ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags', 'ipv6'] as const;
const TUNNEL_OPTIONS = ['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const;
const SERVER_OPTIONS = ['forwarding-method', 'weight', 'u-threshold', 'l-threshold', ...TUNNEL_OPTIONS] as const;

type Needs = readonly OptionName[];

/** Which options a command must and may have (`ipvsadm.c:commands_v_options`). */
const GRAMMAR: Readonly<Partial<Record<CommandName, { readonly must: Needs; readonly may: Needs }>>> = {
  'add-service': { must: ['service-address'], may: SERVICE_OPTIONS },
  'edit-service': { must: ['service-address'], may: SERVICE_OPTIONS },
  'delete-service': { must: ['service-address'], may: ['ipv6'] },
  'add-server': { must: ['service-address', 'real-server'], may: [...SERVER_OPTIONS, 'ipv6'] },
  'edit-server': { must: ['service-address', 'real-server'], may: [...SERVER_OPTIONS, 'ipv6'] },
  'delete-server': { must: ['service-address', 'real-server'], may: ['ipv6'] },
  flush: { must: [], may: [] },
  zero: { must: [], may: ['service-address', 'ipv6'] },
  set: { must: [], may: [] },
};

interface Given {
  readonly spelling: string;
  /** Empty where the option takes none. */
  readonly argument: string;
  /** Place among the options. */
  readonly order: number;
}

type Options = ReadonlyMap<OptionName, Given>;

/**
 * Reads one command as it stands behind the word `ipvsadm` or in the output of `ipvsadm-save -n`. Names of hosts and
 * ports are not looked up.
 *
 * @throws MalformedInput naming the word at fault
 * @throws UnsupportedFeature for what ipvsadm can and this director cannot
 */
export function parseCommand(line: string): Command {
  const options = new Map<OptionName, Given>();
  const words: string[] = [];
  let command: CommandName | undefined;
  for (const token of readTokens(line.split(/\s+/).filter((word) => word !== ''))) {
    if (token.kind === 'command') {
      if (command !== undefined)
        throw new MalformedInput(`invalid option '${token.spelling}'; one line holds one command`);
      command = token.name;
      if (GRAMMAR[command] === undefined)
        throw new UnsupportedFeature(`The command ${token.spelling} is not implemented`);
    } else if (command === undefined) {
      const word = token.kind === 'word' ? token.word : token.spelling;
      throw new MalformedInput(`'${word}' is not a command; begin with one such as -A or -a`);
    } else if (token.kind === 'word') {
      words.push(token.word);
    } else {
      if (options.has(token.name)) {
        throw new MalformedInput(`multiple '${token.name}' options specified; leave out ${token.spelling}`);
      }
      options.set(token.name, { spelling: token.spelling, argument: token.argument ?? '', order: options.size });
    }
  }
  if (command === undefined) throw new MalformedInput('no command given; begin with one such as -A or -a');
  checkGrammar(command, options);
  return build(command, options, words);
}

function checkGrammar(command: CommandName, options: Options): void {
  const { must, may } = GRAMMAR[command] ?? { must: [], may: [] };
  for (const [name, { spelling }] of options) {
    if (!must.includes(name) && !may.includes(name)) {
      throw new MalformedInput(`Illegal '${name}' option with the '${command}' command; leave out ${spelling}`);
    }
  }
  for (const name of must) {
    if (!options.has(name)) {
      throw new MalformedInput(`You need to supply the '${name}' option for the '${command}' command`);
    }
  }
}

function build(command: CommandName, options: Options, words: readonly string[]): Command {
  if (command === 'set') return setTimeouts(words);
  if (words[0] !== undefined) throw new MalformedInput(`unexpected argument ${words[0]}; leave it out`);
  if (command === 'flush') return { kind: 'clear' };
  const service = serviceAddress(options);
  if (service === undefined) return { kind: 'zero' };
  switch (command) {
    case 'add-service':
    case 'edit-service':
      return { kind: command, service, settings: serviceSettings(options, service) };
    case 'delete-service':
      return { kind: command, service };
    case 'add-server':
    case 'edit-server': {
      const settings = serverSettings(options);
      const server = serverAddress(options, service);
      // The packet keeps its port on the way to a server of VS/TUN or VS/DR (ipvsadm.c:process_options).
      const port = settings.method === 'nat' ? server.port : service.port;
      return { kind: command, service, server: { address: server.address, port }, settings };
    }
    case 'delete-server':
      return { kind: command, service, server: serverAddress(options, service) };
    default:
      return { kind: 'zero', service };
  }
}

function setTimeouts(words: readonly string[]): Command {
  const [tcp, tcpFin, udp, ...others] = words.map((word) => timeout(word, 0));
  if (tcp === undefined || tcpFin === undefined || udp === undefined) {
    throw new MalformedInput('--set option requires 3 timeout values; write --set TCP TCPFIN UDP');
  }
  if (others.length > 0) throw new MalformedInput(`unexpected argument ${words[3] ?? ''}; --set takes 3 values`);
  return { kind: 'set-timeouts', tcp, tcpFin, udp };
}

/** The service named by -t or -u. */
function serviceAddress(options: Options): ServiceAddress | undefined {
  const given = options.get('service-address');
  if (given === undefined) return undefined;
  const ipv6 = options.get('ipv6');
  if (given.spelling === '-f' || given.spelling === '--fwmark-service') {
    if (number(given.argument, 1, 2 ** 32 - 1) === undefined) {
      throw new MalformedInput(`invalid fwmark value '${given.argument}' specified; a number above 0 is needed`);
    }
    throw new UnsupportedFeature('Firewall-mark services (-f) are not implemented');
  }
  if (ipv6 !== undefined) throw new MalformedInput(`${ipv6.spelling} used before -f; leave it out`);
  if (given.spelling === '--sctp-service') throw new UnsupportedFeature('SCTP services are not implemented');
  const protocol = given.spelling === '-u' || given.spelling === '--udp-service' ? 17 : 6;
  const { address, port } = endpoint(given.argument, 'virtual server');
  return { protocol, address, port: port ?? 0 };
}

/** Without a port it is the service's, provided that the service was named before (`ipvsadm.c:parse_options`). */
function serverAddress(options: Options, service: ServiceAddress): ServerAddress {
  const given = options.get('real-server');
  const serviceOrder = options.get('service-address')?.order ?? 0;
  const { address, port } = endpoint(given?.argument ?? '', 'real server');
  return { address, port: port ?? ((given?.order ?? 0) > serviceOrder ? service.port : 0) };
}

/** What ipvsadm can ask of a service and this director cannot do. */
const UNSUPPORTED = {
  persistent: 'Persistent services (-p) are',
  netmask: 'A persistence netmask (-M) is',
  ops: 'One-packet scheduling (-o) is',
  pe: 'Persistence engines (--pe) are',
} as const;

function serviceSettings(options: Options, service: ServiceAddress): ServiceSettings {
  const persistent = options.get('persistent');
  if (persistent === undefined && service.port === 0) {
    throw new MalformedInput('Zero port specified for non-persistent service; write ADDRESS:PORT');
  }
  if (persistent !== undefined && persistent.argument !== '') timeout(persistent.argument, 1);
  const netmask = options.get('netmask');
  if (netmask !== undefined) parseIpv4(netmask.argument);
  if (options.has('ops') && service.protocol !== 17) {
    throw new MalformedInput('One-Packet Scheduling is only for UDP virtual services; leave out -o');
  }
  const scheduler = options.get('scheduler')?.argument ?? 'wlc';
  const schedulerFlags = flagsOf(options.get('sched-flags')?.argument ?? '', scheduler);
  for (const name of ['persistent', 'netmask', 'ops', 'pe'] as const) {
    if (options.has(name)) throw new UnsupportedFeature(`${UNSUPPORTED[name]} not implemented`);
  }
  return { scheduler, schedulerFlags };
}

/** Words behind `sh-` and `mh-`, and behind `flag-`. */
const BIT_OF_FLAG: Readonly<Partial<Record<string, SchedulerFlags>>> = { ...SCHEDULER_FLAG, 1: 1, 2: 2, 3: 4 };

/** `ipvsadm.c:parse_sched_flags` */
function flagsOf(text: string, scheduler: string): SchedulerFlags {
  let flags = 0;
  for (const flag of text.split(',').filter((word) => word !== '')) {
    const [, owner, name] = /^(sh|mh|flag)-(fallback|port|[123])$/.exec(flag) ?? [];
    const bit = BIT_OF_FLAG[name ?? ''];
    if (bit === undefined || (owner === 'flag') !== /^\d$/.test(name ?? '')) {
      throw new MalformedInput(`invalid scheduler flag '${flag}'; see ipvsadm(8)`);
    }
    if (owner !== 'flag' && owner !== scheduler) {
      throw new MalformedInput(`incompatible scheduler flag '${flag}'; it goes with -s ${owner ?? ''}`);
    }
    flags |= bit;
  }
  return flags;
}

function serverSettings(options: Options): ServerSettings {
  const method = forwardingMethod(options.get('forwarding-method')?.spelling);
  const tunnelOption = TUNNEL_OPTIONS.find((name) => options.has(name));
  if (tunnelOption !== undefined) {
    if (method !== 'tunnel') {
      throw new MalformedInput(`Tunnel options conflict with forward method; add -i or leave out --${tunnelOption}`);
    }
    checkTunnel(options);
  }
  return {
    method,
    weight: limit(options, 'weight', 1),
    upperThreshold: limit(options, 'u-threshold', 0),
    lowerThreshold: limit(options, 'l-threshold', 0),
  };
}

function forwardingMethod(spelling: string | undefined): ForwardingMethod {
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

/** `ipvsadm.c:tunnel_types_v_options` */
function checkTunnel(options: Options): void {
  const type = options.get('tun-type')?.argument ?? 'ipip';
  const allowed: Readonly<Record<string, readonly OptionName[]>> = {
    ipip: [],
    gue: ['tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'],
    gre: ['tun-nocsum', 'tun-csum'],
  };
  const may = allowed[type];
  if (may === undefined) throw new MalformedInput(`illegal tunnel type specified: '${type}'; use ipip, gue or gre`);
  const port = options.get('tun-port');
  if (port !== undefined && number(port.argument, 1, 65535) === undefined) {
    throw new MalformedInput(`illegal tunnel port specified: '${port.argument}'; use 1 to 65535`);
  }
  const given = TUNNEL_OPTIONS.filter((name) => name !== 'tun-type' && options.has(name));
  const illegal = given.find((name) => !may.includes(name));
  if (illegal !== undefined) {
    throw new MalformedInput(`Illegal '${illegal}' option with the '${type}' tunnel type; leave it out`);
  }
  if (type === 'gue' && port === undefined) {
    throw new MalformedInput("You need to supply the 'tun-port' option for the 'gue' tunnel type");
  }
  const [first, second] = given.filter((name) => name !== 'tun-port');
  if (first !== undefined && second !== undefined) {
    throw new MalformedInput(
      `The option '${second}' conflicts with the '${first}' option in the '${type}' tunnel type; leave one out`,
    );
  }
  if (type !== 'ipip') throw new UnsupportedFeature(`Tunnels of type ${type} are not implemented`);
}

function limit(options: Options, name: 'weight' | 'u-threshold' | 'l-threshold', otherwise: number): number {
  const given = options.get(name);
  if (given === undefined) return otherwise;
  const value = number(given.argument, 0, MAX_INT);
  if (value === undefined) {
    const known = name === 'weight' ? 'weight' : name.replace('-', '_');
    throw new MalformedInput(`illegal ${known} specified: '${given.argument}'; use 0 to ${MAX_INT}`);
  }
  return value;
}

function timeout(text: string, least: number): number {
  const value = number(text, least, MAX_TIMEOUT);
  if (value === undefined) {
    throw new MalformedInput(`invalid timeout value '${text}' specified; use ${least} to ${MAX_TIMEOUT} seconds`);
  }
  return value;
}

/** A decimal number as strtol takes it, within limits. */
function number(text: string, least: number, most: number): number | undefined {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** `address[:port]` */
function endpoint(text: string, role: 'virtual server' | 'real server'): { address: number; port: number | undefined } {
  if (text.startsWith('[') || text.split(':').length > 2) {
    throw new UnsupportedFeature(`IPv6 ('${text}') is not implemented`);
  }
  const [address = '', port] = text.split(':');
  const illegal = `illegal ${role} address[:port] specified`;
  if (port !== undefined && number(port, 0, 65535) === undefined) {
    throw new MalformedInput(`${illegal}: '${text}'; '${port}' is not a port from 0 to 65535`);
  }
  try {
    return { address: parseIpv4(address), port: port === undefined ? undefined : Number(port) };
  } catch (error) {
    if (error instanceof MalformedInput) throw new MalformedInput(`${illegal}: ${error.message}`, { cause: error });
    throw error;
  }
}
