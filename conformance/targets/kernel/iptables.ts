/**
 * Tables of iptables as the kernel takes them (`linux/netfilter_ipv4/ip_tables.h`: `struct ipt_replace`, `struct ipt_entry`), for 64 bits
 * and little-endian. A guest has no iptables program, and needs two rules.
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
const ENTRY = { destination: 4, destinationMask: 12, protocol: 80, target: 88, next: 90, length: 112 } as const;
/** A target begins with its size and its name, `struct xt_entry_target`. */
const TARGET_HEADER = 32;

const HOOKS = { preRouting: 0, localIn: 1, forward: 2, localOut: 3, postRouting: 4 } as const;
type Hook = (typeof HOOKS)[keyof typeof HOOKS];

/** Verdicts of the standard target, `-NF_ACCEPT - 1` and `-NF_DROP - 1`. */
const ACCEPT = -2;
const DROP = -1;
const ICMP = 1;

interface Match {
  readonly destination?: string;
  readonly protocol?: number;
}

const target = (name: string, data: Buffer): Buffer => {
  const bytes = Buffer.alloc((TARGET_HEADER + data.length + 7) & ~7);
  bytes.writeUInt16LE(bytes.length, 0);
  bytes.write(name, 2, 'latin1');
  data.copy(bytes, TARGET_HEADER);
  return bytes;
};

const verdict = (value: number): Buffer => {
  const data = Buffer.alloc(4);
  data.writeInt32LE(value);
  return target('', data);
};

/** `struct nf_nat_ipv4_multi_range_compat` with one range, which says nothing: the address of the device that the packet came in by. */
const redirect = (): Buffer => {
  const data = Buffer.alloc(20);
  data.writeUInt32LE(1, 0);
  return target('REDIRECT', data);
};

/** The last entry of every table. */
const error = (): Buffer => {
  const data = Buffer.alloc(30);
  data.write('ERROR', 'latin1');
  return target('ERROR', data);
};

const entry = ({ destination, protocol = 0 }: Match, action: Buffer): Buffer => {
  const bytes = Buffer.alloc(ENTRY.length);
  if (destination !== undefined) {
    Buffer.from(destination.split('.').map(Number)).copy(bytes, ENTRY.destination);
    bytes.writeUInt32LE(0xffff_ffff, ENTRY.destinationMask);
  }
  bytes.writeUInt16LE(protocol, ENTRY.protocol);
  bytes.writeUInt16LE(ENTRY.length, ENTRY.target);
  bytes.writeUInt16LE(ENTRY.length + action.length, ENTRY.next);
  return Buffer.concat([bytes, action]);
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
