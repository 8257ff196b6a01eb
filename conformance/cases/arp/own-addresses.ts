import type { Case } from '../../harness/case.ts';
import { arp, ethernet } from '../../harness/layers.ts';

const REQUEST = 1;
const REPLY = 2;

export const cases: readonly Case[] = [
  {
    id: 'arp/own-address-answered',
    title: 'The director answers ARP for its own addresses, each on its wire',
    requirement: 'The host that has the address asked for answers with its hardware address, to whoever asked.',
    source: ['RFC 826'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script(lab) {
      const { client, director, servers } = lab;
      lab.equal("MAC address on the clients' wire", await client.arps(director.client.address), director.client.mac);
      client.receives(
        ethernet({ source: director.client.mac, destination: client.mac }),
        arp({
          operation: REPLY,
          senderMac: director.client.mac,
          senderAddress: director.client.address,
          targetMac: client.mac,
          targetAddress: client.address,
        }),
      );
      lab.equal(
        "MAC address on the servers' wire",
        await servers[0].arps(director.server.address),
        director.server.mac,
      );
    },
  },
  {
    id: 'arp/other-addresses-not-answered',
    title: 'The director answers ARP for no address but its own',
    requirement:
      'Only the host that has an address answers for it: not the director for a server, for a neighbour of the virtual address, or for nobody.',
    source: ['RFC 826', 'paper P31'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
      -A -t 10.0.0.101:80 -s rr
      -a -t 10.0.0.101:80 -r 192.168.1.11:80 -m -w 1
    `,
    async script(lab) {
      const { client, director, vip } = lab;
      // 10.0.0.101 has a service, but is no address of the director's.
      for (const address of [
        '10.0.0.77',
        '10.0.0.99',
        '10.0.0.101',
        '192.168.1.11',
        '10.0.0.255',
        '127.0.0.1',
        '0.0.0.0',
      ]) {
        await client.sends(arp({ operation: REQUEST, targetAddress: address }));
        client.receivesNoArp(arp({ operation: REPLY }));
      }
      lab.equal('MAC address of the virtual address', await client.arps(vip), director.client.mac);
    },
  },
  {
    id: 'arp/reply-not-answered',
    title: 'An ARP reply is not answered',
    requirement: 'Only a request is answered, whatever address a reply is about.',
    source: ['RFC 826'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script(lab) {
      const { client, director, vip } = lab;
      const targetMac = director.client.mac;
      await client.sends(arp({ operation: REPLY, targetMac, targetAddress: vip }));
      await client.sends(arp({ operation: REPLY, targetMac, targetAddress: director.client.address }));
      client.receivesNoArp(arp());
      lab.equal('MAC address of the virtual address', await client.arps(vip), director.client.mac);
    },
  },
  {
    id: 'arp/unicast-request',
    title: 'A request that goes to the director alone is answered; one to another host is not',
    requirement:
      'A neighbour may be asked by unicast whether he is still there; a frame for another host is nothing to answer.',
    source: ['RFC 1122 §2.3.2.1', 'RFC 826'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script({ client, director, vip }) {
      const request = arp({
        operation: REQUEST,
        senderMac: client.mac,
        senderAddress: client.address,
        targetAddress: vip,
      });
      await client.sends(ethernet({ destination: '02:00:00:00:00:99' }), request);
      client.receivesNoArp(arp());
      await client.sends(ethernet({ destination: director.client.mac }), request);
      client.receives(
        arp({ operation: REPLY, senderMac: director.client.mac, senderAddress: vip, targetMac: client.mac }),
      );
    },
  },
  {
    id: 'arp/probe-answered',
    title: 'A probe for the virtual address is answered',
    requirement:
      'A host that wants to know whether an address is free asks without one of its own; the owner answers, so that nobody else takes the virtual address.',
    source: ['RFC 5227 §2.1.1, §2.4', 'paper P4'],
    level: 'core',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script({ client, director, vip }) {
      await client.sends(arp({ operation: REQUEST, senderAddress: '0.0.0.0', targetAddress: vip }));
      client.receives(
        arp({ operation: REPLY, senderMac: director.client.mac, senderAddress: vip, targetMac: client.mac }),
      );
    },
  },
  {
    id: 'arp/claimant-not-answered',
    title: 'Whoever claims the virtual address is not answered and not believed',
    requirement:
      "A request that names one of the director's own addresses as its sender gets no answer; the director keeps the address.",
    source: ['arp.c:arp_process', 'fib_frontend.c:fib_validate_source'],
    level: 'ipvs',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script(lab) {
      const { client, director, otherClient, vip } = lab;
      await client.sends(arp({ operation: REQUEST, senderAddress: vip, targetAddress: director.client.address }));
      await client.sends(arp({ operation: REQUEST, senderAddress: vip, targetAddress: vip }));
      client.receivesNoArp(arp({ operation: REPLY }));
      lab.equal('MAC address of the virtual address', await otherClient.arps(vip), director.client.mac);
    },
  },
  {
    id: 'arp/every-address-on-every-wire',
    title: 'The director answers for each of its addresses on each wire',
    requirement:
      "An address belongs to the host, not to an interface: the virtual one and the clients' side's are answered for on the servers' wire too, with the MAC address there.",
    source: ['arp.c:arp_process (arp_ignore 0)', 'RFC 1122 §3.3.4.2'],
    level: 'ipvs',
    tags: ['arp'],
    needs: [],
    rules: '',
    async script(lab) {
      const {
        client,
        director,
        servers: [server],
        vip,
      } = lab;
      for (const address of [vip, director.client.address]) {
        lab.equal(`MAC address of ${address} for servers`, await server.arps(address), director.server.mac);
      }
      lab.equal(
        `MAC address of ${director.server.address} for clients`,
        await client.arps(director.server.address),
        director.client.mac,
      );
    },
  },
];
