import type { ConnectionRow } from './lab.ts';
import type { Check, ConnectionNews, Listing } from './run.ts';
import type { WireRecorder } from './wire-recorder.ts';

/** A case that asks more often than this tells nothing new with the rest; a run's file stays small. */
const MOST = 500;
/** Values longer than this are for a debugger, not for a report. In characters. */
const LONGEST = 300;

/** What a case learned apart from frames: the director's own listing of its connections, and what was compared with what. */
export class Observations {
  readonly listings: Listing[] = [];
  readonly checks: Check[] = [];
  readonly #recorder: WireRecorder;
  readonly #last = new Map<string, ConnectionNews>();

  constructor(recorder: WireRecorder) {
    this.#recorder = recorder;
  }

  connections(rows: readonly ConnectionRow[]): void {
    if (this.listings.length >= MOST) return;
    const news: ConnectionNews[] = [];
    const listed = new Set<string>();
    for (const { protocol, client, virtual, state, expires } of rows) {
      const key = `${protocol} ${client} ${virtual}`;
      listed.add(key);
      const last = this.#last.get(key);
      const seen = { protocol, client, virtual, state, expires };
      if (last?.state !== state || expires > (last.expires ?? 0)) news.push(seen);
      this.#last.set(key, seen);
    }
    for (const [key, last] of this.#last) {
      if (listed.has(key)) continue;
      news.push({ ...last, state: null, expires: null });
      this.#last.delete(key);
    }
    this.listings.push({ ...this.#instant(), news });
  }

  /** Both values as JSON. */
  check(what: string, required: string, actual: string): void {
    if (this.checks.length >= MOST || actual.length > LONGEST || required.length > LONGEST) return;
    this.checks.push({ ...this.#instant(), what, required, actual });
  }

  #instant(): { readonly frames: number; readonly time: number } {
    return { frames: this.#recorder.records.length, time: this.#recorder.now };
  }
}
