import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from '../conformance/cases/index.ts';
import { parseKnownFailures, surprisesOf, type KnownFailure } from '../conformance/harness/known-failures.ts';
import type { Level, Run } from '../conformance/harness/run.ts';
import { runSuite } from '../conformance/harness/runner.ts';
import { selectCases } from '../conformance/harness/select-cases.ts';
import { ReportFolder } from '../reports/report-folder.ts';
import { VERDICTS, verdictCounts } from '../reports/verdict-counts.ts';
import { EXIT_STATUS } from './explain-error.ts';
import { ProgressDisplay } from './progress.ts';
import type { Shard } from './program.ts';
import { readTextFile } from './read-text-file.ts';
import { reproducingCommand } from './reproducing-command.ts';
import { chooseTargets, createReference, profileOf } from './target-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { toolVersion } from './tool-version.ts';
import { untilInterrupted } from './until-interrupted.ts';

export interface RunOptions {
  readonly target?: readonly string[];
  readonly case?: readonly string[];
  readonly tag?: readonly string[];
  readonly level?: Level;
  readonly profile?: string;
  readonly out: string;
  readonly shard?: Shard;
  readonly known?: string;
  readonly strict?: true;
}

/** Of the lines that end a run, so many name failures; the report has them all. */
const MOST_FAILURES = 20;

export async function run(options: RunOptions, terminal: Terminal): Promise<number> {
  const cases = casesOf(options);
  const known = knownFailuresOf(options);
  const profile = profileOf(options.profile);
  const progress = new ProgressDisplay(terminal);
  return untilInterrupted(async (signal) => {
    const targets = await chooseTargets(options.target, { profile, say: (line) => progress.say(line), signal });
    const folder = new ReportFolder(options.out);
    let result: Run;
    try {
      progress.say(`${cases.length} cases on ${targets.map(({ id }) => id).join(', ')}`);
      const capturesFolder = join(folder.staging, 'captures');
      mkdirSync(capturesFolder);
      result = await runSuite({
        cases,
        targets,
        reference: createReference,
        tool: { version: toolVersion(), command: reproducingCommand(options) },
        capturesFolder,
        onProgress: (item) => progress.result(item),
        signal,
      });
      folder.publish(result);
    } catch (error) {
      folder.discard();
      throw error;
    } finally {
      progress.end();
    }
    return conclude(result, known, options, terminal);
  });
}

function casesOf(options: RunOptions): ReturnType<typeof selectCases> {
  const { shard } = options;
  const cases = selectCases(suite, {
    level: options.level,
    ...(options.case === undefined ? {} : { globs: options.case }),
    ...(options.tag === undefined ? {} : { tags: options.tag }),
  });
  return shard === undefined ? cases : cases.filter((_case, index) => index % shard.count === shard.index - 1);
}

function knownFailuresOf({ known }: RunOptions): readonly KnownFailure[] {
  return known === undefined ? [] : parseKnownFailures(readTextFile(known, 'a list of known failures'), known);
}

/** Totals, failures in short, where to look; the exit status. */
function conclude(result: Run, known: readonly KnownFailure[], options: RunOptions, terminal: Terminal): number {
  const { newFailures, mended } = surprisesOf(result, known);
  const errors = result.results.filter(({ verdict }) => verdict === 'error');
  const name = Math.max(...result.targets.map(({ id }) => id.length));
  for (const { id, version } of result.targets) {
    const counts = verdictCounts(result, id);
    const numbers = VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
    terminal.out(`${id.padEnd(name)}  ${numbers.join(', ')}  (${version})\n`);
  }
  const failures = [...newFailures, ...errors];
  for (const { verdict, target, case: caseId, reason } of failures.slice(0, MOST_FAILURES)) {
    terminal.out(`${verdict}  ${target}  ${caseId}\n${reason.replace(/^/gm, '    ')}\n`);
  }
  if (failures.length > MOST_FAILURES) {
    terminal.out(`… and ${failures.length - MOST_FAILURES} more in the report\n`);
  }
  for (const { target, caseGlob } of mended) {
    terminal.out(`known failure passes now: ${target} ${caseGlob}; take it off ${options.known ?? 'the list'}\n`);
  }
  terminal.out(`report: ${join(options.out, 'index.html')}\n`);
  if (newFailures.length > 0 || (options.strict === true && mended.length > 0)) {
    return EXIT_STATUS.failed;
  }
  return errors.length > 0 ? EXIT_STATUS.fault : EXIT_STATUS.ok;
}
