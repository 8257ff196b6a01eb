import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from '../cases/index.ts';
import { describeMutantTable, mutantTable, mutantTableMarkdown, type Failure } from './mutant-table.ts';
import { mutants } from './mutants.ts';
import { staleMutants } from './mutated-director.ts';

const REPORT = 'conformance-report';

/** The mutants are shared out among as many processes as there are cores. */
function runShard(shard: number, shards: number): Promise<readonly Failure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./shard.ts', import.meta.url)), [String(shard), String(shards)]);
    child.on('message', (failures) => resolve(failures as readonly Failure[]));
    child.on('error', reject);
    child.on('exit', (status) =>
      reject(new Error(`the mutants' process ${shard + 1} of ${shards} ended with ${status}`)),
    );
  });
}

/** Runs the whole suite on every mutant; exit status 1 when one survives or a case fails none, 2 when one no longer fits the source. */
const stale = staleMutants(mutants);
if (stale.length > 0) {
  for (const line of stale) console.error(line);
  process.exitCode = 2;
} else {
  const start = performance.now();
  const shards = availableParallelism();
  const failures = await Promise.all(Array.from({ length: shards }, (_, shard) => runShard(shard, shards)));
  const table = mutantTable(mutants, suite, failures.flat());
  mkdirSync(REPORT, { recursive: true });
  writeFileSync(join(REPORT, 'mutants.md'), mutantTableMarkdown(table));
  console.log(describeMutantTable(table, suite.length));
  console.log(`the whole table: ${join(REPORT, 'mutants.md')} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  process.exitCode = table.survivors.length + table.idleCases.length === 0 ? 0 : 1;
}
