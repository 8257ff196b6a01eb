import type { Progress } from '../conformance/harness/runner.ts';
import type { RunResult } from '../conformance/harness/run.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two drawings of the bar: often enough to look alive, too seldom to cost anything. */
const REDRAW_MS = 100;
/** Of a case's reason; the report has all of it. */
const REASON_LENGTH = 160;

/**
 * What is shown while a run goes on: each failed case as a line as soon as it is known, and on a terminal a bar below them. No line
 * for a case that went well: a log of a thousand cases stays readable.
 */
export class ProgressDisplay {
  readonly #terminal: Terminal;
  #drawn = -Infinity;
  #isBarShown = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A line that stays. */
  say(line: string): void {
    this.#erase();
    this.#terminal.err(`${line}\n`);
  }

  result({ done, total, result }: Progress): void {
    if (result.verdict === 'fail' || result.verdict === 'error') {
      this.say(failureLine(result));
    }
    const now = performance.now();
    if (this.#terminal.columns !== null && (now - this.#drawn > REDRAW_MS || done === total)) {
      this.#drawn = now;
      this.#draw(this.#terminal.columns, done, total, result);
    }
  }

  end(): void {
    this.#erase();
  }

  #draw(columns: number, done: number, total: number, { target, case: caseId }: RunResult): void {
    const width = Math.max(10, Math.min(40, columns - 50));
    const filled = Math.round((width * done) / total);
    const line = `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total} ${target} ${caseId}`;
    this.#terminal.err(`\r\u001b[K${line.slice(0, columns - 1)}`);
    this.#isBarShown = true;
  }

  #erase(): void {
    if (this.#isBarShown) {
      this.#terminal.err('\r\u001b[K');
      this.#isBarShown = false;
    }
  }
}

function failureLine({ verdict, target, case: caseId, reason }: RunResult): string {
  const first = reason
    .split('\n')
    .slice(0, 3)
    .join(' | ')
    .replace(/\p{Cc}/gu, ' ');
  const short = first.length > REASON_LENGTH ? `${first.slice(0, REASON_LENGTH)}…` : first;
  return `${verdict}  ${target}  ${caseId}: ${short}`;
}
