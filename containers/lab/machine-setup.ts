import { settingPath } from '../../conformance/targets/kernel/setting-path.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { MachineDeclaration, Topology } from '../topologies/topology.ts';

const isIpv6 = (address: string): boolean => address.includes(':');

/** What every machine's stack is like: it neither waits for its addresses to be found unique nor takes advice from routers. */
const SYSCTLS: Readonly<Record<string, string>> = {
  'ipv6.conf.all.disable_ipv6': '0',
  'ipv6.conf.default.disable_ipv6': '0',
  'ipv6.conf.all.accept_dad': '0',
  'ipv6.conf.default.accept_dad': '0',
  'ipv6.conf.all.accept_ra': '0',
  'ipv6.conf.default.accept_ra': '0',
  'ipv4.ip_forward': '0',
  'ipv4.conf.all.rp_filter': '0',
  'ipv4.conf.default.rp_filter': '0',
};

/** What a kernel is like that is to say nothing on its interfaces. */
const BARE: Readonly<Record<string, string>> = {
  'ipv4.ip_forward': '0',
  'ipv6.conf.all.disable_ipv6': '1',
  'ipv6.conf.default.disable_ipv6': '1',
};

/** The line of `sh` that lets a container write the settings of its own network namespace, which engines forbid. */
export const WRITABLE_SETTINGS = 'mount -o remount,rw /proc/sys';

/** The line of `sh` that turns off whatever would leave checksums or segments of captured frames unfinished. */
export const withoutOffloads = (device: string): string =>
  `ethtool -K ${device} rx off tx off sg off tso off gso off gro off >/dev/null 2>&1 || true`;

/**
 * The lines of `sh` that make a kernel with bare interfaces the declared machine. Device `tunl0` is there as soon as the kernel has `ipip`.
 */
export function machineSetup({ virtualAddress, virtualAddress6 }: Topology, machine: MachineDeclaration): string[] {
  const { interfaces, routes, virtualAddressesOn: device, sysctls = {} } = machine;
  return [
    ...Object.entries(SYSCTLS).map(writeSysctl),
    'ip link set lo up',
    ...(device === 'tunl0' ? tunnelEnds(interfaces) : []),
    ...Object.entries(sysctls).map(writeSysctl),
    ...interfaces.flatMap(({ name, addresses }) => [
      ...addresses.map((address) => `ip address add ${address} dev ${name}${isIpv6(address) ? ' nodad' : ''}`),
      `ip link set ${name} up`,
      // A guest's driver puts segments together that arrive in a row: its kernel would then speak of packets that never were on a wire.
      withoutOffloads(name),
    ]),
    ...(device === undefined
      ? []
      : [`ip address add ${virtualAddress}/32 dev ${device}`, `ip address add ${virtualAddress6}/128 dev lo nodad`]),
    ...routes.map(({ destination, via }) => `ip ${isIpv6(via) ? '-6 ' : ''}route add ${destination} via ${via}`),
  ];
}

/** Devices that unwrap what is for this machine, whoever wrapped it. That of IPv6 which the kernel brings along, ip6tnl0, drops everything. */
function tunnelEnds(interfaces: MachineDeclaration['interfaces']): string[] {
  const addresses = interfaces.flatMap(({ addresses: each }) => each).filter(isIpv6);
  return [
    'ip link set tunl0 up',
    ...addresses.flatMap((address, index) => [
      `ip -6 tunnel add tunl6-${index} mode ip6ip6 remote any local ${address.split('/')[0] ?? ''}`,
      `ip link set tunl6-${index} up`,
    ]),
  ];
}

/** The line that writes a setting, named as {@link settingPath} has it. */
export function writeSysctl([name, value]: readonly [string, string]): string {
  return `echo ${value} >${settingPath(name)}`;
}

/** The lines that leave a container's interfaces to a program, or a kernel of its own, that takes whole frames from them. */
export function bareInterfaces({ interfaces }: MachineDeclaration): string[] {
  return [
    ...Object.entries(BARE).map(writeSysctl),
    ...interfaces.map((declaration) => `ip link set ${declaration.name} address ${macOf(declaration)} arp off up`),
  ];
}
