import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { cacheFolder, MANIFEST, programOnHost } from './find-kernel.ts';
import { isAlive } from './run-folder.ts';

/** The C library has to be the one that this machine's program loader belongs to. */
const NEVER_UNPACKED = new Set(['libc6']);
const TEMPORARY = '.new-';

/** Runs a program to its end; what it wrote, or the last of what it complained about. */
const run = (
  program: string,
  args: readonly string[],
): Promise<{ readonly output: string; readonly problem: string | null }> =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
    let [output, complaints] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.once('error', (error) => resolve({ output, problem: error.message }));
    child.once('close', (status) => {
      const lines = complaints
        .split('\n')
        .filter((line) => line.startsWith('E:') || line.startsWith('dpkg-deb: error'));
      resolve({
        output,
        problem:
          status === 0
            ? null
            : (lines[0] ?? complaints.trim().split('\n').at(-1) ?? `exit status ${status ?? 'unknown'}`),
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

/** Folders of runs that were killed. */
const sweep = (cache: string): void => {
  for (const name of readdirSync(cache)) {
    const pid = name.startsWith(TEMPORARY) ? Number(name.slice(TEMPORARY.length).split('-')[0]) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(cache, name), { recursive: true, force: true });
  }
};

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
  let folder: string;
  try {
    mkdirSync(cache, { recursive: true });
    sweep(cache);
    folder = mkdtempSync(join(cache, `${TEMPORARY}${process.pid}-`));
  } catch (error) {
    throw unsupported(names, `${(error as Error).message} (LVS_CONFORMANCE_CACHE names a folder that can be written)`);
  }
  try {
    const [apt, entry] = [join(folder, 'apt'), join(folder, 'entry')];
    const archives = join(apt, 'cache/archives');
    for (const part of [
      join(apt, 'state/lists/partial'),
      join(archives, 'partial'),
      join(apt, 'log'),
      join(entry, 'root'),
    ])
      mkdirSync(part, { recursive: true });
    const configuration = join(apt, 'apt.conf');
    writeFileSync(configuration, aptConfiguration(apt));

    progress('reading the package index');
    const update = await run('apt-get', ['-c', configuration, '-q', 'update']);
    progress(`downloading ${names.join(', ')}`);
    const install = await run('apt-get', [
      '-c',
      configuration,
      '-q',
      '-y',
      '--no-install-recommends',
      '--download-only',
      'install',
      ...names,
    ]);
    // A source that cannot be reached does not matter as long as the packages come from another one.
    if (install.problem !== null) throw unsupported(names, update.problem ?? install.problem);

    progress('unpacking');
    const packages: Record<string, string> = {};
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      const path = join(archives, file);
      const { output, problem } = await run('dpkg-deb', ['--show', '--showformat', '${Package} ${Version}', path]);
      const [name = '', version = ''] = output.trim().split(' ');
      if (problem === null && NEVER_UNPACKED.has(name)) continue;
      const unpacked = problem === null ? await run('dpkg-deb', ['-x', path, join(entry, 'root')]) : { problem };
      if (unpacked.problem !== null) throw unsupported(names, unpacked.problem);
      packages[name] = version;
    }
    writeFileSync(join(entry, MANIFEST), `${JSON.stringify(packages, null, 2)}\n`);
    const identity = createHash('sha256')
      .update(JSON.stringify(Object.entries(packages).sort()))
      .digest('hex')
      .slice(0, 16);
    try {
      renameSync(entry, join(cache, identity));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another run was first with the same packages.
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
