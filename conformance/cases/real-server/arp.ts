import { arp, ip, payload, udp } from '../../harness/layers.ts';
import type { Requirement } from './requirement.ts';

/** Under VS/NAT the server has no virtual address to hide. */
const HIDDEN = ['direct-route', 'tunnel'] as const;

export const requirements: readonly Requirement[] = [
  {
    name: 'arp-unanswered',
    methods: HIDDEN,
    title: 'ARP for the virtual address is left to the director',
    requirement:
      "The server's virtual address sits on a device that does not answer ARP: only the director's is visible. For its own address the server answers.",
    source: ['paper P31', 'RFC 826', 'ip-sysctl.rst, arp_ignore', 'harnesses 44'],
    level: 'core',
    tags: ['arp'],
    async script(lab) {
      const { neighbour, router, server, vip } = lab;
      lab.equal("MAC address of the server's own address", await neighbour.arps(server.address), server.mac);
      lab.equal('MAC address that the server gives for the virtual one', (await neighbour.arps(vip)) ?? 'none', 'none');
      lab.equal('and gives the router', (await router.arps(vip)) ?? 'none', 'none');
    },
  },
  {
    name: 'arp-unannounced',
    methods: HIDDEN,
    title: 'The server asks by ARP in its own name',
    requirement:
      'Who gets an ARP request learns its sender (RFC 826): one from the virtual address would draw the requests past the director.',
    source: ['paper P31', 'RFC 826', 'ip-sysctl.rst, arp_announce', 'arp.c:arp_solicit', 'harnesses 44'],
    level: 'core',
    tags: ['arp'],
    async script(lab) {
      const { client, neighbour, router, server, setup, vip } = lab;
      const [method = 'direct-route'] = setup.methods;
      const ports = { sourcePort: 40001, destinationPort: 80 };
      await lab.forwards(method, ip({ source: client, destination: vip }), udp(ports), payload('who is there?'));
      router.receives(
        arp({ operation: 1, senderMac: server.mac, senderAddress: server.address, targetAddress: router.address }),
      );
      lab.answers(udp({ sourcePort: 80, destinationPort: 40001 }), payload('who is there?'));
      for (const host of [router, neighbour]) host.receivesNoArp(arp({ senderAddress: vip }));
    },
  },
];
