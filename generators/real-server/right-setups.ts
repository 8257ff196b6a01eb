import { HIDDEN_FROM_ARP, type ServerSetup, serverSetup } from './server-setup.ts';

/** Set-ups that live up to what the papers ask of a real server, by where the virtual address is. */
export const RIGHT_SETUPS: readonly ServerSetup[] = [
  serverSetup({
    id: 'private',
    title: 'a server that knows of no virtual address, behind the director',
    methods: ['nat'],
    gateway: 'director',
  }),
  serverSetup({
    id: 'loopback-alias',
    title: 'the virtual address on lo, hidden from ARP',
    virtualAddressOn: 'lo',
    tunnel: true,
    sysctls: HIDDEN_FROM_ARP,
  }),
  serverSetup({
    id: 'dummy-alias',
    title: 'the virtual address on a dummy device, hidden from ARP',
    methods: ['direct-route'],
    virtualAddressOn: 'dummy0',
    sysctls: HIDDEN_FROM_ARP,
  }),
  serverSetup({
    id: 'tunnel-alias',
    title: 'the virtual address on the tunnel device, sources validated loosely',
    methods: ['tunnel'],
    virtualAddressOn: 'tunl0',
    tunnel: true,
    sysctls: { ...HIDDEN_FROM_ARP, 'conf.tunl0.rp_filter': '2' },
  }),
  serverSetup({
    id: 'redirect',
    title: 'no device with the virtual address: its packets are redirected to a local socket',
    methods: ['direct-route'],
    redirect: true,
  }),
];
