import { main } from '../main.ts';
import type { Terminal } from '../terminal.ts';

export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, as on a pipe, or on a terminal of that many columns. */
export async function commandLine(parameters: readonly string[], columns: number | null = null): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    columns,
    flush: () => Promise.resolve(),
  };
  const status = await main(parameters, terminal);
  return { status, out: out.join(''), err: err.join('') };
}
