import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capture } from '../../conformance/captures/capture.ts';
import { readCapture } from '../../conformance/captures/read-capture.ts';
import { DEVIATIONS } from '../../conformance/harness/deviations.ts';
import type { Run } from '../../conformance/harness/run.ts';
import { browserScript } from './browser-script.ts';
import { casePage, type Frames } from './case-page.ts';
import { caseScript } from './case-script.ts';
import { english } from './english.ts';
import { filterScript } from './filter-script.ts';
import { indexPage } from './index-page.ts';
import type { KnownHost } from './ladder-of.ts';
import { picturesPage } from './pictures-page.ts';
import { profileOfTarget } from './profile-of-target.ts';
import { referenceOf } from './reference-of.ts';
import { reportData, type Outcome } from './report-data.ts';
import { resultView } from './result-view.ts';
import type { CaseSteps } from './state-coverage.ts';
import { style } from './style.ts';

/**
 * Writes `index.html`, `pictures.html`, `cases/*.html`, `style.css` and `report.js` into `folder`, which holds the run's captures already.
 * The pages work from the file system, and offline. A capture that cannot be read is said on its page, not thrown: the verdicts stand
 * without it.
 */
export function writeHtml(run: Run, folder: string, hosts: ReadonlyMap<string, KnownHost>): void {
  const data = reportData(run, DEVIATIONS);
  mkdirSync(join(folder, 'cases'), { recursive: true });
  writeFileSync(join(folder, 'style.css'), style);
  writeFileSync(join(folder, 'report.js'), browserScript([filterScript, caseScript()]));
  const steps: CaseSteps[] = [];
  for (const item of data.casePages) {
    const captures = item.outcomes.map(({ result }) => captureOf(result.capture, folder));
    const frames = item.outcomes.map((outcome, index) => {
      const place = item.outcomes.findIndex(({ target }) => target.id === referenceOf(outcome.target.id));
      const isCompared = outcome.target.profile === item.outcomes[place]?.target.profile;
      return framesOf(outcome, captures[index] ?? null, isCompared ? (captures[place] ?? null) : null, hosts);
    });
    writeFileSync(join(folder, item.page), casePage(item, frames));
    item.outcomes.forEach(({ target }, index) => {
      const view = frames[index] ?? null;
      if (view !== null && 'steps' in view) {
        steps.push({ case: item.case.id, page: item.page, target: target.id, steps: view.steps });
      }
    });
  }
  writeFileSync(join(folder, 'index.html'), indexPage(data));
  writeFileSync(join(folder, 'pictures.html'), picturesPage(run, steps));
}

type Read = Capture | { readonly unreadable: string } | null;

function captureOf(capture: string | null, folder: string): Read {
  try {
    return capture === null ? null : readCapture(join(folder, capture));
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}

function framesOf(
  { target, result }: Outcome,
  capture: Read,
  reference: Read,
  hosts: ReadonlyMap<string, KnownHost>,
): Frames {
  if (capture === null || 'unreadable' in capture) {
    return capture;
  }
  const compared = reference === null || 'unreadable' in reference ? null : reference;
  return resultView(result, capture, compared, {
    hosts,
    director: isRealServer(target) ? english.realServer : english.director,
    profile: profileOfTarget(target),
  });
}

/** Ids of machines that are arranged as real servers begin so; all other targets are directors. */
const isRealServer = ({ id }: Outcome['target']): boolean => id.startsWith('server-');
