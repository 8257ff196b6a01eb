import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { entry, FLAGS, isTold, message } from './messages.ts';

const rulesOf = (option: '-m' | '-g') => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option}
  --start-daemon master --mcast-interface server --syncid 3
`;

const common = {
  level: 'ipvs',
  tags: ['sync', 'master', 'icmp'],
  needs: ['clock'],
  source: ['ip_vs_xmit.c:ip_vs_icmp_xmit'],
} as const;

/** Seconds after which a message has left for sure. */
const SENT = 3;

async function sends({ client, vip, servers }: Lab, flags: string): Promise<void> {
  const segment = tcp({ sourcePort: 40001, destinationPort: 80, flags });
  await client.sends(ip({ destination: vip }), segment);
  servers[0].receives(ip({ source: client.address }), tcp({ sourcePort: 40001, flags }));
}

/** The client speaks of a packet of the server’s that did not reach it. */
async function sendsError({ client, vip, servers }: Lab): Promise<void> {
  const quote = [ip({ source: vip, destination: client.address }), tcp({ sourcePort: 80, destinationPort: 40001 })];
  await client.sends(ip({ destination: vip }), icmp({ type: 3, code: 1 }), ...quote);
  servers[0].receives(ip({ source: client.address }), icmp({ type: 3, code: 1 }));
}

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'sync/error-counts',
    title: 'VS/DR: an ICMP error of the client counts as one of its packets, but is no reason to tell',
    requirement:
      'The packets that sync_threshold counts include errors that pass unchanged: with one of them the second segment is the third packet, at which the connection is told.',
    rules: rulesOf('-g'),
    async script(lab) {
      await sends(lab, 'S');
      await sendsError(lab);
      await sends(lab, 'A');
      await lab.wait(SENT);
      isTold(lab, message([entry({ flags: FLAGS['direct-route'] })]));
    },
  },
  {
    ...common,
    id: 'sync/error-takes-the-turn',
    title: 'VS/DR: where an ICMP error is the third packet, the connection is not told at all',
    requirement:
      'The connection is looked at with segments only: the second and the fourth packet are not the third, so that nothing is told of it.',
    rules: rulesOf('-g'),
    async script(lab) {
      await sends(lab, 'S');
      await sends(lab, 'A');
      await sendsError(lab);
      await sends(lab, 'A');
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await sends(lab, 'R');
      await lab.wait(SENT);
      isTold(lab, message([entry({ flags: FLAGS['direct-route'] | FLAGS.inactive, state: 6, timeout: 10 })]));
    },
  },
  {
    ...common,
    id: 'sync/error-does-not-count-nat',
    title: 'VS/NAT: an ICMP error of the client does not count',
    requirement: 'An error that is translated is none of the packets that sync_threshold counts.',
    rules: rulesOf('-m'),
    async script(lab) {
      await sends(lab, 'S');
      await sends(lab, 'A');
      await sendsError(lab);
      await sends(lab, 'A');
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
    },
  },
];
