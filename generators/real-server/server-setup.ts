/** Devices that can hold the virtual address: the loopback device, a dummy one, the tunnel's, and the wire's own. */
export type AddressDevice = 'lo' | 'dummy0' | 'tunl0' | 'eth0';

/** How a machine is arranged as a real server. The network around it is {@link SERVER_NETWORK}. */
export interface ServerSetup {
  /** Lower case with dashes. */
  readonly id: string;
  readonly title: string;
  /** The forwarding methods that it is meant for. */
  readonly methods: readonly ServerMethod[];
  /** The device with the virtual address; null: none has it. */
  readonly virtualAddressOn: AddressDevice | null;
  /** Packets for the virtual address are handed to a local socket though no device has it (netfilter's REDIRECT). */
  readonly redirect: boolean;
  /** A tunnel device that unwraps IPIP is up. */
  readonly tunnel: boolean;
  readonly gateway: 'router' | 'director';
  /** Of the Ethernet device, in bytes. */
  readonly mtu: number;
  /** A firewall drops every ICMP message. */
  readonly dropsIcmp: boolean;
  /** Its UDP service answers from the address that was asked, as it must, or from that of the wire, as an unbound socket does. */
  readonly datagramsFrom: 'asked' | 'own';
  /** Kernel settings by name below `net.ipv4`; the Ethernet device is `eth0`. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** VS/NAT stands alone: its servers have the director as gateway, those of the others do not (paper P10). */
export type ServerMethod = 'nat' | 'direct-route' | 'tunnel';

/** Settings that hide the virtual address from ARP: not answered for, not told of (ip-sysctl.rst). */
export const HIDDEN_FROM_ARP = { 'conf.all.arp_ignore': '1', 'conf.all.arp_announce': '2' } as const;

type Choice = Pick<ServerSetup, 'id' | 'title'> & Partial<ServerSetup>;

/** A set-up with what is named; the rest is as on a server that has nothing but a service and the right gateway. */
export function serverSetup(choice: Choice): ServerSetup {
  return {
    methods: ['direct-route', 'tunnel'],
    virtualAddressOn: null,
    redirect: false,
    tunnel: false,
    gateway: 'router',
    mtu: 1500,
    dropsIcmp: false,
    datagramsFrom: 'asked',
    sysctls: {},
    ...choice,
  };
}
