import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxProfile } from '../../reference/linux-profile.ts';
import { PROFILES, type Profile } from '../../reference/profile.ts';
import type { Case } from '../harness/case.ts';
import { runSuite } from '../harness/runner.ts';
import { ReferenceTarget } from '../targets/reference/reference-target.ts';
import type { Mutant } from './mutant.ts';
import type { Failure } from './mutant-table.ts';
import { mutatedDirector } from './mutated-director.ts';
import { selection } from './selection.ts';

/** Cases that a mutant is put to at a time while nobody has caught it. */
const BATCH = 60;

/**
 * Runs the chosen cases on every `shards`-th of the chosen mutants and sends the failures to the parent process. Asked is what the two
 * questions need: a mutant meets first all cases that have caught none so far, and then, where none of those catches it, the others,
 * those likely to first, until one does.
 */
const [shard = 0, shards = 1] = process.argv.slice(2, 4).map(Number);
const { mutants, cases } = selection(process.argv.slice(4));
const folder = mkdtempSync(join(tmpdir(), 'lvs-mutants-'));
/** How often each case caught a mutant, by the mutant's file. */
const caught = new Map<string, Map<string, number>>();
const idle = new Set(cases);

async function failuresOf(target: ReferenceTarget, some: readonly Case[]): Promise<readonly string[]> {
  if (some.length === 0) return [];
  const reference = (profile: Profile): ReferenceTarget => new ReferenceTarget({ profile });
  const tool = { version: '', command: 'npm run mutants' };
  const run = await runSuite({ cases: some, targets: [target], reference, tool });
  // Only `fail` counts: a verdict about the director, not about the harness.
  return run.results.filter(({ verdict }) => verdict === 'fail').map((result) => result.case);
}

/** The cases most like those that caught other faults of the file, and those most like the mutant in name, first. */
function likeliestFirst({ id, file }: Mutant, some: readonly Case[]): readonly Case[] {
  const words = id.split('-').filter((word) => word.length > 2);
  const before = caught.get(file);
  const likelihood = (one: Case): number =>
    words.filter((word) => one.id.includes(word)).length + (before?.get(one.id) ?? 0) / 10;
  return [...some].sort((a, b) => likelihood(b) - likelihood(a));
}

async function catchersOf(mutant: Mutant): Promise<readonly string[]> {
  const profile = mutant.kernel === undefined ? PROFILES.linux : linuxProfile(mutant.kernel);
  const director = await mutatedDirector(mutant, folder);
  const target = new ReferenceTarget({ profile, id: mutant.id, director });
  const others = likeliestFirst(
    mutant,
    cases.filter((one) => !idle.has(one)),
  );
  let catchers = await failuresOf(target, [...idle]);
  for (let from = 0; catchers.length === 0 && from < others.length; from += BATCH) {
    catchers = await failuresOf(target, others.slice(from, from + BATCH));
  }
  return catchers;
}

try {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const failures: Failure[] = [];
  for (const mutant of mutants.filter((_, index) => index % shards === shard)) {
    const catchers = await catchersOf(mutant);
    const ofFile = caught.get(mutant.file) ?? new Map<string, number>();
    caught.set(mutant.file, ofFile);
    for (const id of catchers) ofFile.set(id, (ofFile.get(id) ?? 0) + 1);
    for (const one of cases) if (catchers.includes(one.id)) idle.delete(one);
    failures.push(...catchers.map((id) => ({ mutant: mutant.id, case: id })));
  }
  process.send?.(failures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
