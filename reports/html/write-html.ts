import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCapture } from '../../conformance/captures/read-capture.ts';
import { DEVIATIONS } from '../../conformance/harness/deviations.ts';
import type { Run, RunResult } from '../../conformance/harness/run.ts';
import { casePage } from './case-page.ts';
import { indexPage } from './index-page.ts';
import { ladderOf, type KnownHost } from './ladder-of.ts';
import type { Messages } from './messages.ts';
import { reportData, type Frames } from './report-data.ts';
import { style } from './style.ts';

/**
 * Writes `index.html`, `style.css` and `cases/*.html` into `folder`, which holds the run's captures already. The pages work from the
 * file system and need no script. A capture that cannot be read is said on its page, not thrown: the verdicts stand without it.
 */
export function writeHtml(run: Run, folder: string, hosts: ReadonlyMap<string, KnownHost>, messages: Messages): void {
  const data = reportData(run, DEVIATIONS);
  mkdirSync(join(folder, 'cases'), { recursive: true });
  writeFileSync(join(folder, 'style.css'), style);
  for (const item of data.casePages) {
    const frames = item.outcomes.map(({ result }) => framesOf(result, folder, hosts, messages.director));
    writeFileSync(join(folder, item.page), casePage(item, frames, messages));
  }
  writeFileSync(join(folder, 'index.html'), indexPage(data, messages));
}

function framesOf(
  { capture }: RunResult,
  folder: string,
  hosts: ReadonlyMap<string, KnownHost>,
  director: string,
): Frames {
  if (capture === null) {
    return null;
  }
  try {
    return ladderOf(readCapture(join(folder, capture)), hosts, director);
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}
