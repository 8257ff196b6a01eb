import { arp } from '../../harness/layers.ts';
import type { Case } from '../../harness/case.ts';

export const cases: readonly Case[] = [
  {
    id: 'arp/virtual-address-answered',
    title: 'The director answers ARP for the virtual address',
    requirement:
      "The virtual address is the director's on the clients' network: it answers the request for its hardware address.",
    source: ['paper P4, P31', 'RFC 826'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script(lab) {
      const { client, director, vip } = lab;
      lab.equal('MAC address of the virtual address', await client.arps(vip), director.client.mac);
      client.receives(
        arp({
          operation: 2,
          senderMac: director.client.mac,
          senderAddress: vip,
          targetMac: client.mac,
          targetAddress: client.address,
        }),
      );
    },
  },
];
