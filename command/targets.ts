import { EXIT_STATUS } from './explain-error.ts';
import { serverCatalogue } from './server-catalogue.ts';
import { catalogue } from './target-catalogue.ts';
import type { Terminal } from './terminal.ts';

export function targets(options: { readonly json?: true }, terminal: Terminal): number {
  const entries = [...catalogue(), ...serverCatalogue()];
  if (options.json === true) {
    const listed = entries.map(({ id, description, mend }) => ({ id, description, available: mend === null, mend }));
    terminal.out(`${JSON.stringify(listed, null, 2)}\n`);
    return EXIT_STATUS.ok;
  }
  const width = Math.max(...entries.map(({ id }) => id.length));
  for (const { id, description, mend } of entries) {
    terminal.out(`${id.padEnd(width)}  ${mend === null ? 'ready' : 'not here'}  ${description}\n`);
    if (mend !== null) {
      terminal.out(`${' '.repeat(width)}  ${mend}\n`);
    }
  }
  return EXIT_STATUS.ok;
}
