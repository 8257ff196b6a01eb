import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../conformance/harness/run.ts';
import { createOwnFolder, removeOwnFolder } from '../conformance/targets/kernel/own-folders.ts';
import { MalformedInput } from '../reference/errors.ts';
import { knownHosts } from './html/known-hosts.ts';
import { writeHtml } from './html/write-html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { tap } from './tap.ts';

/** What a run leaves in its folder. `run.json` is last: a folder is taken for an earlier run's by it. */
const ENTRIES = [
  'captures',
  'cases',
  'style.css',
  'report.js',
  'pictures.html',
  'results.tap',
  'junit.xml',
  'index.html',
  'run.json',
] as const;

/**
 * The folder of a run's reports. All is made in a folder inside it, and takes the place of an earlier run's reports only when it is
 * complete: nothing is mixed, nothing is left half written, and other files in the folder are not touched. What a run could not finish
 * that was killed is removed by the next.
 */
export class ReportFolder {
  readonly path: string;
  /** Where the captures of the run are to be written, as `captures/TARGET/CASE.pcapng` below it. */
  readonly staging: string;
  readonly #created: boolean;

  /** Throws MalformedInput where the folder cannot be used. */
  constructor(path: string) {
    this.path = path;
    this.#created = !existsSync(path);
    this.staging = writing(path, () => {
      requireOurs(path);
      mkdirSync(path, { recursive: true });
      return createOwnFolder(path, '.unfinished-');
    });
  }

  /** Writes all reports and puts them in place. Throws MalformedInput, as on a full disk. */
  publish(run: Run): void {
    writing(this.path, () => {
      writeHtml(run, this.staging, knownHosts());
      writeFileSync(join(this.staging, 'results.tap'), tap(run));
      writeFileSync(join(this.staging, 'junit.xml'), junit(run));
      writeFileSync(join(this.staging, 'run.json'), json(run));
      const old = mkdtempSync(join(this.staging, 'old-'));
      for (const entry of ENTRIES) {
        const place = join(this.path, entry);
        if (existsSync(place)) {
          renameSync(place, join(old, entry));
        }
        if (existsSync(join(this.staging, entry))) {
          renameSync(join(this.staging, entry), place);
        }
      }
      removeOwnFolder(this.staging);
    });
  }

  /** Leaves the folder as it was. */
  discard(): void {
    removeOwnFolder(this.staging);
    if (this.#created && readdirSync(this.path).length === 0) {
      rmdirSync(this.path);
    }
  }
}

/** A folder that holds things of these names which are not ours must not lose them. */
function requireOurs(path: string): void {
  if (existsSync(path) && !statSync(path).isDirectory()) {
    throw new MalformedInput(`${path}: is not a folder; choose a folder for the reports`);
  }
  const taken = ENTRIES.find((entry) => existsSync(join(path, entry)));
  if (taken !== undefined && !isRun(join(path, 'run.json'))) {
    throw new MalformedInput(`${path}: holds ${taken}, which is not of an earlier run; choose another folder`);
  }
}

function isRun(path: string): boolean {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as { readonly tool?: { readonly name?: unknown } } | null;
    return parsed?.tool?.name === 'lvs-conformance';
  } catch {
    return false;
  }
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new MalformedInput(
        `${path}: cannot be written (${error.message}); choose a folder that may be written to and has room`,
      );
    }
    throw error;
  }
}
