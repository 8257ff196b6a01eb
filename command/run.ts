import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseKnownFailures, type KnownFailure } from '../conformance/harness/known-failures.ts';
import type { Level, Run } from '../conformance/harness/run.ts';
import { runSuite } from '../conformance/harness/runner.ts';
import { type AnyCase, isServerCase } from '../conformance/harness/server-case.ts';
import { type AnyTarget, isServerTarget } from '../conformance/targets/server-target.ts';
import { ReportFolder } from '../reports/report-folder.ts';
import { conclude } from './conclude.ts';
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
