import { MalformedInput } from './errors.ts';

/**
 * Virtual time in milliseconds since the director started. It moves only when told to, so every run of the same
 * frames gives the same frames. Tasks due at the same instant run in the order in which they were scheduled.
 */
export class Clock {
  #now = 0;
  readonly #tasks: Task[] = [];

  get now(): number {
    return this.#now;
  }

  /** The instant of the next task; Infinity where there is none. */
  get nextDue(): number {
    return this.#tasks[0]?.at ?? Infinity;
  }

  /** Runs `action` once, `delay` milliseconds from now. Returns what {@link cancel} takes. */
  schedule(delay: number, action: () => void): Task {
    const task: Task = { at: this.#now + delay, action };
    // From the end: most tasks are later than all others.
    const before = this.#tasks.findLastIndex((other) => other.at <= task.at);
    this.#tasks.splice(before + 1, 0, task);
    return task;
  }

  cancel(task: Task): void {
    const index = this.#tasks.indexOf(task);
    if (index !== -1) this.#tasks.splice(index, 1);
  }

  /**
   * Moves time forward by `milliseconds`. `passing` is told of every instant at which something may happen, in order.
   *
   * @throws MalformedInput for a time that is negative or no number
   */
  advance(milliseconds: number, passing: (now: number) => void): void {
    if (!(milliseconds >= 0 && milliseconds < Infinity)) {
      throw new MalformedInput(`time cannot pass by ${milliseconds} ms; give a number of 0 or more`);
    }
    const end = this.#now + milliseconds;
    for (let task = this.#tasks[0]; task !== undefined && task.at <= end; task = this.#tasks[0]) {
      this.#tasks.shift();
      this.#now = task.at;
      passing(this.#now);
      task.action();
    }
    this.#now = end;
    passing(end);
  }
}

export interface Task {
  readonly at: number;
  readonly action: () => void;
}
