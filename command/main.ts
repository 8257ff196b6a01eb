import { explainError } from './explain-error.ts';
import { createProgram } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Runs the command line `parameters` (without node and script); resolves to the exit status, never rejects. */
export async function main(parameters: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let status = 0;
  try {
    const program = createProgram(terminal, (ended) => (status = ended));
    await program.parseAsync(parameters.length === 0 ? ['--help'] : parameters, { from: 'user' });
    await terminal.flush();
    return status;
  } catch (error) {
    const explanation = explainError(error);
    if (explanation.line !== '') {
      terminal.err(`lvs-conformance: ${explanation.line}\n`);
    }
    return explanation.status;
  }
}
