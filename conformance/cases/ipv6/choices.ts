import type { Case } from '../../harness/case.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { ip6, tcp } from '../../harness/layers.ts';
import { common, VIP } from './services.ts';

const threeServers = (service: string): string =>
  ['11', '12', '13'].reduce(
    (rules, host) => `${rules}\n-a -t ${VIP}:80 -r [2001:db8:0:2::${host}]:80 -m -w 1`,
    `-A -t ${VIP}:80 ${service}`,
  );

/** Which server a connection from this address gets. */
async function serverOf(lab: Lab, client: Host, source: string, port = 40001): Promise<string> {
  await client.sends(
    ip6({ source, destination: lab.vip6 }),
    tcp({ sourcePort: port, destinationPort: 80, flags: 'S' }),
  );
  return lab.oneOf(lab.servers, [ip6({ source }), tcp()]).host.name;
}

/** Addresses of one /64, which differ in every group of the interface identifier. */
const ADDRESSES = ['2001:db8:0:1::2', '2001:db8:0:1::3', '2001:db8:0:1:a:b:c:d', '2001:db8:0:1:ffff::9'] as const;

export const cases: readonly Case[] = [
  ...['sh', 'mh'].map((scheduler): Case => ({
    ...common,
    level: 'ipvs',
    id: `ipv6/${scheduler}`,
    title: `${scheduler}: an IPv6 address counts as the exclusive or of its four words`,
    requirement: 'The hash of an IPv6 address is that of its four words folded into one.',
    source: [`ip_vs_${scheduler}.c:ip_vs_${scheduler}_hashkey`, 'ipvs-cases J09'],
    rules: threeServers(`-s ${scheduler}`),
    async script(lab) {
      const { client } = lab;
      const chosen: string[] = [];
      for (const source of [...ADDRESSES, ...ADDRESSES])
        chosen.push(await serverOf(lab, client, source, 41000 + chosen.length));
      lab.equal('servers of the same clients again', chosen.slice(ADDRESSES.length), chosen.slice(0, ADDRESSES.length));
    },
  })),
  {
    ...common,
    id: 'ipv6/persistent-client',
    title: 'A persistent service keeps a client with its server, and knows him by all of his address',
    requirement: 'Connections of one client go to one server until his time is over; another client is scheduled anew.',
    source: ['ipvsadm(8) --persistent'],
    needs: ['persistence'],
    rules: threeServers('-s rr -p 300'),
    async script(lab) {
      const { client, otherClient } = lab;
      const first = await serverOf(lab, client, client.address6, 40001);
      const second = await serverOf(lab, otherClient, otherClient.address6, 40001);
      for (const port of [40002, 40003, 40004]) {
        lab.equal(`the server for port ${port}`, await serverOf(lab, client, client.address6, port), first);
      }
      lab.equal('whether the clients have different servers', first === second, false);
    },
  },
  {
    ...common,
    id: 'ipv6/persistent-network',
    title: 'A persistent service with a prefix length takes a network for one client',
    requirement:
      'The netmask of persistence is a prefix length over IPv6: clients that share so many bits of address go to one server, others need not.',
    source: ['ipvsadm(8) --netmask', 'https://github.com/kube-vip/kube-vip/issues/783'],
    needs: ['persistence'],
    rules: threeServers('-s rr -p 300 -M 112'),
    async script(lab) {
      const { client } = lab;
      const inside = ['2001:db8:0:1::2', '2001:db8:0:1::ffff', '2001:db8:0:1::7'];
      const outside = '2001:db8:0:1::1:2';
      const chosen: string[] = [];
      for (const source of inside) chosen.push(await serverOf(lab, client, source));
      lab.equal('number of servers of the network', new Set(chosen).size, 1);
      lab.equal('whether one outside has the same', (await serverOf(lab, client, outside)) === chosen[0], false);
    },
  },
];
