import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip, tcp, udp } from '../../harness/layers.ts';

const COUNT = 200;

/** Makes as many connections, each of as many packets with these flags. */
async function connections(lab: Lab, firstPort: number, flags: readonly string[]): Promise<void> {
  const { client, servers, vip } = lab;
  for (const flag of flags) {
    for (let port = firstPort; port < firstPort + COUNT; port++) {
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: port, destinationPort: 80, flags: flag }));
      servers[0].receives(ip({ destination: vip }));
    }
  }
}

async function datagrams(lab: Lab, firstPort: number, times: number): Promise<void> {
  const { client, servers, vip } = lab;
  for (let time = 0; time < times; time++) {
    for (let port = firstPort; port < firstPort + COUNT; port++) {
      await client.sends(ip({ destination: vip }), udp({ sourcePort: port, destinationPort: 53 }));
      servers[0].receives(ip({ destination: vip }));
    }
  }
}

/** How many connections are left, by their state. */
async function left(lab: Lab, firstPort: number): Promise<number> {
  const ports = (await lab.connections()).map(({ client }) => Number(client.replace(/.*:/, '')));
  return ports.filter((port) => port >= firstPort && port < firstPort + COUNT).length;
}

/** A kernel's clock moves in leaps of up to a twentieth of the wait; a sweep is to come every second. */
async function seconds(lab: Lab, count: number): Promise<void> {
  for (let second = 0; second < count; second++) await lab.wait(1);
}

const common = {
  level: 'ipvs',
  tags: ['defence', 'sysctl', 'time'],
  needs: ['sysctl', 'connections', 'clock', 'direct-route', 'tcp', 'udp'],
  rules: `
    -A -t 10.0.0.100:80 -s rr
    -a -t 10.0.0.100:80 -r 192.168.1.11:80 -g -w 1
    -A -u 10.0.0.100:53 -s rr
    -a -u 10.0.0.100:53 -r 192.168.1.11:53 -g -w 1
  `,
} as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'defence/drop-entry-half-open',
    title: 'drop_entry 3 ends half open connections by chance, and none that are established',
    requirement:
      'Each second a 32nd of the table, chosen at random, is gone through, and connections in SYN_RECV end; ESTABLISHED ones that are in use stay.',
    source: ['ip_vs_conn.c:ip_vs_random_dropentry', 'ipvs-cases E45'],
    async script(lab) {
      await connections(lab, 41000, ['S', 'A']);
      await connections(lab, 42000, ['S']);
      await lab.sysctl('vs.drop_entry', '3');
      await seconds(lab, 20);
      lab.equal('established', await left(lab, 41000), COUNT);
      // 20 sweeps leave (31/32)^20 = 53 % on average; the bounds are more than six standard deviations away.
      lab.within('half open', await left(lab, 42000), 50, 165);
    },
  },
  {
    ...common,
    id: 'defence/drop-entry-rested',
    title: 'drop_entry 3 ends connections that have rested for a minute and got few packets',
    requirement:
      'A UDP or ESTABLISHED connection without a packet for 60 seconds ends when it is met with 1 to 8 packets so far: of those with n packets every nth. One with more stays.',
    source: ['ip_vs_conn.c:ip_vs_random_dropentry, todrop_entry', 'ipvs.md §7.6'],
    async script(lab) {
      await lab.sysctl('vs.drop_entry', '3');
      await datagrams(lab, 41000, 1);
      await datagrams(lab, 42000, 9);
      await seconds(lab, 50);
      lab.equal('before the minute', await left(lab, 41000), COUNT);
      await seconds(lab, 70);
      // 60 sweeps leave (31/32)^60 = 15 %.
      lab.within('with one packet', await left(lab, 41000), 0, 75);
      lab.equal('with nine packets', await left(lab, 42000), COUNT);
    },
  },
  {
    ...common,
    id: 'defence/drop-entry-while-memory-is-short',
    title: 'drop_entry 1 ends connections only while memory is short',
    requirement: 'With `drop_entry` 1 nothing is swept while as many pages are free as `amemthresh` asks for.',
    source: ['ip_vs_ctl.c:update_defense_level', 'ipvs.md §7.6'],
    async script(lab) {
      await lab.sysctl('vs.drop_entry', '1');
      await connections(lab, 41000, ['S']);
      await seconds(lab, 20);
      lab.equal('enough memory', await left(lab, 41000), COUNT);
      await lab.sysctl('vs.amemthresh', '999999999');
      await seconds(lab, 20);
      lab.within('too little', await left(lab, 41000), 50, 165);
    },
  },
];
