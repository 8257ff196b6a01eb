import { needsOfCase } from '../conformance/harness/needs-of-case.ts';
import { caseLines } from './case-lines.ts';
import { EXIT_STATUS } from './explain-error.ts';
import type { Terminal } from './terminal.ts';
import { wholeSuite } from './under-test.ts';

export function list(options: { readonly json?: true }, terminal: Terminal): number {
  if (options.json === true) {
    const cases = wholeSuite.map((item) => ({
      id: item.id,
      title: item.title,
      requirement: item.requirement,
      source: item.source,
      level: item.level,
      tags: item.tags,
      needs: needsOfCase(item),
    }));
    terminal.out(`${JSON.stringify(cases, null, 2)}\n`);
    return EXIT_STATUS.ok;
  }
  terminal.out(caseLines(wholeSuite));
  return EXIT_STATUS.ok;
}
