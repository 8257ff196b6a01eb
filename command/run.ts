import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseKnownFailures, surprisesOf, type KnownFailure } from '../conformance/harness/known-failures.ts';
import type { Level, Run } from '../conformance/harness/run.ts';
import { runSuite } from '../conformance/harness/runner.ts';
import { type AnyCase, isServerCase } from '../conformance/harness/server-case.ts';
import { type AnyTarget, isServerTarget } from '../conformance/targets/server-target.ts';
import { ReportFolder } from '../reports/report-folder.ts';
import { VERDICTS, verdictCounts } from '../reports/verdict-counts.ts';
import { EXIT_STATUS } from './explain-error.ts';
import { ProgressDisplay } from './progress.ts';
import type { Shard } from './program.ts';
import { readTextFile } from './read-text-file.ts';
import { reproducingCommand } from './reproducing-command.ts';
import { createReference, profileOf } from './target-catalogue.ts';
import type { Terminal } from './terminal.ts';
import { toolVersion } from './tool-version.ts';
import { casesForTargets, casesOf, targetsOf } from './under-test.ts';
import { untilInterrupted } from './until-interrupted.ts';

export interface RunOptions {
  readonly target?: readonly string[];
  readonly case?: readonly string[];
  readonly tag?: readonly string[];
  readonly level?: Level;
  readonly profile?: string;
  /** A set-up of a real server: its name, or a file. */
  readonly setup?: string;
  readonly out: string;
  readonly shard?: Shard;
  readonly known?: string;
  readonly strict?: true;
}

/** Of the lines that end a run, so many name failures; the report has them all. */
const MOST_FAILURES = 20;

export async function run(options: RunOptions, terminal: Terminal): Promise<number> {
  const selected = casesOf(options);
  const known = knownFailuresOf(options);
  const profile = profileOf(options.profile);
  const progress = new ProgressDisplay(terminal);
  return untilInterrupted(async (signal) => {
    const folder = new ReportFolder(options.out);
    let result: Run;
    try {
      const targets = await targetsOf(options, selected, { profile, say: (line) => progress.say(line), signal });
      const cases = casesForTargets(options, selected, targets);
      for (const line of announcement(cases, targets)) progress.say(line);
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

/** How many cases are put to whom: a line, or one for each kind of target where there are both. */
function announcement(cases: readonly AnyCase[], targets: readonly AnyTarget[]): readonly string[] {
  const names = (some: readonly AnyTarget[]): string => some.map(({ id }) => id).join(', ');
  const servers = targets.filter(isServerTarget);
  if (servers.length === 0 || servers.length === targets.length) return [`${cases.length} cases on ${names(targets)}`];
  const asked = cases.filter(isServerCase).length;
  const directors = targets.filter((target) => !isServerTarget(target));
  return [
    `${cases.length - asked} cases on ${names(directors)}`,
    `${asked} cases of real servers on ${names(servers)}`,
  ];
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
