import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { cacheFolder, MANIFEST, programOnHost } from './find-kernel.ts';
import { createOwnFolder, removeOwnFolder } from './own-folders.ts';

/** The C library has to be the one that this machine's program loader belongs to. */
const NEVER_UNPACKED = new Set(['libc6']);
const TEMPORARY = '.new-';

interface Outcome {
  readonly output: string;
  /** Null where all went well, else the first error, or the last of what was said. */
  readonly problem: string | null;
  /** What did not go well, though it was no error. */
  readonly warning: string | null;
}

/** Runs a program of apt or dpkg to its end. */
const run = (program: string, args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
    let [output, complaints] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.once('error', ({ message }) => resolve({ output, problem: message, warning: null }));
    child.once('close', (status) => {
      const lines = complaints.split('\n').filter((line) => line.trim() !== '');
      const error = lines.find((line) => /^(E:|dpkg-deb: error)/.test(line)) ?? lines.at(-1);
      resolve({
        output,
        problem: status === 0 ? null : (error ?? `${program}: exit status ${status ?? 'unknown'}`),
        warning: lines.find((line) => line.startsWith('W: Failed')) ?? null,
      });
    });
  });

/**
 * An apt that keeps everything in one folder and needs no root. The machine's sources, keys and proxy settings hold; its hooks, which
 * may touch the machine's own package cache, do not.
 */
const aptConfiguration = (folder: string): string =>
  [
    `Dir::State "${folder}/state";`,
    'Dir::State::status "/var/lib/dpkg/status";',
    `Dir::Cache "${folder}/cache";`,
    `Dir::Log "${folder}/log";`,
    'Debug::NoLocking "true";',
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    ...[
      'APT::Update::Pre-Invoke',
      'APT::Update::Post-Invoke',
      'APT::Update::Post-Invoke-Success',
      'DPkg::Pre-Invoke',
      'DPkg::Post-Invoke',
    ].map((hook) => `#clear ${hook};`),
    '',
  ].join('\n');

const unsupported = (names: readonly string[], why: string): UnsupportedFeature =>
  new UnsupportedFeature(
    `${names.join(', ')} cannot be downloaded: ${why.replaceAll('\n', ' ')}; mend that, or install by hand: apt-get install ${names.join(' ')}`,
  );

/**
 * Downloads packages with what this machine lacks of their dependencies and unpacks them as a new entry of the cache. The entry appears
 * whole or not at all; two runs side by side each make their own, and one of the two stays.
 * @throws {UnsupportedFeature} one line with the reason and the mend
 */
export const downloadPackages = async (names: readonly string[], progress: (line: string) => void): Promise<void> => {
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (programOnHost(program) === null) throw unsupported(names, `this machine has no ${program}`);
  }
  const cache = cacheFolder();
  let folder: string | null = null;
  try {
    mkdirSync(cache, { recursive: true });
    folder = createOwnFolder(cache, TEMPORARY);
    const [apt, entry] = [join(folder, 'apt'), join(folder, 'entry')];
    const archives = await downloadArchives(names, apt, progress);
    progress('unpacking');
    const packages = await unpackArchives(names, archives, join(entry, 'root'));
    writeFileSync(join(entry, MANIFEST), `${JSON.stringify(packages, null, 2)}\n`);
    publish(entry, join(cache, identityOf(packages)));
  } catch (error) {
    // A disk that is full, a folder that cannot be written.
    const isSystems = error instanceof Error && 'syscall' in error;
    if (!isSystems) throw error;
    throw unsupported(names, `${error.message} (LVS_CONFORMANCE_CACHE names another folder for what is downloaded)`);
  } finally {
    if (folder !== null) removeOwnFolder(folder);
  }
};

/** Fills `folder` with an apt of its own; answers the folder with the packages. */
const downloadArchives = async (
  names: readonly string[],
  folder: string,
  progress: (line: string) => void,
): Promise<string> => {
  const archives = join(folder, 'cache/archives');
  for (const part of [join(folder, 'state/lists/partial'), join(archives, 'partial'), join(folder, 'log')]) {
    mkdirSync(part, { recursive: true });
  }
  const configuration = join(folder, 'apt.conf');
  writeFileSync(configuration, aptConfiguration(folder));
  const aptGet = (...args: readonly string[]): Promise<Outcome> => run('apt-get', ['-c', configuration, '-q', ...args]);
  progress('reading the package index');
  const update = await aptGet('update');
  progress(`downloading ${names.join(', ')}`);
  const install = await aptGet('-y', '--no-install-recommends', '--download-only', 'install', ...names);
  // A source that cannot be reached does not matter as long as the packages come from another one.
  if (install.problem !== null) {
    const cause = update.problem ?? update.warning;
    throw unsupported(names, cause === null ? install.problem : `${install.problem} (${cause})`);
  }
  return archives;
};

/** Answers the versions of what was unpacked, by package. */
const unpackArchives = async (
  names: readonly string[],
  archives: string,
  root: string,
): Promise<Record<string, string>> => {
  mkdirSync(root, { recursive: true });
  const packages: Record<string, string> = {};
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const path = join(archives, file);
    const shown = await run('dpkg-deb', ['--show', '--showformat', '${Package} ${Version}', path]);
    const [name = '', version = ''] = shown.output.trim().split(' ');
    if (shown.problem === null && NEVER_UNPACKED.has(name)) continue;
    const problem = shown.problem ?? (await run('dpkg-deb', ['-x', path, root])).problem;
    if (problem !== null) throw unsupported(names, problem);
    packages[name] = version;
  }
  return packages;
};

/** Names an entry of the cache after what is in it, so that two runs with the same packages make the same one. */
const identityOf = (packages: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(packages).sort()))
    .digest('hex')
    .slice(0, 16);

const publish = (entry: string, place: string): void => {
  try {
    renameSync(entry, place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another run was first with the same packages.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
};
