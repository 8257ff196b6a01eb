import { readFileSync, readlinkSync } from 'node:fs';

/** On every container and image that a run makes: which run it was, as {@link writeIdentity} says it. */
export const RUN_LABEL = 'lvs-conformance.run';

/** A process, told apart from every other that had or will have its number. */
export interface RunIdentity {
  /** Of the machine's start: numbers of processes and their times mean nothing beyond. */
  readonly boot: string;
  /** Process numbers mean something only among those who share them. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** In clock ticks since the machine's start. */
  readonly startTime: string;
}

/** Where to look for a run's process. */
export interface Viewpoint {
  readonly boot: string;
  readonly pidNamespace: string;
  /** Null where there is no such process. */
  startTimeOf(pid: number): string | null;
}

export const writeIdentity = ({ boot, pidNamespace, pid, startTime }: RunIdentity): string =>
  [boot, pidNamespace, pid, startTime].join('/');

/** Null for what no run of ours wrote. */
export function readIdentity(text: string): RunIdentity | null {
  const [, boot, pidNamespace, pid, startTime] = /^([0-9a-f-]+)\/(\d+)\/(\d+)\/(\d+)$/.exec(text) ?? [];
  if (boot === undefined || pidNamespace === undefined || pid === undefined || startTime === undefined) return null;
  return { boot, pidNamespace, pid: Number(pid), startTime };
}

/**
 * Whether a run is over for certain. The engine is of this machine's kernel, so a run of another boot ended with it. One whose process
 * numbers are of another namespace cannot be seen from here: it counts as living.
 */
export function hasEnded(run: RunIdentity, from: Viewpoint): boolean {
  if (run.boot !== from.boot) return true;
  return run.pidNamespace === from.pidNamespace && from.startTimeOf(run.pid) !== run.startTime;
}

export function ownViewpoint(): Viewpoint {
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace: /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '',
    startTimeOf: (pid) => {
      try {
        return startTimeIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return null;
      }
    },
  };
}

/**
 * proc_pid_stat(5): field 22; null for a process that has ended and only waits for its parent (field 3: Z, X). The second is the program's
 * name in parentheses, which may hold any character.
 */
export function startTimeIn(stat: string): string | null {
  const [state = '', ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 'ZX'.includes(state) ? null : (more[18] ?? null);
}

export function ownIdentity(from: Viewpoint = ownViewpoint()): RunIdentity {
  const { boot, pidNamespace } = from;
  return { boot, pidNamespace, pid: process.pid, startTime: from.startTimeOf(process.pid) ?? '' };
}
