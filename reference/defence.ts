import type { Settings } from './administration/settings.ts';
import { FLAG } from './connections/connection-record.ts';
import { TEMPLATE_STATE, type ConnectionTracker } from './connections/connection-tracker.ts';
import { SCTP_STATE } from './connections/sctp-states.ts';
import { TCP_STATE } from './connections/tcp-states.ts';
import type { Random } from './random.ts';
import { PROTOCOL } from './wire/ipv4.ts';

/** The mode that needs no shortage. */
const ALWAYS = 3;
/** Milliseconds from one look at the settings to the next (`ip_vs_ctl.c:DEFENSE_TIMER_PERIOD`). */
const PERIOD = 1000;
/** Pages of memory that the director takes itself to have: what the settings 1 and 2 hold against `vs.amemthresh`. */
const AVAILABLE_PAGES = 65536;
/** A sweep looks at one in so many connections (`ip_vs_conn.c:ip_vs_random_dropentry`). */
const SWEPT = 32;
/** Milliseconds that a connection rests before a sweep ends it (`ip_vs_conn.c:todrop_entry`). */
const REST = 60_000;
/** Connections with more packets than this have proved themselves. */
const MOST_PACKETS = 8;

type Mode = 'vs.drop_packet' | 'vs.drop_entry' | 'vs.secure_tcp';

export interface DefenceOptions {
  readonly settings: Settings;
  readonly tracker: ConnectionTracker;
  readonly random: Random;
}

/**
 * What the director does against floods (`ip_vs_ctl.c:update_defense_level`): it drops new connections before they are scheduled, ends
 * those that only half exist, and establishes none on the client's word alone. Each has a mode: 0 never, 1 when memory is short (then it
 * becomes 2), 2 while memory is short (then it becomes 1), 3 always. A new setting takes effect within a second.
 */
export class Defence {
  readonly #options: DefenceOptions;
  #next = PERIOD;
  /** One in so many new connections is dropped; 0 none. */
  #dropRate = 0;
  #dropCounter = 0;
  #sweeps = false;
  /** By the number of packets: which of several candidates of a sweep is ended. */
  readonly #sweepCounters = new Int32Array(MOST_PACKETS + 1);

  constructor(options: DefenceOptions) {
    this.#options = options;
  }

  /** Whether the packet that would make a connection is dropped instead (`ip_vs_todrop`). */
  drops(): boolean {
    if (this.#dropRate === 0 || --this.#dropCounter > 0) return false;
    this.#dropCounter = this.#dropRate;
    return true;
  }

  /** Time has come to `now` (ms). */
  pass(now: number): void {
    for (; this.#next <= now; this.#next += PERIOD) {
      this.#update();
      if (this.#sweeps) this.#sweep(this.#next);
      // Without sweeps the seconds up to now are all alike.
      else this.#next += Math.floor((now - this.#next) / PERIOD) * PERIOD;
    }
  }

  #update(): void {
    const { settings, tracker } = this.#options;
    const threshold = settings.get('vs.amemthresh');
    const isShort = AVAILABLE_PAGES < threshold;
    this.#sweeps = this.#isOn('vs.drop_entry', isShort);
    tracker.isSecure = this.#isOn('vs.secure_tcp', isShort);
    if (!this.#isOn('vs.drop_packet', isShort)) {
      this.#dropRate = 0;
    } else if (settings.get('vs.drop_packet') === ALWAYS) {
      this.#dropRate = settings.get('vs.am_droprate');
    } else {
      this.#dropRate = Math.floor(threshold / (threshold - AVAILABLE_PAGES));
      this.#dropCounter = this.#dropRate;
    }
  }

  #isOn(mode: Mode, isShort: boolean): boolean {
    const { settings } = this.#options;
    const value = settings.get(mode);
    if (value === 0 || value === ALWAYS) return value === ALWAYS;
    settings.set(mode, isShort ? '2' : '1');
    return isShort;
  }

  /** Ends connections by chance: half open ones, and those that have rested and got few packets. */
  #sweep(now: number): void {
    const { tracker, random } = this.#options;
    for (const connection of tracker.table.handles()) {
      if (random.below(SWEPT) === 0 && this.#isSweptAway(connection, now)) tracker.expireNow(connection);
    }
  }

  #isSweptAway(connection: number, now: number): boolean {
    const { tracker } = this.#options;
    const { table } = tracker;
    if ((table.flags(connection) & FLAG.template) !== 0) {
      const isOfOnePackets = tracker.server(connection)?.service.settings.onePacket === true;
      return isOfOnePackets
        ? this.#hasRested(connection, now)
        : (table.state(connection) & TEMPLATE_STATE.ASSURED) === 0;
    }
    const state = table.state(connection);
    switch (table.protocol(connection)) {
      case PROTOCOL.tcp:
        if (state === TCP_STATE.SYN_RECV || state === TCP_STATE.SYNACK) return true;
        return state === TCP_STATE.ESTABLISHED && this.#hasRested(connection, now);
      case PROTOCOL.sctp:
        if (state === SCTP_STATE.INIT1 || state === SCTP_STATE.INIT) return true;
        return state === SCTP_STATE.ESTABLISHED && this.#hasRested(connection, now);
      default:
        return this.#hasRested(connection, now);
    }
  }

  /** Of those with n packets every nth (`todrop_entry`). */
  #hasRested(connection: number, now: number): boolean {
    const { table } = this.#options.tracker;
    const packets = table.packets(connection);
    if (now < table.expires(connection) - table.timeout(connection) + REST) return false;
    if (packets === 0 || packets > MOST_PACKETS) return false;
    const counter = (this.#sweepCounters[packets] ?? 0) - 1;
    this.#sweepCounters[packets] = counter > 0 ? counter : packets;
    return counter <= 0;
  }
}
