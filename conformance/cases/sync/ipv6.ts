import type { SyncEntry } from '../../../reference/synchronisation/sync-entry.ts';
import { parseAddress } from '../../../reference/wire/ip-address.ts';
import { ipv6Environment } from '../../harness/default-environment.ts';
import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { SERVER, VIP } from '../ipv6/services.ts';
import { entry, FLAGS, isTold, message, STATE, tell } from './messages.ts';

const rulesOf = (role: 'master' | 'backup', more = '') => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
  -A -t ${VIP}:80 -s rr ${more}
  -a -t ${VIP}:80 -r ${SERVER}:80 -m
  --start-daemon ${role} --mcast-interface server --syncid 3
`;

const common = { level: 'ipvs', environment: ipv6Environment } as const;
const master = { ...common, tags: ['sync', 'master', 'ipv6'], needs: ['clock'] } as const;
const backup = { ...common, tags: ['sync', 'backup', 'ipv6'], needs: ['connections', 'services'] } as const;

/** Seconds after which a message has left for sure. */
const SENT = 3;

/** An established connection over IPv6 of the client's port 40001 to server 1 under VS/NAT, with changes. */
function wideEntry({ client, vip6, servers }: Lab, changes: Partial<SyncEntry> = {}): SyncEntry {
  return entry({
    clientAddress: parseAddress(client.address6),
    virtualAddress: parseAddress(vip6),
    destinationAddress: parseAddress(servers[0].address6),
    ...changes,
  });
}

const wideFlow = (lab: Lab, port = 40001): Flow =>
  lab.flow({ port, virtualAddress: lab.vip6, servers: [lab.servers[0]] });

async function threePackets(flow: Flow): Promise<void> {
  await flow.establish();
  await flow.clientSends('AP', { payload: 'third' });
}

/** Active and inactive connections: of the IPv4 service's server, of the IPv6 service's. */
async function counts(lab: Lab): Promise<readonly string[]> {
  const services = await lab.services();
  return services
    .flatMap(({ servers }) => servers.map(({ address, active, inactive }) => `${address} ${active} ${inactive}`))
    .sort();
}

export const cases: readonly Case[] = [
  {
    ...master,
    id: 'sync/ipv6-told',
    title: 'The master tells connections over IPv6, beside those over IPv4 in one message',
    requirement:
      'An entry of IPv6 has bit 0 of its type set, and three addresses of 16 bytes; it is told in the order of its turn.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn', 'ip_vs_sync.c "Sync Connection format"'],
    rules: rulesOf('master'),
    async script(lab) {
      await threePackets(wideFlow(lab));
      await threePackets(lab.flow({ port: 40002, servers: [lab.servers[0]] }));
      await threePackets(wideFlow(lab, 40003));
      await lab.wait(SENT);
      const told = [wideEntry(lab), entry({ clientPort: 40002 }), wideEntry(lab, { clientPort: 40003 })];
      isTold(lab, message(told));
    },
  },
  {
    ...master,
    id: 'sync/ipv6-template-told',
    title: 'The template of clients over IPv6 is told with their network',
    requirement: 'A template over IPv6 has the client’s network by the service’s mask as its client.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ip_vs_sync.c:ip_vs_sync_conn'],
    rules: rulesOf('master', '-p 50 -M 64'),
    async script(lab) {
      await wideFlow(lab).clientSends('S');
      await lab.wait(SENT);
      const template = {
        clientAddress: parseAddress('2001:db8:0:1::'),
        clientPort: 0,
        flags: FLAGS.template | FLAGS.inactive,
        state: 0,
        timeout: 50,
      };
      isTold(lab, message([wideEntry(lab, template)]));
    },
  },
  {
    ...master,
    id: 'sync/ipv6-version-0',
    title: 'Version 0 has no room for IPv6: such connections are not told',
    requirement: 'With sync_version 0 connections over IPv4 alone are told.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_v0'],
    rules: rulesOf('master'),
    environment: { ...ipv6Environment, sysctls: { 'vs.sync_version': '0' } },
    async script(lab) {
      await threePackets(wideFlow(lab));
      await threePackets(lab.flow({ port: 40002, servers: [lab.servers[0]] }));
      await lab.wait(SENT);
      isTold(lab, message([entry({ clientPort: 40002 })], { version: 0 }));
    },
  },
  {
    ...backup,
    id: 'sync/ipv6-taken',
    title: 'A backup keeps connections over IPv6 and goes on with them',
    requirement:
      'A connection over IPv6 told of is listed with its state and timeout, counts at its server and its packets go there, those of the server to the client; so does one over IPv4 in the same message.',
    source: ['ip_vs_sync.c:ip_vs_proc_sync_conn', 'ip_vs_sync.c:ip_vs_proc_conn'],
    rules: rulesOf('backup'),
    async script(lab) {
      await tell(lab, message([wideEntry(lab, { timeout: 500 }), entry({ clientPort: 40002, timeout: 500 })]));
      const rows = await lab.origins();
      const wide = rows.find(({ client }) => client.endsWith(':40001'));
      lab.equal('origin and state', [wide?.origin, wide?.state], ['SYNC', 'ESTABLISHED']);
      lab.within('seconds left', wide?.expires ?? -1, 498, 500);
      lab.equal('connections by server', await counts(lab), [
        '192.168.1.11:80 1 0',
        `[${lab.servers[0].address6}]:80 1 0`,
      ]);
      const flow = wideFlow(lab);
      await flow.clientSends('AP', { payload: 'GET /' });
      await flow.serverSends('AP', { payload: '200' });
      await lab.flow({ port: 40002, servers: [lab.servers[0]] }).clientSends('A');
    },
  },
  {
    ...backup,
    id: 'sync/ipv6-told-again',
    title: 'Later news of a connection over IPv6 change it, and those to another server replace it',
    requirement:
      'State and activity of the connection become those of the later message; an active one to another server takes its place.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn'],
    rules: rulesOf('backup').replace(
      `${SERVER}:80 -m`,
      `${SERVER}:80 -m\n  -a -t ${VIP}:80 -r ${SERVER.replace('11]', '12]')}:80 -m`,
    ),
    async script(lab) {
      const [first, second] = lab.servers;
      await tell(lab, message([wideEntry(lab)]));
      await tell(lab, message([wideEntry(lab, { state: STATE.FIN_WAIT, flags: FLAGS.inactive })]));
      const rows = await lab.connections();
      lab.equal(
        'states',
        rows.map(({ state }) => state),
        ['FIN_WAIT'],
      );
      const counted = (one: string, other: string) => [
        '192.168.1.11:80 0 0',
        `[${first.address6}]:80 ${one}`,
        `[${second.address6}]:80 ${other}`,
      ];
      lab.equal('connections by server', await counts(lab), counted('0 1', '0 0'));
      await tell(lab, message([wideEntry(lab, { destinationAddress: parseAddress(second.address6) })]));
      // A kernel ends the replaced one by its timer.
      await lab.wait(0.1);
      lab.equal('connections by server when replaced', await counts(lab), counted('0 0', '1 0'));
      await lab.flow({ virtualAddress: lab.vip6, servers: [second] }).clientSends('A');
    },
  },
];
