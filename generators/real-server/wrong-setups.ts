import { RIGHT_SETUPS } from './right-setups.ts';
import { HIDDEN_FROM_ARP, type ServerSetup, serverSetup } from './server-setup.ts';

/** A set-up with one mistake, and what must find it. */
export interface WrongSetup {
  readonly setup: ServerSetup;
  /** Requirements that it fails, by the ends of the cases' ids; it may fail others in consequence. */
  readonly fails: readonly string[];
}

const right = RIGHT_SETUPS.find(({ id }) => id === 'loopback-alias') ?? serverSetup({ id: '', title: '' });

/** The right set-up with the virtual address on lo, and one change. */
const wrong = (change: Pick<ServerSetup, 'id' | 'title'> & Partial<ServerSetup>, ...fails: string[]): WrongSetup => ({
  setup: { ...right, ...change },
  fails,
});

/** The mistakes that users of the Linux Virtual Server make: a case that none of them fails is no test of a set-up. */
export const WRONG_SETUPS: readonly WrongSetup[] = [
  {
    setup: serverSetup({
      id: 'gateway-router',
      title: 'its gateway is a router though the director translates: responses are not translated back',
      methods: ['nat'],
    }),
    fails: ['nat-request', 'nat-datagram'],
  },
  wrong(
    {
      id: 'arp-answered',
      title: 'arp_ignore 0: it answers ARP for an address of lo',
      sysctls: { 'conf.all.arp_announce': '2' },
    },
    'arp-unanswered',
  ),
  wrong(
    { id: 'ethernet-alias', title: 'the virtual address on the Ethernet device itself', virtualAddressOn: 'eth0' },
    'arp-unanswered',
  ),
  wrong(
    {
      id: 'arp-announced',
      title: 'arp_announce 0: its ARP requests come from the virtual address',
      sysctls: { 'conf.all.arp_ignore': '1' },
    },
    'arp-unannounced',
  ),
  wrong(
    {
      id: 'strict-source-validation',
      title: 'rp_filter 1: what the tunnel device unwraps is dropped',
      sysctls: { ...HIDDEN_FROM_ARP, 'conf.all.rp_filter': '1' },
    },
    'tunnel-request',
  ),
  wrong(
    {
      id: 'loose-source-validation',
      title: 'rp_filter 2 with a tunnel device that has no address: what it unwraps is dropped',
      sysctls: { ...HIDDEN_FROM_ARP, 'conf.tunl0.rp_filter': '2' },
    },
    'tunnel-request',
  ),
  wrong(
    { id: 'no-virtual-address', title: 'no device has the virtual address', virtualAddressOn: null },
    'direct-route-request',
    'tunnel-request',
  ),
  wrong({ id: 'no-tunnel-device', title: 'no tunnel device is up', tunnel: false }, 'tunnel-request'),
  wrong(
    { id: 'gateway-director', title: 'its gateway is the director, as under VS/NAT', gateway: 'director' },
    'direct-route-request',
    'direct-route-datagram',
  ),
  wrong(
    {
      id: 'own-source',
      title: 'its UDP socket is bound to no address: answers come from that of the wire',
      datagramsFrom: 'own',
    },
    'direct-route-datagram',
    'tunnel-datagram',
  ),
  wrong(
    { id: 'icmp-dropped', title: 'a firewall drops ICMP: path MTU discovery is blind', dropsIcmp: true },
    'direct-route-path-mtu',
    'direct-route-echo',
  ),
  wrong(
    { id: 'mtu-too-large', title: 'an MTU of 9000 on a LAN of 1500', mtu: 9000 },
    'direct-route-largest-segment',
    'direct-route-large-datagram',
  ),
];
