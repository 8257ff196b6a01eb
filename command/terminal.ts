import { MalformedInput } from '../reference/errors.ts';

/** Where a command writes. */
export interface Terminal {
  /** Results: standard output. */
  out(text: string): void;
  /** Progress and errors: standard error. */
  err(text: string): void;
  /** Width of standard error where somebody watches it, null where it is a file, a pipe or a log. */
  readonly columns: number | null;
  /** Resolves when all is written. Rejects with MalformedInput where it could not be, as on a full disk. */
  flush(): Promise<void>;
}

/** The process's own streams. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  const failures: Error[] = [];
  // Without a listener an error here would end the process with a stack trace.
  stdout.on('error', (error: Error) => failures.push(error));
  stderr.on('error', () => undefined);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    get columns() {
      return stderr.isTTY && process.env['CI'] === undefined && process.env['TERM'] !== 'dumb' ? stderr.columns : null;
    },
    flush: async () => {
      await new Promise((written) => stdout.write('', written));
      await new Promise(setImmediate);
      // A reader that has seen enough (`| head`) is no failure.
      const failure = failures.find((error) => !('code' in error && error.code === 'EPIPE'));
      if (failure !== undefined) {
        throw new MalformedInput(`standard output: cannot be written (${failure.message}); write it elsewhere`);
      }
    },
  };
}
