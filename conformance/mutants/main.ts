import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '../../reference/profile.ts';
import { suite } from '../cases/index.ts';
import { runSuite } from '../harness/runner.ts';
import { ReferenceTarget } from '../targets/reference/reference-target.ts';
import { describeMutantTable, mutantTable, mutantTableMarkdown } from './mutant-table.ts';
import { mutants } from './mutants.ts';
import { mutatedDirector } from './mutated-director.ts';

const REPORT = 'conformance-report';

/** Runs the whole suite on every mutant; exit status 1 when one survives or a case fails none. */
const folder = mkdtempSync(join(tmpdir(), 'lvs-mutants-'));
try {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const profile = PROFILES.linux;
  const targets: ReferenceTarget[] = [];
  for (const mutant of mutants) {
    targets.push(new ReferenceTarget({ profile, id: mutant.id, director: await mutatedDirector(mutant, folder) }));
  }
  const reference = new ReferenceTarget({ profile });
  const run = await runSuite({ cases: suite, targets, reference, tool: { version: '', command: 'npm run mutants' } });
  const table = mutantTable(mutants, run);
  mkdirSync(REPORT, { recursive: true });
  writeFileSync(join(REPORT, 'mutants.md'), mutantTableMarkdown(table));
  console.log(describeMutantTable(table, suite.length));
  console.log(`the whole table: ${join(REPORT, 'mutants.md')} (${(run.durationMs / 1000).toFixed(1)} s)`);
  process.exitCode = table.survivors.length + table.idleCases.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
