import { MalformedInput } from './errors.ts';
import type { Choices, Profile } from './profile.ts';

/** What the oldest kernel known here does: Linux 5.10. */
const OLDEST: Choices = {
  tcp: 'linux',
  tunnelAndDirectRouteDecrementTtl: true,
  tunnelErrors: 'as they are',
  tunnelErrorMtu: 'less an IP header',
  quotedLaterFragmentHasPorts: true,
  damagedErrors: 'dropped',
  ipv6Checksums: 'mistaken',
  tcpFlagsOfIpv6: 'behind the IPv6 header',
  believesReservedSources: true,
  quiescentServerIsLeft: 'with conn_reuse_mode',
  accounting: 'classic',
  connectionTable: 'fixed',
  invalidTemplatesKeepTheirPort: false,
  missingSettings: ['vs.run_estimation'],
  zeroGreChecksum: 0,
  ticksPerSecond: 100,
  largeFtpNumbers: 'wrapped',
  repeatedFtpReplies: 'as they are',
  oddSynchronisedFlags: 'taken',
  oddTemplateStates: 'taken',
};

interface Change {
  /** Its title in the kernel's history. */
  readonly title: string;
  /** First version that has it, one for each branch that got it after its first release; later branches have it from the beginning. */
  readonly since: readonly string[];
  readonly choices: Partial<Choices>;
}

/**
 * What changed in the kernel's IPVS that a packet or a listing can show (stable changelogs, https://cdn.kernel.org/pub/linux/kernel/). Of a
 * branch that is not named and older than the last that is, nothing is known: it counts as without the change.
 */
const CHANGES: readonly Change[] = [
  {
    title: 'ip_gre: add csum offload support for gre header',
    since: ['5.12'],
    choices: { zeroGreChecksum: 0xffff },
  },
  {
    title: 'netfilter: ipvs: Fix reuse connection if RS weight is 0',
    since: ['5.10.83', '5.15.6'],
    choices: { quiescentServerIsLeft: 'always' },
  },
  {
    title: 'ipvs: add sysctl_run_estimation to support disable estimation',
    since: ['5.15'],
    choices: { missingSettings: [] },
  },
  {
    title: 'ipvs: fix PMTU for GUE/GRE tunnel ICMP errors',
    since: ['6.1.178', '6.12.97', '7.2'],
    choices: { tunnelErrorMtu: 'less its headers' },
  },
  {
    title: 'ipvs: fix the checksum validations',
    since: ['6.1.183', '6.12.103', '7.2'],
    choices: { damagedErrors: 'dropped under VS/NAT', ipv6Checksums: 'verified' },
  },
  {
    title: 'ipvs: do not mangle ICMP replies for non-first fragments',
    since: ['6.1.183', '6.12.103', '7.2'],
    choices: { quotedLaterFragmentHasPorts: false },
  },
  {
    title: 'ipvs: add totalconns for dest; ipvs: properly update the overload flag on dest edit',
    since: ['6.1.183', '6.12.104', '7.2'],
    choices: { accounting: 'current' },
  },
  {
    title: 'ipvs: fix integer overflow in ftp helper port/address parsing',
    since: ['6.1.188', '6.12.110', '7.2'],
    choices: { largeFtpNumbers: 'refused' },
  },
  {
    title: 'ipvs: reject invalid states in connection template sync records',
    since: ['6.1.189', '6.12.111', '7.2.7'],
    choices: { oddTemplateStates: 'refused' },
  },
  {
    title: 'ipvs: filter some flags received in the backup server',
    since: ['6.1.191', '6.12.113', '7.2.10'],
    choices: { oddSynchronisedFlags: 'refused' },
  },
  {
    title: 'ipvs: the state machines find the transport header of IPv6',
    since: ['6.1.188', '6.12.110', '7.2'],
    choices: { tcpFlagsOfIpv6: 'in the TCP header' },
  },
  {
    title: 'ipvs: use resizable hash table for connections',
    since: ['7.2'],
    choices: { connectionTable: 'grows', invalidTemplatesKeepTheirPort: true },
  },
];

/** Major and minor number name the branch, the third counts its stable releases. */
interface Version {
  readonly branch: readonly [major: number, minor: number];
  readonly stable: number;
}

/**
 * What the kernel IPVS of a version does, named as `uname -r` names it; without a third number it is the branch's first release. Versions of
 * a branch that do the same have one profile, with the first of them in its id.
 * @throws {MalformedInput} for what is no version
 */
export function linuxProfile(release: string): Profile {
  const { branch, stable } = parseVersion(release);
  const changes = CHANGES.filter(({ since }) => has({ branch, stable }, since.map(parseVersion)));
  const boundaries = CHANGES.flatMap(({ since }) => since.map(parseVersion))
    .filter((first) => compareBranches(first, { branch }) === 0)
    .map((first) => first.stable)
    .sort((a, b) => a - b);
  const name = branch.join('.');
  const first = boundaries.findLast((boundary) => boundary <= stable) ?? 0;
  const next = boundaries.find((boundary) => boundary > stable);
  const range = [
    `Linux ${name}`,
    ...(first === 0 ? [] : [`from ${name}.${first} on`]),
    ...(next === undefined ? [] : [`before ${name}.${next}`]),
  ];
  return {
    ...changes.reduce((choices, change) => ({ ...choices, ...change.choices }), OLDEST),
    id: first === 0 ? `linux-${name}` : `linux-${name}.${first}`,
    description: `what kernel IPVS does (${range.join(', ')})`,
  };
}

/** Whether a version has what came into its branch, or an older one, with one of these. */
function has({ branch, stable }: Version, since: readonly Version[]): boolean {
  const own = since.find((first) => compareBranches(first, { branch }) === 0);
  return own === undefined ? since.every((first) => compareBranches(first, { branch }) < 0) : stable >= own.stable;
}

function compareBranches(
  { branch: left }: Pick<Version, 'branch'>,
  { branch: right }: Pick<Version, 'branch'>,
): number {
  return left[0] - right[0] || left[1] - right[1];
}

function parseVersion(release: string): Version {
  const [, major, minor, stable = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])/.exec(release) ?? [];
  if (major === undefined || minor === undefined) {
    throw new MalformedInput(`'${release}' is no version of a kernel; one is 6.1.176 or 6.12`);
  }
  return { branch: [Number(major), Number(minor)], stable: Number(stable) };
}
