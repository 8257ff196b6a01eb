import { main } from '../main.ts';
import type { Terminal } from '../terminal.ts';

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command line in this process, as on a pipe, or on a terminal of that many columns. `onProgress` sees what goes to standard
 * error as it is written.
 */
export async function commandLine(
  parameters: readonly string[],
  columns: number | null = null,
  onProgress: (text: string) => void = () => undefined,
): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => {
      err.push(text);
      onProgress(text);
    },
    columns,
    flush: () => Promise.resolve(),
  };
  const status = await main(parameters, terminal);
  return { status, out: out.join(''), err: err.join('') };
}
