import { spawn } from 'node:child_process';

export interface Outcome {
  readonly output: string;
  /** Null where all went well, else the first error, or the last of what was said. */
  readonly problem: string | null;
  /** What did not go well, though it was no error. */
  readonly warning: string | null;
}

/** Runs a program of apt or dpkg, or one that was unpacked, to its end. */
export const runProgram = (program: string, args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
    let [output, complaints] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.once('error', ({ message }) => resolve({ output, problem: message, warning: null }));
    child.once('close', (status) => {
      const lines = complaints.split('\n').filter((line) => line.trim() !== '');
      const error = lines.find((line) => /^(E:|dpkg-deb: error)/.test(line)) ?? lines.at(-1);
      resolve({
        output,
        problem: status === 0 ? null : (error ?? `${program}: exit status ${status ?? 'unknown'}`),
        warning: lines.find((line) => line.startsWith('W: Failed')) ?? null,
      });
    });
  });
