import type { SyncEntry } from '../../../reference/synchronisation/sync-entry.ts';
import { parseIpv4 } from '../../../reference/wire/address.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { entry, FLAGS, message, STATE, tell } from './messages.ts';

const services = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
`;
const BACKUP = '--start-daemon backup --mcast-interface server --syncid 3';
const rules = `${services}  ${BACKUP}\n`;

const common = { level: 'ipvs', tags: ['sync', 'backup'], needs: ['connections'], rules } as const;

async function tellOf(lab: Lab, ...entries: readonly SyncEntry[]): Promise<void> {
  await tell(lab, message(entries));
}

/** The connections with their states: `40001 ESTABLISHED`. */
async function known(lab: Lab): Promise<readonly string[]> {
  return (await lab.connections()).map(({ client, state }) => `${client.split(':')[1] ?? ''} ${state}`);
}

async function counts(lab: Lab): Promise<readonly (readonly number[])[]> {
  return (await lab.services()).flatMap(({ servers }) => servers.map(({ active, inactive }) => [active, inactive]));
}

/** A client's segment in the middle of the connection that was told goes to this server. */
async function isForwarded(lab: Lab, server = lab.servers[0], sourcePort = 40001): Promise<void> {
  const { client, vip } = lab;
  await client.sends(ip({ destination: vip }), tcp({ sourcePort, destinationPort: 80, flags: 'A' }));
  server.receives(ip({ source: client.address, destination: server.address }), tcp({ sourcePort, flags: 'A' }));
}

const SERVER_2 = parseIpv4('192.168.1.12');

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'sync/backup-takes-connection',
    title: 'A backup keeps the connections it is told of, marks them, and goes on with them',
    requirement:
      'A connection told of is recorded with its state and timeout and with SYNC as its origin; those of the director’s own have LOCAL. Its packets go to its server.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn', 'ip_vs_conn.c:ip_vs_conn_sync_seq_show', 'ipvs-cases I04'],
    async script(lab) {
      const { client, vip, servers } = lab;
      await tellOf(lab, entry({ timeout: 500 }));
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40002, destinationPort: 80, flags: 'S' }));
      servers[0].receives(ip(), tcp({ sourcePort: 40002 }));
      const rows = await lab.origins();
      lab.equal(
        'connections',
        rows.map(({ protocol, client: from, virtual, destination, state, origin }) =>
          [protocol, from, virtual, destination, state, origin].join(' '),
        ),
        [
          'TCP 10.0.0.2:40001 10.0.0.100:80 192.168.1.11:80 ESTABLISHED SYNC',
          'TCP 10.0.0.2:40002 10.0.0.100:80 192.168.1.11:80 SYN_RECV LOCAL',
        ],
      );
      lab.within('seconds left of the one told', rows[0]?.expires ?? -1, 498, 500);
      await isForwarded(lab);
    },
  },
  {
    ...common,
    id: 'sync/conn-sync-text',
    title: '/proc/net/ip_vs_conn_sync, to the byte',
    requirement:
      'The file has a header and a line for each connection, with the origin in six columns before the seconds left.',
    source: ['ip_vs_conn.c:ip_vs_conn_sync_seq_show', 'ipvs-cases I04'],
    async script(lab) {
      await tellOf(lab, entry({ state: STATE.TIME_WAIT, timeout: 1_000_000, flags: FLAGS.inactive }));
      const text = await lab.originsText();
      lab.equal(
        'text',
        text.replace(/ 999999\n| 1000000\n/, ' SECONDS\n'),
        [
          'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n',
          'TCP 0A000002 9C41 0A000064 0050 C0A8010B 0050 TIME_WAIT   SYNC  ',
        ].join('') + (text.includes('1000000') ? ' SECONDS\n' : '  SECONDS\n'),
      );
    },
  },
  {
    ...common,
    id: 'sync/syncid',
    title: 'A backup hears its own group of directors only; with sync id 0 everybody',
    requirement: 'A message with another sync id than the daemon’s is ignored, unless the daemon’s is 0.',
    source: ['ip_vs_sync.c:ip_vs_process_message', 'harnesses.md 39'],
    async script(lab) {
      await tell(lab, message([entry()], { syncId: 4 }));
      lab.equal('connections of another group', await known(lab), []);
      await tell(lab, message([entry()], { syncId: 3 }));
      lab.equal('connections of the own group', await known(lab), ['40001 ESTABLISHED']);
      await lab.configure('--stop-daemon backup', BACKUP.replace('--syncid 3', '--syncid 0'));
      await tell(lab, message([entry({ clientPort: 40002 })], { syncId: 77 }));
      lab.equal('connections of everybody', await known(lab), ['40001 ESTABLISHED', '40002 ESTABLISHED']);
    },
  },
  {
    ...common,
    id: 'sync/counts',
    title: 'Connections told of count at their server, as active or not as the message says',
    requirement:
      'The flag for an inactive connection decides how a server counts it, also when a later message changes it; what ends counts no more.',
    source: ['ip_vs_conn.c:ip_vs_bind_dest', 'ip_vs_sync.c:ip_vs_proc_conn'],
    needs: ['connections', 'services', 'clock'],
    async script(lab) {
      await tellOf(lab, entry(), entry({ clientPort: 40002, flags: FLAGS.inactive, state: STATE.CLOSE, timeout: 10 }));
      lab.equal('active and inactive', await counts(lab), [[1, 1]]);
      await tellOf(lab, entry({ flags: FLAGS.inactive, state: STATE.FIN_WAIT, timeout: 120 }));
      lab.equal('after it closes', await counts(lab), [[0, 2]]);
      await tellOf(lab, entry());
      lab.equal('after it is told as active again', await counts(lab), [[1, 1]]);
      await lab.wait(15);
      lab.equal('after one has expired', await counts(lab), [[1, 0]]);
    },
  },
  {
    ...common,
    id: 'sync/version-0-taken',
    title: 'A backup takes version 0 too; timeouts are then its own',
    requirement:
      'Messages of version 0 carry no timeout: a connection gets that of its state here, a template three minutes.',
    source: ['ip_vs_sync.c:ip_vs_process_message_v0', 'ip_vs_sync.c:ip_vs_proc_conn'],
    async script(lab) {
      const template = entry({ clientPort: 0, flags: FLAGS.template | FLAGS.inactive, state: 1 });
      await tell(lab, message([entry({ state: STATE.CLOSE_WAIT }), template], { version: 0 }));
      const rows = await lab.connections();
      lab.equal(
        'states',
        rows.map(({ client, state }) => `${client} ${state}`),
        ['10.0.0.2:0 ASSURED', '10.0.0.2:40001 CLOSE_WAIT'],
      );
      lab.within('seconds left of the template', rows[0]?.expires ?? -1, 178, 180);
      lab.within('seconds left of the connection', rows[1]?.expires ?? -1, 58, 60);
    },
  },
  {
    ...common,
    id: 'sync/method-of-the-server',
    title: 'The method is that of the server here, not the one told',
    requirement:
      'Where the server is configured, packets reach it by its method here, and the half connection follows from that.',
    source: ['ip_vs_conn.c:ip_vs_bind_dest'],
    async script(lab) {
      const { client, vip, servers } = lab;
      await tellOf(lab, entry({ flags: FLAGS['direct-route'] }));
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'F' }));
      servers[0].receives(ip({ destination: servers[0].address }), tcp({ flags: 'F' }));
      // Half a connection would be in FIN_WAIT.
      lab.equal('connections', await known(lab), ['40001 CLOSE_WAIT']);
    },
  },
  {
    ...common,
    id: 'sync/server-unknown',
    title: 'A connection to a server that is not configured is kept, and bound when it is',
    requirement:
      'Where no such server is known the connection works by the method told and counts nowhere; the next message about it binds it.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn', 'ip_vs_conn.c:ip_vs_try_bind_dest'],
    needs: ['connections', 'services'],
    async script(lab) {
      const { servers } = lab;
      const told = entry({ destinationAddress: SERVER_2 });
      await tellOf(lab, told);
      await isForwarded(lab, servers[1]);
      lab.equal('active and inactive', await counts(lab), [[0, 0]]);
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m');
      lab.equal('with the server there', await counts(lab), [
        [0, 0],
        [0, 0],
      ]);
      await tellOf(lab, told);
      lab.equal('told again', await counts(lab), [
        [1, 0],
        [0, 0],
      ]);
    },
  },
  {
    ...common,
    id: 'sync/other-server',
    title: 'News of a connection to another server: an active one takes its place, an inactive one is late',
    requirement:
      'Where a connection of the same ends goes to another server, an active one that is told replaces it, and an inactive one is the end of its predecessor and ignored.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn'],
    rules: rules.replace('-m', '-m\n  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m'),
    async script(lab) {
      const { servers } = lab;
      await tellOf(lab, entry());
      await tellOf(lab, entry({ destinationAddress: SERVER_2, flags: FLAGS.inactive, state: STATE.TIME_WAIT }));
      await isForwarded(lab, servers[0]);
      await tellOf(lab, entry({ destinationAddress: SERVER_2 }));
      await isForwarded(lab, servers[1]);
    },
  },
  {
    ...common,
    id: 'sync/backup-only',
    title: 'backup_only: while it is a backup, the director leaves clients alone',
    requirement:
      'With backup_only 1 and a backup daemon clients’ packets are not balanced: a SYN gets the reset of a host that has no such service. Without the daemon the setting is without effect.',
    source: ['ip_vs.h:sysctl_backup_only', 'ipvs-cases E35'],
    environment: { sysctls: { 'vs.backup_only': '1' } },
    async script(lab) {
      const { client, vip, servers } = lab;
      await tellOf(lab, entry());
      const segment = (flags: string) => tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1000, flags });
      await client.sends(ip({ destination: vip }), segment('S'));
      client.receives(ip({ source: vip }), tcp({ sourcePort: 80, acknowledgement: 1001, flags: 'AR' }));
      lab.equal('connections', await known(lab), ['40001 ESTABLISHED']);
      await lab.configure('--stop-daemon backup');
      await client.sends(ip({ destination: vip }), segment('A'));
      servers[0].receives(ip({ source: client.address }), tcp({ sourcePort: 40001 }));
    },
  },
  {
    ...common,
    id: 'sync/stopped-backup',
    title: 'A backup that was stopped hears nothing more, and keeps what it has',
    requirement: 'A stopped daemon leaves the group; the connections told of before live on.',
    source: ['ip_vs_sync.c:stop_sync_thread'],
    async script(lab) {
      await tellOf(lab, entry());
      await lab.configure('--stop-daemon backup');
      await tellOf(lab, entry({ clientPort: 40002 }));
      lab.equal('connections', await known(lab), ['40001 ESTABLISHED']);
      await isForwarded(lab);
    },
  },
  {
    ...common,
    id: 'sync/template-taken',
    title: 'A persistence template that was told leads new connections of the client',
    requirement:
      'A client whose template another director told of is sent to the template’s server, whatever the scheduler would choose.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn', 'ip_vs_core.c:ip_vs_sched_persist'],
    rules: `
      -A -t 10.0.0.100:80 -s rr -p 300
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m
      ${BACKUP}
    `,
    async script(lab) {
      const { client, vip, servers } = lab;
      const template = { clientPort: 0, flags: FLAGS.template | FLAGS.inactive, state: 0, timeout: 300 };
      await tellOf(lab, entry(template));
      for (const sourcePort of [40001, 40002, 40003]) {
        await client.sends(ip({ destination: vip }), tcp({ sourcePort, destinationPort: 80, flags: 'S' }));
        servers[0].receives(ip({ source: client.address }), tcp({ sourcePort }));
      }
    },
  },
  {
    ...common,
    id: 'sync/both-daemons',
    title: 'A backup that is a master too passes on what it was told',
    requirement:
      'Both daemons may run. A connection told of is told on as soon as its packets are reason to, with the flag that says it is not this director’s own; its count of packets begins at the threshold.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn', 'ip_vs_sync.c:ip_vs_sync_conn'],
    rules: `${rules}  --start-daemon master --mcast-interface client --syncid 5\n`,
    needs: ['connections', 'clock'],
    async script(lab) {
      const { client, vip, servers, gateway } = lab;
      gateway.joins('224.0.0.81');
      await tellOf(lab, entry());
      await isForwarded(lab);
      await lab.wait(3);
      gateway.receivesNothing();
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'F' }));
      servers[0].receives(ip(), tcp({ flags: 'F' }));
      await lab.wait(3);
      const { layers } = gateway.receives(ip({ source: '10.0.0.1', destination: '224.0.0.81' }));
      const flags = FLAGS.synchronised | FLAGS.inactive;
      const told = message([entry({ flags, state: STATE.CLOSE_WAIT, timeout: 60 })], { syncId: 5 });
      const data = layers.at(-1)?.layer;
      lab.equal('message', data?.kind === 'payload' ? data.data : '', Buffer.from(told).toString('hex'));
    },
  },
];
