import { Interrupted } from './interrupted.ts';

/** Runs `work` with a signal that the first Ctrl-C (SIGINT, or SIGTERM) aborts; a second one ends the process as it always would. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: 'SIGINT' | 'SIGTERM'): void => {
    controller.abort(new Interrupted(signal));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
