import type { Case } from '../../harness/case.ts';
import { ip, tcp, udp } from '../../harness/layers.ts';
import type { Lab } from '../../harness/lab.ts';
import { GROUP, PORT, tell } from './messages.ts';

const SERVICES = [
  '-A -t 10.0.0.100:80 -s rr',
  '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m',
  '-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m',
];
const MASTER = '--start-daemon master --mcast-interface server --syncid 3';
const BACKUP = '--start-daemon backup --mcast-interface server --syncid 3';

const common = {
  level: 'ipvs',
  tags: ['sync', 'failover'],
  needs: ['connections', 'clock'],
  rules: [...SERVICES, MASTER].join('\n'),
} as const;

/** The message that the master sent. */
function captured(lab: Lab): Uint8Array {
  const { layers } = lab.peer.receives(ip({ destination: GROUP }), udp({ destinationPort: PORT }));
  const data = layers.at(-1)?.layer;
  return data?.kind === 'payload' ? Uint8Array.from(Buffer.from(data.data ?? '', 'hex')) : new Uint8Array();
}

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'sync/backup-takes-over',
    title: 'A backup that was told goes on with live connections where the master left them',
    requirement:
      'After the master is gone, another director with its addresses that heard its messages forwards each connection to the server it had, in both directions, and lets it close.',
    source: ['ip_vs_sync.c', 'ipvs-cases I04', 'harnesses.md 39'],
    async script(lab) {
      const first = lab.flow();
      const second = lab.flow({ port: 40002 });
      for (const flow of [first, second]) {
        await flow.establish();
        await flow.clientSends('AP', { payload: 'GET /' });
        await flow.serverSends('AP', { payload: '200' });
      }
      await lab.wait(3);
      const told = captured(lab);
      await lab.replaceDirector();
      // Rules in another order: chosen anew, the connections would go elsewhere.
      await lab.configure(...SERVICES, BACKUP);
      await tell(lab, told);
      await second.clientSends('AP', { payload: 'GET /2' });
      await second.serverSends('AP', { payload: '200' });
      await first.clientSends('AP', { payload: 'GET /1' });
      await first.serverSends('AP', { payload: '200' });
      await first.serverSends('AF');
      await first.clientSends('AF');
      const rows = await lab.origins();
      lab.equal(
        'connections',
        rows.map(({ client, destination, state, origin }) => [client, destination, state, origin]),
        [
          ['10.0.0.2:40001', `${first.server.address}:80`, 'TIME_WAIT', 'SYNC'],
          ['10.0.0.2:40002', `${second.server.address}:80`, 'ESTABLISHED', 'SYNC'],
        ],
      );
    },
  },
  {
    ...common,
    id: 'sync/without-being-told',
    title: 'A director that was not told does not know the connection',
    requirement: 'Without synchronisation a live connection ends with its director: the next one resets it.',
    source: ['RFC 9293 §3.10.7.1', 'ip_vs_core.c:ip_vs_in_hook'],
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET /' });
      await lab.wait(3);
      captured(lab);
      await lab.replaceDirector();
      await lab.configure(...SERVICES, BACKUP);
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'A' }));
      client.receives(ip({ source: vip }), tcp({ sourcePort: 80, destinationPort: 40001, flags: 'R' }));
    },
  },
];
