import type { SyncEntry } from '../../../reference/synchronisation/sync-entry.ts';
import { encodeSyncMessage } from '../../../reference/synchronisation/sync-message.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ethernet, ip, payload, udp } from '../../harness/layers.ts';
import { entry, FLAGS, GROUP, GROUP_MAC, message, STATE, tell } from './messages.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
  --start-daemon backup --mcast-interface server --syncid 3
`;

const common = { level: 'ipvs', tags: ['sync', 'backup', 'hostile'], needs: ['connections'], rules } as const;

/** The client ports of the connections that were taken. */
async function taken(lab: Lab): Promise<readonly number[]> {
  return (await lab.connections()).map(({ client }) => Number(client.split(':')[1]));
}

const GOOD = entry({ clientPort: 40001 });
const AFTER = entry({ clientPort: 40009 });

/** A message of a good entry, these bytes as an entry, and another good one; its size and count are right. */
function around(bytes: readonly number[]): Uint8Array {
  const after = encodeSyncMessage({ version: 1, syncId: 3, entries: [AFTER] }).subarray(8);
  const whole = Uint8Array.from([...message([GOOD]), ...bytes, ...after]);
  new DataView(whole.buffer).setUint16(2, whole.length);
  whole[4] = 3;
  return whole;
}

/** An entry's bytes with some of them changed: by offset. */
function changed(changes: Readonly<Record<number, number>>, more: readonly number[] = []): readonly number[] {
  const bytes = [...encodeSyncMessage({ version: 1, syncId: 3, entries: [entry({ clientPort: 40005 })] }).subarray(8)];
  bytes[3] = 36 + more.length;
  const whole = [...bytes, ...more];
  for (const [at, value] of Object.entries(changes)) whole[Number(at)] = value;
  while (whole.length % 4 !== 0) whole.push(0);
  return whole;
}

const SEQUENCES = [1, 24, ...new Array<number>(24).fill(0)];

/** Entries from which on nothing of a message is believed (ip_vs_sync.c, negative results). */
const ENDING: Readonly<Record<string, readonly number[]>> = {
  'of an unknown type': changed({ 0: 2 }),
  'of an unknown version': changed({ 2: 0x10 }),
  'larger than the message': changed({ 2: 0x0f }),
  'smaller than its fixed part': changed({ 3: 35 }),
  'of no size': changed({ 3: 0 }),
  'of IPv6 with the size of IPv4': changed({ 0: 1 }),
  'with half an option': changed({}, [2]),
  'with an empty option': changed({}, [2, 0]),
  'with an option beyond its end': changed({}, [2, 9, 1]),
  'with sequences of another length': changed({}, [1, 1, 1]),
  'with sequences twice': changed({}, [...SEQUENCES, ...SEQUENCES]),
  'with a name of 17 characters': changed({}, [3, 17, ...new Array<number>(17).fill(97)]),
};

/** Entries that are left out, and what stands behind them is believed (positive results). */
const LEFT_OUT: Readonly<Record<string, readonly number[]>> = {
  'with an option that must be known': changed({}, [5, 1, 1]),
  'of an unknown protocol': changed({ 1: 47 }),
  'of a TCP state that is none': changed({ 9: 11 }),
  'of a UDP state that is none': changed({ 1: 17, 9: 1 }),
  'of an unknown persistence engine': changed({}, [2, 1, 97, 3, 2, 110, 111]),
  'with data of a persistence engine and no name': changed({}, [2, 1, 97]),
};

const datagrams = (entries: Readonly<Record<string, readonly number[]>>, ports: readonly number[], id: string) =>
  Object.entries(entries).map(([what, bytes]): Case => ({
    ...common,
    id: `sync/${id}-${what
      .replace(/^(of|with) /, '')
      .toLowerCase()
      .replaceAll(' ', '-')}`,
    title: `An entry ${what}: ${ports.length === 1 ? 'nothing behind it is taken' : 'it alone is left out'}`,
    requirement:
      ports.length === 1
        ? `What stands in a message before an entry ${what} counts; the entry and the rest of the message do not.`
        : `An entry ${what} is left out of a message; those before and behind it count.`,
    source: ['ip_vs_sync.c:ip_vs_process_message', 'ip_vs_sync.c:ip_vs_proc_sync_conn'],
    async script(lab) {
      await tell(lab, around(bytes));
      lab.equal('connections taken', await taken(lab), ports);
    },
  }));

const odd = (flags: number, state: number): SyncEntry => entry({ clientPort: 0, flags, state });

export const cases: readonly Case[] = [
  ...datagrams(ENDING, [40001], 'ends-at'),
  ...datagrams(LEFT_OUT, [40001, 40009], 'leaves-out'),
  {
    ...common,
    id: 'sync/not-a-message',
    title: 'Datagrams that are no message are ignored, and the next good one is taken',
    requirement:
      'A datagram of another size than it says, without a whole header, of no known version, or without entries is none: nothing is taken, and the daemon lives.',
    source: ['ip_vs_sync.c:ip_vs_process_message'],
    async script(lab) {
      const good = message([entry()]);
      const cut = good.slice(0, -1);
      const sized = (bytes: Uint8Array): Uint8Array => {
        new DataView(bytes.buffer).setUint16(2, bytes.length);
        return bytes;
      };
      const none = [
        Uint8Array.of(1),
        Uint8Array.of(0, 3, 0),
        Uint8Array.from([...good, 0]),
        cut,
        sized(cut),
        sized(Uint8Array.of(0, 3, 0, 0)),
        sized(Uint8Array.of(255, 3, 0, 0)),
        good.with(5, 2),
        good.with(6, 1),
        good.with(4, 0),
        new Uint8Array(1400),
      ];
      for (const bytes of none) await tell(lab, bytes);
      lab.equal('connections taken', await taken(lab), []);
      await tell(lab, good);
      lab.equal('connections taken from a good one', await taken(lab), [40001]);
    },
  },
  {
    ...common,
    id: 'sync/elsewhere',
    title: 'Messages to another port, to another group, or with a wrong checksum are not heard',
    requirement: 'The daemon hears its own UDP port of its own group, as any UDP socket does.',
    source: ['ip_vs_sync.c:make_receive_sock', 'RFC 768', 'RFC 1112 §4'],
    async script(lab) {
      const data = message([entry()]);
      await tell(lab, data, { port: 8849 });
      await tell(lab, data, { checksum: 0x1234 });
      await lab.peer.sends(
        ethernet({ destination: '01:00:5e:00:00:52' }),
        ip({ destination: '224.0.0.82', ttl: 1 }),
        udp({ sourcePort: 50000, destinationPort: 8848 }),
        payload(data),
      );
      await lab.gateway.sends(
        ethernet({ destination: GROUP_MAC }),
        ip({ destination: GROUP, ttl: 1 }),
        udp({ sourcePort: 50000, destinationPort: 8848 }),
        payload(data),
      );
      lab.equal('connections taken', await taken(lab), []);
      await tell(lab, data, { checksum: 0 });
      lab.equal('connections taken without a checksum', await taken(lab), [40001]);
    },
  },
  {
    ...common,
    id: 'sync/larger-than-maxlen',
    title: 'A message larger than --sync-maxlen is none; a backup has room for 1024 bytes at least',
    requirement: 'What does not fit into the daemon’s buffer is cut off, and a message that is cut off is ignored.',
    source: ['ip_vs_sync.c:ip_vs_receive', 'ip_vs_sync.c:start_sync_thread'],
    rules: rules.replace('--syncid 3', '--syncid 3 --sync-maxlen 100'),
    async script(lab) {
      const entries = Array.from({ length: 29 }, (_, index) => entry({ clientPort: 41000 + index }));
      await tell(lab, message(entries));
      lab.equal('connections of 1052 bytes', (await taken(lab)).length, 0);
      await tell(lab, message(entries.slice(1)));
      lab.equal('connections of 1016 bytes', (await taken(lab)).length, 28);
    },
  },
  {
    ...common,
    id: 'sync/several-ports',
    title: 'sync_ports: a backup hears on as many ports, from its own on',
    requirement: 'With sync_ports 2 the daemon hears on port 8848 and 8849, and not on 8850.',
    source: ['ip_vs_sync.c:start_sync_thread', 'sysctl vs/sync_ports'],
    environment: { sysctls: { 'vs.sync_ports': '2' } },
    async script(lab) {
      for (const port of [8848, 8849, 8850]) await tell(lab, message([entry({ clientPort: port })]), { port });
      lab.equal('connections taken', await taken(lab), [8848, 8849]);
    },
  },
  {
    ...common,
    id: 'sync/odd-flags',
    title: 'A connection of one packet, or a template whose client port is to come, is told of',
    requirement:
      'Neither can be: newer kernels leave such an entry out; older ones take it for an ordinary connection, and for a template that every connection of the client is found by.',
    source: ['ip_vs_sync.c:ip_vs_sync_validate_flags', 'CVE-2026-98794', 'harnesses.md 53, 61'],
    async script(lab) {
      const { oddSynchronisedFlags } = lab.profile;
      await tell(lab, message([entry({ flags: 0x2000 }), odd(FLAGS.template | 0x800, 0), AFTER]));
      lab.equal('connections taken', await taken(lab), oddSynchronisedFlags === 'refused' ? [40009] : [0, 40001]);
    },
  },
  {
    ...common,
    id: 'sync/odd-template-states',
    title: 'A template in a state that is none is told of',
    requirement:
      'A template is assured or not. Newer kernels leave any other state out, older ones take it and show it as an error.',
    source: ['ip_vs_sync.c:ip_vs_proc_sync_conn', 'ip_vs_proto.c:ip_vs_state_name', 'harnesses.md 58'],
    async script(lab) {
      const { oddTemplateStates } = lab.profile;
      await tell(lab, message([odd(FLAGS.template, 2), AFTER]));
      const rows = await lab.connections();
      const states = rows.map(({ state }) => state);
      lab.equal('states', states, oddTemplateStates === 'refused' ? ['ESTABLISHED'] : ['ERR!', 'ESTABLISHED']);
    },
  },
  {
    ...common,
    id: 'sync/longest-timeout',
    title: 'A timeout of fifty days is taken',
    requirement: 'A timeout that has no room in 32 bits of milliseconds is no reason to end a connection at once.',
    source: ['ip_vs_sync.c:ip_vs_proc_conn'],
    needs: ['connections', 'clock'],
    async script(lab) {
      await tell(lab, message([entry({ timeout: 4_294_968, state: STATE.ESTABLISHED })]));
      await lab.wait(1000);
      lab.equal('connections', await taken(lab), [40001]);
    },
  },
  {
    ...common,
    id: 'sync/fragments',
    title: 'A message in fragments is put together',
    requirement: 'A message larger than the network’s MTU comes in fragments, as any UDP datagram may.',
    source: ['RFC 791 §3.2', 'ip_vs_sync.c:set_mcast_pmtudisc'],
    async script(lab) {
      const { peer } = lab;
      const datagram = Uint8Array.from([0xc3, 0x50, 0x22, 0x90, 0, 8 + 44, 0, 0, ...message([entry()])]);
      const fragment = (from: number, to: number) => [
        ethernet({ destination: GROUP_MAC }),
        ip({ destination: GROUP, ttl: 1, protocol: 17, id: 77, offset: from, mf: to < datagram.length }),
        payload(datagram.subarray(from, to)),
      ];
      await peer.sends(...fragment(0, 24));
      lab.equal('connections after the first', await taken(lab), []);
      await peer.sends(...fragment(24, datagram.length));
      lab.equal('connections after the last', await taken(lab), [40001]);
    },
  },
  {
    ...common,
    id: 'sync/joins-group',
    title: 'A backup tells the routers of its wire that it listens, and that it no longer does',
    requirement:
      'Who joins a group says so in a membership report of version 3, and who leaves it too; each report is sent twice within a second.',
    source: ['RFC 3376 §5.1', 'ip_vs_sync.c:join_mcast_group'],
    rules: rules.split('\n').slice(0, 3).join('\n'),
    needs: ['synchronisation'],
    async script(lab) {
      const { router, director } = lab;
      router.joins('224.0.0.22');
      const report = (change: string) => {
        router.receives(
          ethernet({ source: director.server.mac, destination: '01:00:5e:00:00:16' }),
          ip({
            source: director.server.address,
            destination: '224.0.0.22',
            protocol: 2,
            ttl: 1,
            tos: 0xc0,
            df: true,
            options: '94040000',
          }),
          payload(Uint8Array.from(Buffer.from(change, 'hex'))),
        );
      };
      await lab.configure('--start-daemon backup --mcast-interface server --syncid 3');
      await lab.wait(2);
      // As Linux 6.1.176 sent them.
      for (let time = 0; time < 2; time++) report('2200f9ac0000000104000000e0000051');
      await lab.configure('--stop-daemon backup');
      await lab.wait(2);
      for (let time = 0; time < 2; time++) report('2200faac0000000103000000e0000051');
    },
  },
];
