import type { MarkRule } from '../../../reference/environment.ts';
import { parsePrefix } from '../../../reference/wire/address.ts';

/**
 * Tables of iptables as the kernel takes them (`linux/netfilter_ipv4/ip_tables.h`: `struct ipt_replace`, `struct ipt_entry`), for 64 bits
 * and little-endian. A guest has no iptables program, and needs few rules.
 */
const HEADER = {
  validHooks: 32,
  entries: 36,
  size: 40,
  hookEntries: 44,
  underflows: 64,
  oldEntries: 84,
  length: 96,
} as const;
const ENTRY = {
  source: 0,
  destination: 4,
  sourceMask: 8,
  destinationMask: 12,
  protocol: 80,
  target: 88,
  next: 90,
  length: 112,
} as const;
/** A match and a target begin with size, name and revision, `struct xt_entry_match`, `struct xt_entry_target`. */
const PART = { size: 0, name: 2, revision: 31, length: 32 } as const;

const HOOKS = { preRouting: 0, localIn: 1, forward: 2, localOut: 3, postRouting: 4 } as const;
type Hook = (typeof HOOKS)[keyof typeof HOOKS];

/** Verdicts of the standard target, `-NF_ACCEPT - 1` and `-NF_DROP - 1`. */
const ACCEPT = -2;
const DROP = -1;
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const PROTOCOLS = { tcp: TCP, udp: UDP } as const;

/** Addresses are single ones or prefixes. */
interface Match {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: number;
  /** Of TCP or UDP, which must then be the protocol. */
  readonly destinationPorts?: readonly [first: number, last: number];
}

const part = (name: string, data: Buffer, revision = 0): Buffer => {
  const bytes = Buffer.alloc((PART.length + data.length + 7) & ~7);
  bytes.writeUInt16LE(bytes.length, PART.size);
  bytes.write(name, PART.name, 'latin1');
  bytes.writeUInt8(revision, PART.revision);
  data.copy(bytes, PART.length);
  return bytes;
};

const verdict = (value: number): Buffer => {
  const data = Buffer.alloc(4);
  data.writeInt32LE(value);
  return part('', data);
};

/** `struct nf_nat_ipv4_multi_range_compat` with one range, which says nothing: the address of the device that the packet came in by. */
const redirect = (): Buffer => {
  const data = Buffer.alloc(20);
  data.writeUInt32LE(1, 0);
  return part('REDIRECT', data);
};

/** The last entry of every table. */
const error = (): Buffer => {
  const data = Buffer.alloc(30);
  data.write('ERROR', 'latin1');
  return part('ERROR', data);
};

/** `struct xt_mark_tginfo2`: all bits of the mark are set anew. */
const marking = (mark: number): Buffer => {
  const data = Buffer.alloc(8);
  data.writeUInt32LE(mark, 0);
  data.writeUInt32LE(0xffff_ffff, 4);
  return part('MARK', data, 2);
};

/** `struct xt_tcp`, `struct xt_udp`: any source port, these destination ports. */
const ports = (protocol: number, [first, last]: readonly [number, number]): Buffer => {
  const data = Buffer.alloc(12);
  data.writeUInt16LE(0xffff, 2);
  data.writeUInt16LE(first, 4);
  data.writeUInt16LE(last, 6);
  return part(protocol === TCP ? 'tcp' : 'udp', data);
};

const prefix = (text: string): { readonly network: number; readonly mask: number } => {
  const { address, mask } = parsePrefix(text.includes('/') ? text : `${text}/32`);
  return { network: (address & mask) >>> 0, mask };
};

const entry = ({ source, destination, protocol = 0, destinationPorts }: Match, action: Buffer): Buffer => {
  const bytes = Buffer.alloc(ENTRY.length);
  if (source !== undefined) {
    bytes.writeUInt32BE(prefix(source).network, ENTRY.source);
    bytes.writeUInt32BE(prefix(source).mask, ENTRY.sourceMask);
  }
  if (destination !== undefined) {
    bytes.writeUInt32BE(prefix(destination).network, ENTRY.destination);
    bytes.writeUInt32BE(prefix(destination).mask, ENTRY.destinationMask);
  }
  const match = destinationPorts === undefined ? Buffer.alloc(0) : ports(protocol, destinationPorts);
  bytes.writeUInt16LE(protocol, ENTRY.protocol);
  bytes.writeUInt16LE(ENTRY.length + match.length, ENTRY.target);
  bytes.writeUInt16LE(ENTRY.length + match.length + action.length, ENTRY.next);
  return Buffer.concat([bytes, match, action]);
};

/** A table of chains in the order of their hooks, each with its rules and then its policy, which is to accept. It replaces one without rules. */
const table = (
  name: string,
  hooks: readonly Hook[],
  rules: Readonly<Partial<Record<Hook, readonly Buffer[]>>>,
): Buffer => {
  const header = Buffer.alloc(HEADER.length);
  const entries: Buffer[] = [];
  let size = 0;
  let validHooks = 0;
  const add = (bytes: Buffer): number => {
    entries.push(bytes);
    size += bytes.length;
    return size - bytes.length;
  };
  for (const hook of hooks) {
    validHooks |= 1 << hook;
    header.writeUInt32LE(size, HEADER.hookEntries + 4 * hook);
    rules[hook]?.forEach(add);
    header.writeUInt32LE(add(entry({}, verdict(ACCEPT))), HEADER.underflows + 4 * hook);
  }
  add(entry({}, error()));
  header.write(name, 'latin1');
  header.writeUInt32LE(validHooks, HEADER.validHooks);
  header.writeUInt32LE(entries.length, HEADER.entries);
  header.writeUInt32LE(size, HEADER.size);
  header.writeUInt32LE(hooks.length + 1, HEADER.oldEntries);
  return Buffer.concat([header, ...entries]);
};

/** `iptables -t nat -A PREROUTING -d ADDRESS -j REDIRECT` */
export const redirectTable = (address: string): Buffer =>
  table('nat', [HOOKS.preRouting, HOOKS.localIn, HOOKS.localOut, HOOKS.postRouting], {
    [HOOKS.preRouting]: [entry({ destination: address }, redirect())],
  });

/** `iptables -A INPUT -p icmp -j DROP`, and the same for OUTPUT. */
export const icmpDroppingTable = (): Buffer =>
  table('filter', [HOOKS.localIn, HOOKS.forward, HOOKS.localOut], {
    [HOOKS.localIn]: [entry({ protocol: ICMP }, verdict(DROP))],
    [HOOKS.localOut]: [entry({ protocol: ICMP }, verdict(DROP))],
  });

/** `iptables -t mangle -A PREROUTING … -j MARK --set-mark MARK` for each rule; ports without a protocol are those of TCP and of UDP. */
export const markingTable = (rules: readonly MarkRule[]): Buffer =>
  table('mangle', [HOOKS.preRouting, HOOKS.localIn, HOOKS.forward, HOOKS.localOut, HOOKS.postRouting], {
    [HOOKS.preRouting]: rules.flatMap(({ mark, protocol, ...match }) => {
      if (protocol !== undefined) return [entry({ ...match, protocol: PROTOCOLS[protocol] }, marking(mark))];
      if (match.destinationPorts === undefined) return [entry(match, marking(mark))];
      return [TCP, UDP].map((number) => entry({ ...match, protocol: number }, marking(mark)));
    }),
  });
