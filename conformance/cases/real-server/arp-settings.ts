import { type ServerSetup, serverSetup } from '../../../generators/real-server/server-setup.ts';
import { arp, ip, payload, udp } from '../../harness/layers.ts';
import type { ServerCase } from '../../harness/server-case.ts';

const setupWith = (id: string, title: string, sysctls: Readonly<Record<string, string>>): ServerSetup =>
  serverSetup({ id, title, methods: ['direct-route'], virtualAddressOn: 'lo', sysctls });

/**
 * Settings of `arp_ignore`, and whether the server then answers for the address of lo. With 8 it would not even answer for its own, by which
 * a kernel's guest says that it is done with what it was sent.
 */
const IGNORED = [
  { name: '0', sysctls: {}, virtual: true },
  { name: '1', sysctls: { 'conf.all.arp_ignore': '1' }, virtual: false },
  { name: '1-on-the-wire', sysctls: { 'conf.eth0.arp_ignore': '1' }, virtual: false },
  { name: '1-on-lo', sysctls: { 'conf.lo.arp_ignore': '1' }, virtual: true },
  { name: '2', sysctls: { 'conf.all.arp_ignore': '2' }, virtual: false },
] as const;

/** Settings of `arp_announce`, and whether the server then asks in the name of the virtual address. */
const ANNOUNCED = [
  { name: '0', sysctls: {}, virtual: true },
  { name: '1', sysctls: { 'conf.all.arp_announce': '1' }, virtual: false },
  { name: '2', sysctls: { 'conf.all.arp_announce': '2' }, virtual: false },
  { name: '2-on-the-wire', sysctls: { 'conf.eth0.arp_announce': '2' }, virtual: false },
  { name: '2-on-lo', sysctls: { 'conf.lo.arp_announce': '2' }, virtual: true },
] as const;

export const cases: readonly ServerCase[] = [
  ...IGNORED.map(({ name, sysctls, virtual }): ServerCase => ({
    id: `real-server/arp-ignore-${name}`,
    title: `With arp_ignore ${name.replaceAll('-', ' ')} the server ${virtual ? 'answers' : 'does not answer'} for an address of lo`,
    requirement:
      'arp_ignore 0 answers for every address of the host, 1 for those of the device that was asked, 2 moreover only hosts of its network; the device is the one that the request came in by.',
    source: ['ip-sysctl.rst, arp_ignore', 'arp.c:arp_ignore', 'harnesses 44'],
    level: 'ipvs',
    tags: ['real-server', 'arp'],
    setup: setupWith(`arp-ignore-${name}`, `arp_ignore ${name}`, sysctls),
    async script(lab) {
      const { neighbour, server, vip } = lab;
      lab.equal('answer for the own address', (await neighbour.arps(server.address)) ?? 'none', server.mac);
      lab.equal('answer for the virtual address', (await neighbour.arps(vip)) ?? 'none', virtual ? server.mac : 'none');
    },
  })),
  ...ANNOUNCED.map(({ name, sysctls, virtual }): ServerCase => ({
    id: `real-server/arp-announce-${name}`,
    title: `With arp_announce ${name.replaceAll('-', ' ')} the server asks in the name of ${virtual ? 'the virtual address' : 'its own'}`,
    requirement:
      "arp_announce 0 takes the source of the packet that is to be sent, 1 only one of the target's network, 2 the best address of the device, which is the one that the request leaves by.",
    source: ['ip-sysctl.rst, arp_announce', 'arp.c:arp_solicit', 'harnesses 44'],
    level: 'ipvs',
    tags: ['real-server', 'arp'],
    setup: setupWith(`arp-announce-${name}`, `arp_announce ${name}`, sysctls),
    async script(lab) {
      const { client, router, server, vip } = lab;
      const ports = { sourcePort: 40001, destinationPort: 80 };
      await lab.forwards('direct-route', ip({ source: client, destination: vip }), udp(ports), payload('hello'));
      router.receives(
        arp({ operation: 1, senderAddress: virtual ? vip : server.address, targetAddress: router.address }),
      );
      lab.answers(udp({ sourcePort: 80, destinationPort: 40001 }), payload('hello'));
    },
  })),
];
