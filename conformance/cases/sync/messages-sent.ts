import { fromHex } from '../../../reference/wire/hex.ts';
import type { SyncEntry } from '../../../reference/synchronisation/sync-entry.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ethernet, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { entry, FLAGS, isTold, message, STATE } from './messages.ts';

const services = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
`;
const MASTER = '--start-daemon master --mcast-interface server --syncid 3';
const rules = `${services}  ${MASTER}\n`;

const common = { level: 'ipvs', tags: ['sync', 'master'], needs: ['clock'], rules } as const;

/** Seconds after which a message has left for sure. */
const SENT = 3;

/** Connections of so many client ports that are over with their second packet, and are told with it. */
async function closeConnections(lab: Lab, count: number, firstPort = 41000): Promise<readonly SyncEntry[]> {
  const { client, vip, servers } = lab;
  const ports = Array.from({ length: count }, (_, index) => firstPort + index);
  for (const sourcePort of ports) {
    for (const flags of ['S', 'F']) {
      await client.sends(ip({ destination: vip }), tcp({ sourcePort, destinationPort: 80, flags }));
      servers[0].receives(ip({ source: client.address }), tcp({ sourcePort, flags }));
    }
  }
  return ports.map((clientPort) => entry({ clientPort, flags: FLAGS.inactive, state: STATE.TIME_WAIT, timeout: 120 }));
}

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'sync/version-0',
    title: 'sync_version 0 tells in the protocol of before',
    requirement:
      'With sync_version 0 messages have four bytes before their entries, and entries neither timeout nor mark.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_v0'],
    environment: { sysctls: { 'vs.sync_version': '0' } },
    async script(lab) {
      await closeConnections(lab, 1, 40002);
      await lab.wait(SENT);
      // As Linux 6.1.176 sent it.
      isTold(lab, fromHex('0103001c' + '00069c42005000500a0000020a000064c0a8010b01000005', 'recording'));
    },
  },
  {
    ...common,
    id: 'sync/version-changed',
    title: 'A message has entries of one version',
    requirement: 'An entry of the other version does not join the message that waits: that one leaves at once.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn', 'ip_vs_sync.c:ip_vs_sync_conn_v0'],
    needs: ['clock', 'sysctl'],
    async script(lab) {
      const [first] = await closeConnections(lab, 1);
      await lab.sysctl('vs.sync_version', '0');
      const [second] = await closeConnections(lab, 1, 42000);
      await lab.wait(0.2);
      if (first !== undefined) isTold(lab, message([first]));
      await lab.wait(SENT);
      if (second !== undefined) isTold(lab, message([second], { version: 0 }));
    },
  },
  {
    ...common,
    id: 'sync/full-message',
    title: 'A full message leaves at once: forty entries in 1472 bytes',
    requirement:
      'A message is at most 1472 bytes, a packet of 1500: what does not fit any more begins the next one, and the full one leaves without waiting for two seconds.',
    source: ['ip_vs_sync.c:sb_queue_tail', 'ip_vs_sync.c:start_sync_thread'],
    async script(lab) {
      const entries = await closeConnections(lab, 41);
      await lab.wait(0.2);
      isTold(lab, message(entries.slice(0, 40)));
      lab.peer.receivesNothing();
      await lab.wait(SENT);
      isTold(lab, message(entries.slice(40)));
    },
  },
  {
    ...common,
    id: 'sync/small-messages',
    title: '--sync-maxlen says how much fits into a message',
    requirement: 'With --sync-maxlen 80 a message has two entries of 36 bytes behind its 8 bytes.',
    source: ['ip_vs_sync.c:ip_vs_sync_buff_create', 'ipvsadm(8) --sync-maxlen'],
    rules: `${services}  ${MASTER} --sync-maxlen 80\n`,
    async script(lab) {
      const entries = await closeConnections(lab, 5);
      await lab.wait(0.2);
      isTold(lab, message(entries.slice(0, 2)));
      isTold(lab, message(entries.slice(2, 4)));
      lab.peer.receivesNothing();
      await lab.wait(SENT);
      isTold(lab, message(entries.slice(4)));
    },
  },
  {
    ...common,
    id: 'sync/one-entry-always-fits',
    title: 'A message has at least one entry, however small it is to be',
    requirement: 'An entry has room in a message of its own even where --sync-maxlen is smaller.',
    source: ['ip_vs_sync.c:ip_vs_sync_buff_create'],
    rules: `${services}  ${MASTER} --sync-maxlen 1\n`,
    async script(lab) {
      const entries = await closeConnections(lab, 2);
      await lab.wait(SENT);
      for (const told of entries) isTold(lab, message([told]));
    },
  },
  {
    ...common,
    id: 'sync/queue-limit',
    title: 'sync_qlen_max 0: full messages are lost, what is left at the end is sent',
    requirement:
      'A full message for which the queue has no room is dropped. The message that is being filled needs no room there.',
    source: ['ip_vs_sync.c:sb_queue_tail', 'ip_vs_sync.c:next_sync_buff'],
    rules: `${services}  ${MASTER} --sync-maxlen 80\n`,
    environment: { sysctls: { 'vs.sync_qlen_max': '0' } },
    async script(lab) {
      const entries = await closeConnections(lab, 5);
      await lab.wait(SENT);
      isTold(lab, message(entries.slice(4)));
    },
  },
  {
    ...common,
    id: 'sync/group-port-and-ttl',
    title: 'Messages go to the group, the port and as far as the command says',
    requirement:
      '--mcast-group, --mcast-port, --mcast-ttl and --syncid are the destination, the port, the TTL and the sync id of the messages.',
    source: ['ipvsadm(8) --start-daemon', 'ip_vs_sync.c:make_send_sock', 'RFC 1112 §6.4'],
    rules: `${services}  --start-daemon master --mcast-interface client --syncid 200 --mcast-group 239.129.1.2 --mcast-port 9999 --mcast-ttl 7\n`,
    async script(lab) {
      lab.gateway.joins('239.129.1.2');
      const entries = await closeConnections(lab, 1);
      await lab.wait(SENT);
      lab.gateway.receives(
        // 239.129.1.2 less the bit that does not fit into the address.
        ethernet({ source: lab.director.client.mac, destination: '01:00:5e:01:01:02' }),
        ip({ source: lab.director.client.address, destination: '239.129.1.2', ttl: 7 }),
        udp({ destinationPort: 9999 }),
        payload(message(entries, { syncId: 200 })),
      );
    },
  },
  {
    ...common,
    id: 'sync/stopped-master',
    title: 'What the master has not sent when it is stopped is lost, and it tells no more',
    requirement: 'A stopped daemon throws away the message it was filling.',
    source: ['ip_vs_sync.c:sync_thread_master', 'ip_vs_sync.c:stop_sync_thread'],
    async script(lab) {
      await closeConnections(lab, 1);
      await lab.configure('--stop-daemon master');
      await closeConnections(lab, 1, 42000);
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await lab.configure(MASTER);
      const entries = await closeConnections(lab, 1, 43000);
      await lab.wait(SENT);
      isTold(lab, message(entries));
    },
  },
  {
    ...common,
    id: 'sync/refresh-period',
    title: 'sync_refresh_period: told again when the end moved far enough',
    requirement:
      'With a period of 0 and a refresh period of 10 s a connection is told with its first packet in ESTABLISHED and again as soon as its end has moved by ten seconds.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed', 'sysctl vs/sync_refresh_period'],
    environment: { sysctls: { 'vs.sync_threshold': '3 0', 'vs.sync_refresh_period': '10' } },
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      await flow.establish();
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
      await flow.clientSends('AP', { payload: 'soon' });
      await lab.wait(5);
      lab.peer.receivesNothing();
      await lab.wait(5);
      await flow.clientSends('AP', { payload: 'late' });
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
    },
  },
  {
    ...common,
    id: 'sync/retries',
    title: 'sync_retries: told again within the refresh period, an eighth of it apart, so many times',
    requirement:
      'With a refresh period of 40 s and one retry, a packet five seconds after the last message has the connection told once more, and the next such packet does not.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed', 'sysctl vs/sync_retries'],
    environment: {
      sysctls: { 'vs.sync_threshold': '3 0', 'vs.sync_refresh_period': '40', 'vs.sync_retries': '1' },
    },
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      await flow.establish();
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
      await flow.clientSends('AP', { payload: 'within an eighth of the period' });
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.clientSends('AP', { payload: 'once more' });
      await lab.wait(6);
      isTold(lab, message([entry()]));
      await flow.clientSends('AP', { payload: 'no more' });
      await lab.wait(6);
      lab.peer.receivesNothing();
    },
  },
  {
    ...common,
    id: 'sync/template',
    title: 'A persistence template is told with every packet of its connections',
    requirement:
      'What a connection hangs on is looked at together with it: a template is told with each packet of a client, whether the connection is or not.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn', 'ipvs-cases I08'],
    rules: rules.replace('-s rr', '-s rr -p 50'),
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      const template = { clientPort: 0, flags: FLAGS.template | FLAGS.inactive, timeout: 50 };
      await flow.clientSends('S');
      await lab.wait(SENT);
      isTold(lab, message([entry({ ...template, state: 0 })]));
      await flow.serverSends('AS');
      await flow.clientSends('A');
      await flow.clientSends('AP', { payload: 'third' });
      await lab.wait(SENT);
      // The client's acknowledgement established the connection, so the template is assured.
      isTold(lab, message([entry({ ...template, state: 1 }), entry(), entry({ ...template, state: 1 })]));
    },
  },
  {
    ...common,
    id: 'sync/template-version-0',
    title: 'In version 0 a template is told together with its connection only',
    requirement:
      'With sync_version 0 a packet that is no reason to tell of the connection is none to tell of its template.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_v0'],
    rules: rules.replace('-s rr', '-s rr -p 50'),
    environment: { sysctls: { 'vs.sync_version': '0' } },
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      await flow.establish();
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.clientSends('AP', { payload: 'third' });
      await lab.wait(SENT);
      const template = entry({ clientPort: 0, flags: FLAGS.template | FLAGS.inactive, state: 1 });
      isTold(lab, message([entry(), template], { version: 0 }));
    },
  },
  {
    ...common,
    id: 'sync/persist-mode',
    title: 'sync_persist_mode: the template is told, its connections are not',
    requirement: 'With sync_persist_mode 1 a connection that hangs on a template is never told.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed', 'sysctl vs/sync_persist_mode'],
    rules: rules.replace('-s rr', '-s rr -p 50'),
    environment: { sysctls: { 'vs.sync_persist_mode': '1' } },
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'third' });
      await lab.wait(SENT);
      const template = { clientPort: 0, flags: FLAGS.template | FLAGS.inactive, timeout: 50 };
      const assured = entry({ ...template, state: 1 });
      isTold(lab, message([entry({ ...template, state: 0 }), assured, assured]));
    },
  },
  {
    ...common,
    id: 'sync/control-put-off',
    title: 'A control connection that lives on for its data connections is told so',
    requirement:
      'A connection that would expire while others hang on it lives for another minute, and other directors are told of that minute.',
    source: ['ip_vs_conn.c:ip_vs_conn_expire'],
    rules: `
      -A -t 10.0.0.100:21 -s rr
      -a -t 10.0.0.100:21 -r 192.168.1.11:21 -m
      --set 10 0 0
      ${MASTER}
    `,
    needs: ['clock', 'application.ftp', 'timeouts'],
    async script(lab) {
      const control = lab.flow({ virtualPort: 21, servers: [lab.servers[0]] });
      await control.establish();
      await control.clientSends('AP', { payload: 'PORT 10,0,0,2,160,40\r\n' });
      // FTP's connections are kept in connection tracking (IP_VS_CONN_F_NFCT).
      const ends = { virtualPort: 21, destinationPort: 21, flags: 0x1_0000 };
      await lab.wait(SENT);
      isTold(lab, message([entry({ ...ends, timeout: 10 })]));
      await lab.wait(20);
      isTold(lab, message([entry({ ...ends, timeout: 60 })]));
    },
  },
  {
    ...common,
    id: 'sync/daemons-refused',
    title: 'A daemon on no interface, one that runs already, one to stop that does not run: refused',
    requirement: 'Of each daemon there is one at most, on an interface that is there; both may run at a time.',
    source: ['ip_vs_sync.c:start_sync_thread', 'ip_vs_sync.c:stop_sync_thread', 'ipvsadm(8)'],
    needs: [],
    async script(lab) {
      await lab.refuses('--start-daemon backup --mcast-interface nosuch --syncid 3');
      await lab.refuses(MASTER);
      await lab.refuses('--stop-daemon backup');
      await lab.configure('--start-daemon backup --mcast-interface client --syncid 4');
      await lab.refuses('--start-daemon backup --mcast-interface server --syncid 4');
      await lab.configure('--stop-daemon master', '--stop-daemon backup', MASTER);
      await lab.refuses('--start-daemon backup --mcast-interface server --mcast-group 10.0.0.1');
    },
  },
];
