import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { MalformedInput } from '../../reference/errors.ts';
import type { Comparison } from '../compare-runs.ts';
import { browserScript } from './browser-script.ts';
import { comparePage } from './compare-page.ts';
import { pathLink } from './path-link.ts';
import { style } from './style.ts';

/** Writes a comparison as a page into a new folder. Throws MalformedInput where the folder holds something or cannot be written. */
export function writeComparison(comparison: Comparison, folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new MalformedInput(`${folder}: is not empty; choose another folder for the comparison`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    const { a, b } = comparison;
    const text = comparePage(comparison, { a: reportLink(a.name, folder), b: reportLink(b.name, folder) });
    writeFileSync(join(folder, 'style.css'), style);
    writeFileSync(join(folder, 'report.js'), browserScript([]));
    writeFileSync(join(folder, 'index.html'), text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedInput(`${folder}: cannot be written (${reason}); choose a folder that may be written to`);
  }
}

/** From the page to the folder of a run's report, if the run lies beside one. */
function reportLink(run: string, folder: string): string | null {
  const report = existsSync(join(run, 'index.html')) ? run : dirname(run);
  return existsSync(join(report, 'cases')) ? pathLink(relative(resolve(folder), resolve(report))) : null;
}
