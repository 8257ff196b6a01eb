import { speaksIpv6, type Environment, type PortConfiguration } from '../../../reference/environment.ts';
import type { Operation } from './agent.ts';
import type { Device } from './guest.ts';
import { markingTable } from './iptables.ts';
import { settingPath } from './setting-path.ts';
import { addLocalRoute, addMarkedTable, addAddress, addRoute, changeLink } from './netlink.ts';

const LOOPBACK_INDEX = 1;
/** The agent is the guest's first process. */
const AGENT_PID = 1;
/** A host without any address would answer no barrier: the dummy address of RFC 7600 disturbs nobody. */
const DUMMY_ADDRESS = '192.0.0.8';

/** The director's settings before the environment's own; `default` is what devices take over when they come into the namespace. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['ip_forward', '1'],
  ['conf.all.rp_filter', '0'],
  ['conf.default.rp_filter', '0'],
  ['conf.all.send_redirects', '0'],
  ['conf.default.send_redirects', '0'],
  ['icmp_ratelimit', '0'],
];

/**
 * The same for IPv6, which a new namespace has switched off. The guest says nothing that is not about a packet: it neither asks whether
 * others have its addresses nor for routers, so that it has its link-local address (RFC 4291 §2.5.1, from the MAC address) at once.
 */
const IPV6_SETTINGS: readonly (readonly [string, string])[] = [
  ['conf/default/accept_dad', '0'],
  ['conf/default/accept_ra', '0'],
  ['conf/all/forwarding', '1'],
  ['icmp/ratelimit', '0'],
  // Last: the loopback device comes up with it.
  ['conf/all/disable_ipv6', '0'],
];

/** Writes a setting, named as {@link settingPath} has it. */
export const writeSetting = (name: string, value: string): Operation => ['write', settingPath(name), value];

/** An operation, and what of the environment it puts into effect: for the message when the guest refuses it. */
export interface SetupStep {
  readonly what: string;
  readonly operation: Operation;
}

export interface ConfiguredPort {
  readonly configuration: PortConfiguration;
  readonly device: Device;
}

/** The director's own address that answers a port's barriers. */
export const barrierAddress = (environment: Environment, { addresses }: PortConfiguration): string =>
  ([...addresses, ...environment.virtualAddresses].find(isIpv4) ?? DUMMY_ADDRESS).split('/')[0] ?? DUMMY_ADDRESS;

const isIpv4 = (address: string): boolean => !address.includes(':');
const hostPrefix = (address: string): string => `${address.replace(/\/.*/, '')}/${isIpv4(address) ? 32 : 128}`;

/**
 * The steps that make a new network namespace the environment's host. Where MAC addresses are derived, every address is on link on port
 * 0: then a port's addresses bring no network of their own.
 */
export const hostSetup = (environment: Environment, ports: readonly ConfiguredPort[]): SetupStep[] => {
  const derived = environment.neighbours === 'derived';
  const [first] = ports;
  const virtual = environment.virtualAddresses.filter(isIpv4);
  const virtual6 = environment.virtualAddresses.filter((address) => !isIpv4(address));
  const isAddressless = virtual.length === 0 && environment.ports.some(({ addresses }) => !addresses.some(isIpv4));
  const local = [...virtual, ...(isAddressless ? [DUMMY_ADDRESS] : [])];
  const here = (what: string, message: Buffer): SetupStep => ({ what, operation: ['netlink', 'here', message] });
  return [
    { what: 'a network namespace', operation: ['namespace'] },
    ...SETTINGS.map(([name, value]) => ({ what: `setting ${name}`, operation: writeSetting(name, value) })),
    ...(speaksIpv6(environment) ? IPV6_SETTINGS : []).map(([name, value]): SetupStep => ({
      what: `IPv6 setting ${name}`,
      operation: ['write', `/proc/sys/net/ipv6/${name}`, value],
    })),
    ...ports.map(({ configuration: { name, mac, mtu }, device: { index } }): SetupStep => ({
      what: `port ${name}`,
      operation: [
        'netlink',
        'home',
        changeLink(index, { namespace: { pid: AGENT_PID }, newIndex: index, name, mac, mtu }),
      ],
    })),
    here('the loopback device', changeLink(LOOPBACK_INDEX, { up: true })),
    ...local.map((address) => here(`virtual address ${address}`, addAddress(LOOPBACK_INDEX, `${address}/32`))),
    ...ports.flatMap(({ configuration: { name, addresses }, device: { index } }) => [
      here(`port ${name}`, changeLink(index, { up: true })),
      ...addresses.map((address) =>
        here(`address ${address}`, addAddress(index, derived ? hostPrefix(address) : address)),
      ),
      ...virtual6.map((address) =>
        here(`virtual address ${address}`, addAddress(index, hostPrefix(address), 'deprecated')),
      ),
    ]),
    ...(derived
      ? first === undefined
        ? []
        : (speaksIpv6(environment) ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0']).map((everything) =>
            here('the route to everything', addRoute(everything, { index: first.device.index })),
          )
      : environment.routes.map(({ destination, via }) =>
          here(`route ${destination} via ${via}`, addRoute(destination, { via })),
        )),
    ...(environment.localRoutes ?? []).flatMap(({ destination, mark }, index) =>
      mark === undefined
        ? [here(`local route ${destination}`, addLocalRoute(destination, LOOPBACK_INDEX))]
        : [
            here(`local route ${destination}`, addLocalRoute(destination, LOOPBACK_INDEX, index)),
            here(`the table of mark ${mark}`, addMarkedTable(mark, index)),
          ],
    ),
    ...(environment.marks === undefined || environment.marks.length === 0
      ? []
      : [{ what: 'marks', operation: ['iptables', markingTable(environment.marks)] } as const]),
    ...Object.entries(environment.sysctls).map(([name, value]) => ({
      what: `setting ${name}=${value}`,
      operation: writeSetting(name, value),
    })),
  ];
};

/** Steps that take the ports down and give their devices back. The devices' counters are read between the two halves. */
export const hostTeardown = (
  ports: readonly ConfiguredPort[],
  home: number,
): { readonly down: Operation[]; readonly back: Operation[] } => ({
  down: ports.map(({ device }): Operation => ['netlink', 'here', changeLink(device.index, { up: false })]),
  back: ports.map(({ device: { index, name } }): Operation => [
    'netlink',
    'here',
    changeLink(index, { namespace: { file: home }, newIndex: index, name }),
  ]),
});
