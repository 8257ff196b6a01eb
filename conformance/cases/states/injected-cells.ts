import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { entry, FLAGS, message, STATE, tell } from '../sync/messages.ts';
import { Segments } from './segments.ts';

/** States in the order of the tables' columns, by the letters of their cells (ip_vs_proto_tcp.c:tcp_states). */
const STATES = {
  NO: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYNACK',
} as const;
type Letters = keyof typeof STATES;
const COLUMNS = Object.keys(STATES) as Letters[];

/** Seconds (ip_vs_proto_tcp.c:tcp_timeouts). */
const TIMEOUTS: Readonly<Record<Letters, number>> = {
  NO: 2,
  ES: 900,
  SS: 120,
  SR: 60,
  FW: 120,
  TW: 120,
  CL: 10,
  CW: 60,
  LA: 30,
  LI: 120,
  SA: 120,
};

/** A segment's flags, and the states that it leads to from each of the columns. */
type Row = readonly [flags: string, cells: string];

interface Table {
  readonly id: string;
  readonly title: string;
  readonly method: 'nat' | 'direct-route';
  readonly side: 'client' | 'server';
  readonly rows: readonly Row[];
}

/** A segment without any of the four flags closes, whatever the state (ip_vs_proto_tcp.c:set_tcp_state). */
const FLAGLESS: Row = ['', 'CL CL CL CL CL CL CL CL CL CL CL'];

const NORMAL: readonly Table[] = [
  {
    id: 'input',
    title: 'VS/NAT, the client’s segments',
    method: 'nat',
    side: 'client',
    rows: [
      ['S', 'SR ES ES SR SR SR SR SR SR SR SR'],
      ['F', 'CL CW SS TW TW TW CL CW LA LI TW'],
      ['A', 'ES ES SS ES FW TW CL CW CL LI ES'],
      ['R', 'CL CL CL SR CL CL CL CL LA LI SR'],
      FLAGLESS,
    ],
  },
  {
    id: 'output',
    title: 'VS/NAT, the server’s segments',
    method: 'nat',
    side: 'server',
    rows: [
      ['S', 'SS ES SS SR SS SS SS SS SS LI SR'],
      ['F', 'TW FW SS TW FW TW CL TW LA LI TW'],
      ['A', 'ES ES SS ES FW TW CL CW LA ES ES'],
      ['R', 'CL CL SS CL CL TW CL CL CL CL CL'],
      FLAGLESS,
    ],
  },
  {
    id: 'input-only',
    title: 'VS/DR, the client’s segments',
    method: 'direct-route',
    side: 'client',
    rows: [
      ['S', 'SR ES ES SR SR SR SR SR SR SR SR'],
      ['F', 'CL FW SS TW FW TW CL CW LA LI TW'],
      ['A', 'ES ES SS ES FW TW CL CW CL LI ES'],
      ['R', 'CL CL CL SR CL CL CL CL LA LI CL'],
      FLAGLESS,
    ],
  },
];

/** The same with `secure_tcp` (ip_vs_proto_tcp.c:tcp_states_dos). */
const SECURE: readonly Table[] = [
  {
    id: 'secure-input',
    title: 'VS/NAT with secure_tcp, the client’s segments',
    method: 'nat',
    side: 'client',
    rows: [
      ['S', 'SR ES ES SR SR SR SR SR SR SR SA'],
      ['F', 'CL CW SS TW TW TW CL CW LA LI SA'],
      ['A', 'ES ES SS SR FW TW CL CW CL LI SA'],
      ['R', 'CL CL CL SR CL CL CL CL LA LI CL'],
      FLAGLESS,
    ],
  },
  {
    id: 'secure-output',
    title: 'VS/NAT with secure_tcp, the server’s segments',
    method: 'nat',
    side: 'server',
    rows: [
      ['S', 'SS ES SS SA SS SS SS SS SS LI SA'],
      ['F', 'TW FW SS TW FW TW CL TW LA LI TW'],
      ['A', 'ES ES SS ES FW TW CL CW LA ES ES'],
      ['R', 'CL CL SS CL CL TW CL CL CL CL CL'],
      FLAGLESS,
    ],
  },
  {
    id: 'secure-input-only',
    title: 'VS/DR with secure_tcp, the client’s segments',
    method: 'direct-route',
    side: 'client',
    rows: [
      ['S', 'SA ES ES SR SA SA SA SA SA SA SA'],
      ['F', 'CL FW SS TW FW TW CL CW LA LI TW'],
      ['A', 'ES ES SS ES FW TW CL CW CL LI ES'],
      ['R', 'CL CL CL SR CL CL CL CL LA LI CL'],
      FLAGLESS,
    ],
  },
];

const FIRST_PORT = 42000;

/** Has a connection told of in every state, lets the segment pass on each, and looks what became of them. */
async function checkRow(lab: Lab, { method, side }: Table, [flags, cells]: Row, firstPort: number): Promise<void> {
  const told = COLUMNS.map((letters, column) =>
    entry({ clientPort: firstPort + column, flags: FLAGS[method], state: STATE[STATES[letters]], timeout: 500 }),
  );
  await tell(lab, message(told));
  for (const { clientPort } of told) {
    const connection = new Segments(lab, { port: clientPort, method });
    if (side === 'client') await connection.clientSends(flags);
    else await connection.serverSends(flags);
  }
  const rows = await lab.connections();
  for (const [column, next] of cells.split(' ').entries()) {
    const from = COLUMNS[column];
    const letters = COLUMNS.find((candidate) => candidate === next);
    if (from === undefined || letters === undefined) continue;
    const row = rows.find(({ client }) => client === `${lab.client.address}:${firstPort + column}`);
    const what = `${flags === '' ? 'a segment without flags' : flags} of the ${side} in ${STATES[from]}`;
    lab.equal(`state after ${what}`, row?.state, STATES[letters]);
    lab.within(`seconds left after ${what}`, row?.expires ?? -1, TIMEOUTS[letters] - 3, TIMEOUTS[letters]);
  }
}

const caseOf = (table: Table, secure: boolean): Case => ({
  id: `states/all-cells-${table.id}`,
  title: `Every cell of the state table: ${table.title}`,
  requirement:
    'From each of the eleven states each segment leads where the table says, also from those that no packet leads to, and the timeout is that of the new state.',
  source: [
    'ip_vs_proto_tcp.c:tcp_states',
    ...(secure ? ['ip_vs_proto_tcp.c:tcp_states_dos'] : []),
    'ipvs-cases C15, C24',
  ],
  level: 'ipvs',
  tags: ['states', 'tcp', 'sync'],
  needs: ['connections'],
  // A SYN on a finished connection is to move its state, not to begin another one.
  environment: { sysctls: { 'vs.conn_reuse_mode': '0', ...(secure ? { 'vs.secure_tcp': '3' } : {}) } },
  rules: `
    -A -t 10.0.0.100:80 -s rr
    -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${table.method === 'nat' ? '-m' : '-g'}
    --start-daemon backup --mcast-interface server --syncid 3
  `,
  async script(lab) {
    // The setting takes effect within a second.
    if (secure) await lab.wait(1);
    for (const [index, row] of table.rows.entries()) {
      await checkRow(lab, table, row, FIRST_PORT + index * COLUMNS.length);
    }
  },
});

export const cases: readonly Case[] = [
  ...NORMAL.map((table) => caseOf(table, false)),
  ...SECURE.map((table) => caseOf(table, true)),
];
