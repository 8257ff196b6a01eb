import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip, tcp } from '../../harness/layers.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

/** A new setting takes effect within a second. */
const EFFECT = 1.5;

/** Which of `count` new connections are forwarded: F, and which are dropped: d. */
async function fates(lab: Lab, count: number, firstPort = 40001): Promise<string> {
  const { client, servers, vip } = lab;
  let fates = '';
  for (let port = firstPort; port < firstPort + count; port++) {
    await client.sends(ip({ destination: vip }), tcp({ sourcePort: port, destinationPort: 80, flags: 'S' }));
    fates += servers[0].hasPacket ? 'F' : 'd';
    if (servers[0].hasPacket) servers[0].receives(ip({ destination: servers[0].address }), tcp({ sourcePort: port }));
  }
  return fates;
}

const common = { level: 'ipvs', tags: ['defence', 'sysctl'], needs: ['sysctl', 'connections'], rules } as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'defence/drop-packet-every-nth',
    title: 'drop_packet 3 drops one in am_droprate new connections without a word, the first at once',
    requirement:
      'With `drop_packet` 3 every `am_droprate`-th packet that would make a connection is dropped; nobody hears of it.',
    source: ['ip_vs.h:ip_vs_todrop', 'ip_vs_ctl.c:update_defense_level', 'ipvs-cases E31'],
    environment: { sysctls: { 'vs.drop_packet': '3', 'vs.am_droprate': '4' } },
    async script(lab) {
      await lab.wait(EFFECT);
      lab.equal('fates of new connections', await fates(lab, 18), 'dFFFdFFFdFFFdFFFdF');
      lab.equal('connections', (await lab.connections()).length, 13);
    },
  },
  {
    ...common,
    id: 'defence/drop-packet-not-known-ones',
    title: 'Packets of connections are never dropped by drop_packet',
    requirement: 'Only packets that would make a connection are dropped.',
    source: ['ip_vs_proto_tcp.c:tcp_conn_schedule', 'ipvs.md §7.6'],
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      await flow.establish();
      await lab.sysctl('vs.am_droprate', '1');
      await lab.sysctl('vs.drop_packet', '3');
      await lab.wait(EFFECT);
      lab.equal('fates of new connections', await fates(lab, 3, 41001), 'ddd');
      for (let times = 0; times < 3; times++) await flow.clientSends('AP', { payload: 'still here' });
      await flow.serverSends('A');
    },
  },
  {
    ...common,
    id: 'defence/drop-packet-new-rate',
    title: 'A new am_droprate takes effect within a second',
    requirement: 'The settings are looked at once a second.',
    source: ['ip_vs_ctl.c:defense_work_handler, update_defense_level', 'ipvs-cases E32'],
    environment: { sysctls: { 'vs.drop_packet': '3', 'vs.am_droprate': '3' } },
    async script(lab) {
      await lab.wait(EFFECT);
      lab.equal('one in three', await fates(lab, 4), 'dFFd');
      await lab.sysctl('vs.am_droprate', '1');
      await lab.wait(EFFECT);
      // The count that began with three ends first.
      lab.equal('every one', await fates(lab, 6, 41001), 'FFdddd');
      await lab.sysctl('vs.drop_packet', '0');
      await lab.wait(EFFECT);
      lab.equal('none', await fates(lab, 3, 42001), 'FFF');
    },
  },
  {
    ...common,
    id: 'defence/drop-packet-while-memory-is-short',
    title: 'drop_packet 1 drops new connections only while memory is short',
    requirement:
      'With `drop_packet` 1 nothing is dropped while as many pages are free as `amemthresh` asks for; below that one in amemthresh / (amemthresh − free) is.',
    source: ['ip_vs_ctl.c:update_defense_level', 'ipvs.md §7.6'],
    environment: { sysctls: { 'vs.drop_packet': '1' } },
    async script(lab) {
      await lab.wait(EFFECT);
      lab.equal('enough memory', await fates(lab, 3), 'FFF');
      // No machine has that much: the rate is 1.
      await lab.sysctl('vs.amemthresh', '999999999');
      await lab.wait(EFFECT);
      lab.equal('too little', await fates(lab, 3, 41001), 'ddd');
      await lab.sysctl('vs.amemthresh', '0');
      await lab.wait(EFFECT);
      lab.equal('enough again', await fates(lab, 3, 42001), 'FFF');
    },
  },
];
