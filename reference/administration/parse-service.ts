import { MalformedInput } from '../errors.ts';
import { SCHEDULER_FLAG, type SchedulerFlags } from '../schedulers/scheduler.ts';
import { parseIpv4 } from '../wire/address.ts';
import { isIpv6 } from '../wire/ip-address.ts';
import type { Persistence, ServiceAddress, ServiceProtocol, ServiceSettings } from './command.ts';
import { parseEndpoint, parseNumber, parseTimeout, type Options } from './parse-options.ts';

/** What of a command line is about the virtual service. */

/** Seconds (`ipvsadm.c:IPVS_SVC_PERSISTENT_TIMEOUT`). */
const DEFAULT_PERSISTENCE = 360;
const ONE_CLIENT = { ipv4: 0xffff_ffff, ipv6: 128 } as const;

const PROTOCOL_OF: Readonly<Partial<Record<string, ServiceProtocol>>> = {
  '-t': 6,
  '--tcp-service': 6,
  '-u': 17,
  '--udp-service': 17,
  '--sctp-service': 132,
};

/** The service named by `-t`, `-u`, `--sctp-service` or `-f`. */
export function parseServiceAddress(options: Options): ServiceAddress | undefined {
  const given = options.get('service-address');
  if (given === undefined) return undefined;
  const ipv6 = options.get('ipv6');
  const protocol = PROTOCOL_OF[given.spelling];
  if (protocol === undefined) {
    const fwmark = parseNumber(given.argument, 1, 2 ** 32 - 1);
    if (fwmark === undefined) {
      throw new MalformedInput(`invalid fwmark value '${given.argument}' specified; a number above 0 is needed`);
    }
    if (ipv6 !== undefined && ipv6.order < given.order) {
      throw new MalformedInput(`${ipv6.spelling} used before ${given.spelling}; write it behind`);
    }
    return { protocol: 6, address: ipv6 === undefined ? 0 : 0n, port: 0, fwmark };
  }
  if (ipv6 !== undefined) throw new MalformedInput(`${ipv6.spelling} used before -f; leave it out`);
  const { address, port } = parseEndpoint(given.argument, 'virtual server');
  return { protocol, address, port: port ?? 0, fwmark: 0 };
}

/** What `-A` and `-E` say of the service. */
export function parseServiceSettings(options: Options, service: ServiceAddress): ServiceSettings {
  const persistence = parsePersistence(options, service);
  if (persistence === undefined && service.fwmark === 0 && service.port === 0) {
    throw new MalformedInput('Zero port specified for non-persistent service; write ADDRESS:PORT');
  }
  const onePacket = options.has('ops');
  if (onePacket && service.fwmark === 0 && service.protocol !== 17) {
    throw new MalformedInput('One-Packet Scheduling is only for UDP virtual services; leave out -o');
  }
  const scheduler = options.get('scheduler')?.argument ?? 'wlc';
  const schedulerFlags = parseFlags(options.get('sched-flags')?.argument ?? '', scheduler);
  return { scheduler, schedulerFlags, persistence, onePacket, engine: options.get('pe')?.argument ?? '' };
}

function parsePersistence(options: Options, { address }: ServiceAddress): Persistence | undefined {
  const persistent = options.get('persistent');
  const mask = options.get('netmask')?.argument;
  const netmask = isIpv6(address) ? parsePrefixLength(mask) : parseNetmask(mask);
  if (persistent === undefined) return undefined;
  return { timeout: persistent.argument === '' ? DEFAULT_PERSISTENCE : parseTimeout(persistent.argument, 1), netmask };
}

function parseNetmask(text: string | undefined): number {
  return text === undefined ? ONE_CLIENT.ipv4 : parseIpv4(text);
}

function parsePrefixLength(text: string | undefined): number {
  const length = text === undefined ? ONE_CLIENT.ipv6 : parseNumber(text, 1, 128);
  if (length === undefined) {
    throw new MalformedInput(`illegal ipv6 netmask specified: '${text ?? ''}'; use a prefix length from 1 to 128`);
  }
  return length;
}

/** Words behind `sh-` and `mh-`, and behind `flag-`. */
const BIT_OF_FLAG: Readonly<Partial<Record<string, SchedulerFlags>>> = { ...SCHEDULER_FLAG, 1: 1, 2: 2, 3: 4 };

/** `ipvsadm.c:parse_sched_flags` */
function parseFlags(text: string, scheduler: string): SchedulerFlags {
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
