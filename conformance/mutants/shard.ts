import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxProfile } from '../../reference/linux-profile.ts';
import { PROFILES, type Profile } from '../../reference/profile.ts';
import { runSuite } from '../harness/runner.ts';
import { ReferenceTarget } from '../targets/reference/reference-target.ts';
import type { Failure } from './mutant-table.ts';
import { mutatedDirector } from './mutated-director.ts';
import { selection } from './selection.ts';

/** Runs the chosen cases on every `shards`-th of the chosen mutants and sends the failures to the parent process. */
const [shard = 0, shards = 1] = process.argv.slice(2, 4).map(Number);
const { mutants, cases } = selection(process.argv.slice(4));
const folder = mkdtempSync(join(tmpdir(), 'lvs-mutants-'));
try {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const reference = (profile: Profile): ReferenceTarget => new ReferenceTarget({ profile });
  const tool = { version: '', command: 'npm run mutants' };
  const failures: Failure[] = [];
  // One by one: what a run remembers of its frames and listings is forgotten before the next.
  for (const mutant of mutants.filter((_, index) => index % shards === shard)) {
    const profile = mutant.kernel === undefined ? PROFILES.linux : linuxProfile(mutant.kernel);
    const director = await mutatedDirector(mutant, folder);
    const targets = [new ReferenceTarget({ profile, id: mutant.id, director })];
    const run = await runSuite({ cases, targets, reference, tool });
    // Only `fail` counts: a verdict about the director, not about the harness.
    const failed = run.results.filter(({ verdict }) => verdict === 'fail');
    failures.push(...failed.map((result) => ({ mutant: mutant.id, case: result.case })));
  }
  process.send?.(failures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
