import type { Settings } from '../administration/settings.ts';
import type { Clock } from '../clock.ts';
import { FLAG, NONE } from '../connections/connection-record.ts';
import type { ConnectionTable } from '../connections/connection-table.ts';
import { SCTP_STATE } from '../connections/sctp-states.ts';
import { TCP_STATE } from '../connections/tcp-states.ts';
import { PROTOCOL } from '../wire/ipv4.ts';

/** In which states a connection is told, and in which of them the packet that led there is reason enough. */
interface ToldStates {
  readonly told: ReadonlySet<number>;
  readonly atOnce: ReadonlySet<number>;
}

/** A connection that is about to close is told at once, so that a backup does not keep it for longer than we do. */
function toldStates(established: number, closing: readonly number[]): ToldStates {
  return { told: new Set([established, ...closing]), atOnce: new Set(closing) };
}

const { ESTABLISHED, FIN_WAIT, CLOSE, CLOSE_WAIT, TIME_WAIT } = TCP_STATE;
const SCTP_CLOSING = [SCTP_STATE['S-SENT'], SCTP_STATE['S-RECEIVED'], SCTP_STATE['S-ACK-SENT'], SCTP_STATE.CLOSED];

/** Protocols with states. Those with one state only are told by their packets alone. */
const TOLD_STATES: Readonly<Partial<Record<number, ToldStates>>> = {
  [PROTOCOL.tcp]: toldStates(ESTABLISHED, [FIN_WAIT, CLOSE, CLOSE_WAIT, TIME_WAIT]),
  [PROTOCOL.sctp]: toldStates(SCTP_STATE.ESTABLISHED, SCTP_CLOSING),
};

/** Milliseconds; half of a shorter timeout is no measure for a change. */
const SHORTEST_CHANGE = 10_000;

/** Whether a connection is worth a message now (ip_vs_sync.c:ip_vs_sync_conn_needed). */
export class SyncDecision {
  readonly #table: ConnectionTable;
  readonly #settings: Settings;
  readonly #clock: Clock;

  constructor(table: ConnectionTable, settings: Settings, clock: Clock) {
    this.#table = table;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Says so, and takes it for told from then on. `packets` is the client's packets so far. */
  isDue(connection: number, packets: number): boolean {
    const table = this.#table;
    const isTemplate = (table.flags(connection) & FLAG.template) !== 0;
    const state = table.state(connection);
    const until = this.#clock.now + table.timeout(connection);
    let again = 0;
    if (!isTemplate && this.#leavesToTemplate(connection)) return false;
    const states = isTemplate ? undefined : TOLD_STATES[table.protocol(connection)];
    if (states?.told.has(state) === false) return false;
    if (states?.atOnce.has(state) !== true || state === table.toldState(connection)) {
      const change = this.#change(connection, until);
      if (change === 'too small') return false;
      again = change;
      if (!this.#isItsTurn(isTemplate, packets)) return false;
    }
    table.setToldState(connection, state);
    table.setToldUntil(connection, until);
    table.setToldAgain(connection, again);
    return true;
  }

  /** `sync_persist_mode`: who knows the template knows where the client's connections go. */
  #leavesToTemplate(connection: number): boolean {
    if (this.#settings.get('vs.sync_persist_mode') === 0) return false;
    const table = this.#table;
    for (let control = table.control(connection); control !== NONE; control = table.control(control)) {
      if ((table.flags(control) & FLAG.template) !== 0) return true;
    }
    return false;
  }

  /**
   * `sync_refresh_period`: while the end that others know of is near enough to the true one, they are told again `sync_retries` times,
   * an eighth of the period after the last time, and then no more. Gives how often that makes.
   */
  #change(connection: number, until: number): number | 'too small' {
    const period = this.#settings.get('vs.sync_refresh_period') * 1000;
    if (period === 0) return 0;
    const table = this.#table;
    const timeout = table.timeout(connection);
    const told = table.toldUntil(connection);
    if (Math.abs(until - told) >= Math.min(period, Math.max(timeout / 2, SHORTEST_CHANGE))) return 0;
    const again = table.toldAgain(connection);
    if (again >= this.#settings.get('vs.sync_retries')) return 'too small';
    if (this.#clock.now < told - timeout + period / 8) return 'too small';
    return again + 1;
  }

  /** `sync_threshold` and its period count the client's packets; a template is told with each of its connections' unless a period of 0 says once. */
  #isItsTurn(isTemplate: boolean, packets: number): boolean {
    const threshold = this.#settings.get('vs.sync_threshold');
    const period = this.#settings.syncPeriod;
    if (period > 0) return isTemplate || packets % period === threshold;
    return this.#settings.get('vs.sync_refresh_period') > 0 || packets === threshold;
  }
}
