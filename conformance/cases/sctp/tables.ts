import type { ChunkName } from './association.ts';

/** States in the order of the columns below, with the seconds that each lasts (ip_vs_proto_sctp.c:sctp_timeouts). */
export const STATES = [
  { short: 'NO', name: 'NONE', timeout: 2 },
  { short: 'I1', name: 'INIT1', timeout: 4 },
  { short: 'IN', name: 'INIT', timeout: 61 },
  { short: 'CS', name: 'C-SENT', timeout: 61 },
  { short: 'CR', name: 'C-REPLIED', timeout: 61 },
  { short: 'CW', name: 'C-WAIT', timeout: 61 },
  { short: 'CO', name: 'COOKIE', timeout: 61 },
  { short: 'CE', name: 'C-ECHOED', timeout: 61 },
  { short: 'ES', name: 'ESTABLISHED', timeout: 900 },
  { short: 'SS', name: 'S-SENT', timeout: 61 },
  { short: 'SR', name: 'S-RECEIVED', timeout: 61 },
  { short: 'SA', name: 'S-ACK-SENT', timeout: 61 },
  { short: 'RJ', name: 'REJECTED', timeout: 4 },
  { short: 'CL', name: 'CLOSED', timeout: 61 },
] as const;

export type State = (typeof STATES)[number];

/** Whose packet it is: `half` is the client's where the server's do not pass. */
export type Side = 'client' | 'server' | 'half';

/** ip_vs_proto_sctp.c:sctp_states, INPUT, OUTPUT and INPUT_ONLY. */
const TABLES: Readonly<Record<Side, string>> = {
  client: `
  DATA              ES I1 IN CS CR CW CO CE ES SS SR SA RJ CL
  INIT              I1 IN IN CS CR CW CO CE ES SS SR SA IN IN
  INIT_ACK          CW CW CW CS CR CO CO CE ES SS SR SA RJ CL
  COOKIE_ECHO       CR IN IN CR CR CW CO CE ES SS SR SA RJ CL
  COOKIE_ACK        ES I1 IN CS CR CW CO ES ES SS SR SA RJ CL
  SHUTDOWN          SR I1 IN CS CR CW CO CE SR SS SR SA RJ CL
  SHUTDOWN_ACK      CL IN IN CS CR CW CO CE ES CL SR CL RJ CL
  SHUTDOWN_COMPLETE CL CL CL CS CR CW CO CE ES SS SR CL RJ CL
  ERROR             CL I1 IN CS CR CW CO CL ES SS SR SA RJ CL
  ABORT             CL CL CL CL CL RJ CL CL CL CL CL CL CL CL
`,
  server: `
  DATA              ES I1 IN CS CR CW CO CE ES SS SR SA RJ CL
  INIT              CW CW CW CW CW CW CW CW ES CW CW CW CW CW
  INIT_ACK          CS CS CS CS CR CW CO CE ES SS SR SA RJ CL
  COOKIE_ECHO       CE CE CE CE CE CE CE CE ES SS SR SA RJ CL
  COOKIE_ACK        ES ES ES ES ES ES ES ES ES SS SR SA RJ CL
  SHUTDOWN          SS SS SS SS SS SS SS SS SS SS SR SA RJ CL
  SHUTDOWN_ACK      SA SA SA SA SA CW CO CE ES SA SA SA RJ CL
  SHUTDOWN_COMPLETE CL I1 IN CS CR CW CO CE ES SS SR SA RJ CL
  ERROR             CL CL CL CL CL CW CO CE ES SS SR SA RJ CL
  ABORT             CL RJ CL CL CL CL CL CL CL CL CL CL CL CL
`,
  half: `
  DATA              ES I1 IN CS CR ES CO CE ES SS SR SA RJ CL
  INIT              I1 IN IN IN IN IN CO CE ES SS SR SA IN IN
  INIT_ACK          CE CE CE CE CE CE CO CE ES SS SR SA RJ CL
  COOKIE_ECHO       ES ES ES ES ES ES CO CE ES SS SR SA RJ CL
  COOKIE_ACK        ES I1 IN ES ES CW ES ES ES SS SR SA RJ CL
  SHUTDOWN          SR I1 IN CS CR CW CO CE SR SS SR SA RJ CL
  SHUTDOWN_ACK      CL IN IN CS CR CW CO CE CL CL SR CL RJ CL
  SHUTDOWN_COMPLETE CL CL CL CL CL CW CO CE ES SS CL CL RJ CL
  ERROR             CL I1 IN CS CR CW CO CE ES SS SR SA RJ CL
  ABORT             CL CL CL CL CL RJ CL CL CL CL CL CL CL CL
`,
};

/** The state that a packet with this chunk leads to. */
export function nextState(side: Side, chunk: ChunkName, before: State): State {
  const row = TABLES[side].split('\n').find((line) => line.trim().startsWith(`${chunk} `));
  const short = row?.trim().split(/ +/)[1 + STATES.indexOf(before)];
  const found = STATES.find((state) => state.short === short);
  if (found === undefined) throw new Error(`no cell for ${chunk} of the ${side} in ${before.name}`);
  return found;
}

/** Chunks that stand for the ten events; the others are as DATA. */
export const EVENTS = [
  'DATA',
  'INIT',
  'INIT_ACK',
  'COOKIE_ECHO',
  'COOKIE_ACK',
  'SHUTDOWN',
  'SHUTDOWN_ACK',
  'SHUTDOWN_COMPLETE',
  'ERROR',
  'ABORT',
] as const satisfies readonly ChunkName[];

export type Step = readonly [side: Side, chunk: ChunkName];

/** A shortest way of packets to each state that packets lead to, an INIT first. */
export function paths(sides: readonly Side[]): ReadonlyMap<State, readonly Step[]> {
  const [first = 'client'] = sides;
  const begin: Step = [first, 'INIT'];
  const found = new Map<State, readonly Step[]>([[nextState(first, 'INIT', STATES[0]), [begin]]]);
  // A map is walked in the order of insertion, what is added meanwhile too.
  for (const [state, path] of found) {
    for (const side of sides) {
      for (const event of EVENTS) {
        const next = nextState(side, event, state);
        if (!found.has(next)) found.set(next, [...path, [side, event]]);
      }
    }
  }
  return found;
}
