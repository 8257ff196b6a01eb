import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MalformedInput } from '../../reference/errors.ts';
import { describeMutantTable, mutantTable, mutantTableMarkdown, type Failure } from './mutant-table.ts';
import { staleMutants } from './mutated-director.ts';
import { selection } from './selection.ts';

const REPORT = 'conformance-report';

/** The mutants are shared out among as many processes as there are cores. */
function runShard(shard: number, shards: number): Promise<readonly Failure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./shard.js', import.meta.url)), [
      String(shard),
      String(shards),
      ...process.argv.slice(2),
    ]);
    child.on('message', (failures) => resolve(failures as readonly Failure[]));
    child.on('error', reject);
    child.on('exit', (status) =>
      reject(new Error(`the mutants' process ${shard + 1} of ${shards} ended with ${status}`)),
    );
  });
}

/**
 * Runs the suite on the mutants. Exit status 1 when a mutant survives or a case fails none, 2 for words that ask for nothing that is
 * there and when a mutant no longer fits the source. Of a part of the cases or of the mutants only the survivors count: what catches
 * a case may be left out.
 */
async function main(words: readonly string[]): Promise<number> {
  const { mutants, cases } = selection(words);
  const stale = staleMutants(mutants);
  if (stale.length > 0) throw new MalformedInput(stale.join('\n'));
  const start = performance.now();
  const shards = availableParallelism();
  const failures = await Promise.all(Array.from({ length: shards }, (_, shard) => runShard(shard, shards)));
  const table = mutantTable(mutants, cases, failures.flat());
  mkdirSync(REPORT, { recursive: true });
  writeFileSync(join(REPORT, 'mutants.md'), mutantTableMarkdown(table));
  console.log(describeMutantTable(table, cases.length));
  console.log(`the table: ${join(REPORT, 'mutants.md')} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  const idle = words.length === 0 ? table.idleCases.length : 0;
  return table.survivors.length + idle === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof MalformedInput)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
