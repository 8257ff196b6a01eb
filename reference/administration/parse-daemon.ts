import { MalformedInput } from '../errors.ts';
import { isIpv6, parseAddress, type Address } from '../wire/ip-address.ts';
import type { DaemonCommand, DaemonRole } from './command.ts';
import type { OptionName } from './option-syntax.ts';
import { parseNumber, type Options } from './parse-options.ts';

export const DAEMON_OPTIONS = [
  'mcast-interface',
  'syncid',
  'sync-maxlen',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
] as const;

/** Where none is named (`ipvsadm.c:DEF_MCAST_IFN`). */
const DEFAULT_INTERFACE = 'eth0';
/** IFNAMSIZ of `linux/if.h`, less the zero behind the name. */
const LONGEST_INTERFACE_NAME = 15;
/** Bytes: an IP packet less IPv4 and UDP header. */
const LONGEST_MESSAGE = 65535 - 20 - 8;

/** `--start-daemon {master|backup}` with its options, and `--stop-daemon` (`ipvsadm.c:parse_options`). */
export function parseDaemon(kind: DaemonCommand['kind'], options: Options, words: readonly string[]): DaemonCommand {
  const role = parseRole(words[0]);
  if (words[1] !== undefined) throw new MalformedInput(`unexpected argument ${words[1]}; leave it out`);
  if (kind === 'stop-daemon') return { kind, role };
  const interfaceName = options.get('mcast-interface')?.argument ?? DEFAULT_INTERFACE;
  if (interfaceName.length > LONGEST_INTERFACE_NAME) {
    throw new MalformedInput(`multicast interface name '${interfaceName}' is too long; use the name of an interface`);
  }
  return {
    kind,
    role,
    interfaceName,
    syncId: parseDaemonNumber(options, 'syncid', 0, 255),
    maxLength: parseDaemonNumber(options, 'sync-maxlen', 1, LONGEST_MESSAGE),
    group: parseGroup(options.get('mcast-group')?.argument),
    port: parseDaemonNumber(options, 'mcast-port', 1, 65535),
    ttl: parseDaemonNumber(options, 'mcast-ttl', 1, 255),
  };
}

function parseRole(word: string | undefined): DaemonRole {
  if (word === 'master' || word === 'backup') return word;
  throw new MalformedInput(
    word === undefined
      ? "specify 'master' or 'backup' behind the command"
      : `illegal start-daemon parameter specified: '${word}'; use master or backup`,
  );
}

function parseDaemonNumber(options: Options, name: OptionName, least: number, most: number): number {
  const given = options.get(name);
  if (given === undefined) return 0;
  const value = parseNumber(given.argument, least, most);
  if (value === undefined) {
    throw new MalformedInput(`illegal ${name} specified: '${given.argument}'; use ${least} to ${most}`);
  }
  return value;
}

function parseGroup(text: string | undefined): Address | undefined {
  if (text === undefined) return undefined;
  const invalid = `invalid ${text.includes(':') ? 'IPv6' : 'IPv4'} mcast-group '${text}'; use a multicast address`;
  try {
    const group = parseAddress(text);
    if (isMulticast(group)) return group;
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    throw new MalformedInput(invalid, { cause: error });
  }
  throw new MalformedInput(invalid);
}

const isMulticast = (address: Address): boolean =>
  isIpv6(address) ? address >> 120n === 0xffn : address >>> 28 === 0xe;
